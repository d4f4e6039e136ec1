"""Fanzha, an open anti-fraud centre."""
