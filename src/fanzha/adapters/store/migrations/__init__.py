"""The schema's history; each revision is frozen once a release carries it."""
