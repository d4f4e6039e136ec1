"""Takes rows of durable work and does them."""

LARGE = "--large"
"""The argument of a worker that takes large work too."""
FIRST = "--first"
"""The argument of the one worker for first rounds of reports, stops on their way, clocks; but for those that
keep free for layers, all others give way to it."""
SHORT = "--short"
"""The argument of a worker that does other short work in batches, and the house's own rounds; it imports nothing."""
LAYERS = "--layers"
"""The argument of such workers, where there are several, that do only what the next layer's stops wait for."""
SPARE = "--spare"
"""The argument of the others: they do all else, and help with that where it waits."""
