"""Takes rows of durable work and does them."""

LARGE = "--large"
"""The argument of a worker that takes large work too."""
SHORT = "--short"
"""The argument of the worker that does short work in batches, and the house's own rounds; it imports nothing."""
