"""The procedures that join stages, one a file."""
