"""Cases: what evidence and people hang on, from the first report to the end of its keeping."""
