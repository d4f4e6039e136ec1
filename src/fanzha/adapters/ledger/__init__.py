"""Evidence on disk: originals, imported rows and results, each sealed with a key that can die."""
