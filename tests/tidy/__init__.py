"""Tests that read the source: each law of the house that can be checked has its checker here."""
