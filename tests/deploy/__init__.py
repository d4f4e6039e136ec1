"""Tests of what makes an installation."""
