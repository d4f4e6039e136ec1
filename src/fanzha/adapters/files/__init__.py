"""Archives and spreadsheets become rows of text."""
