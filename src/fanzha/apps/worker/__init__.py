"""Takes rows of durable work and does them."""

LARGE = "--large"
"""The argument of a worker that takes large work too."""
