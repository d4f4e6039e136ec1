"""Identifiers people and machines are known by: clean, check, mask and show, one small file a kind."""
