"""How requests reach institutions and answers come back: over HTTP, by a folder both sides read."""
