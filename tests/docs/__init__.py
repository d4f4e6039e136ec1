"""Tests that documents tell the truth."""
