"""Sealed evidence: originals and cleaned rows, encrypted with a key per import."""
