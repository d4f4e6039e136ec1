"""Benches: what they read and compare lives here, outside the installed program."""
