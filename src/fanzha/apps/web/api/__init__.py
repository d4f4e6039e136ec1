"""The same reads as JSON."""
