"""Where the money went: movements, attribution, frontier, flow graph."""
