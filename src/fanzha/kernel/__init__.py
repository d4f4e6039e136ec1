"""The words every part of the house speaks."""
