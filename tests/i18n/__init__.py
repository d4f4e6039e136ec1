"""Tests of the catalogues' reading."""
