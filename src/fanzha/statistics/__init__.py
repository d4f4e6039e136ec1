"""Figures that a commander steers by: each one defined once, each with the records that make it."""
