"""How rows of real statement files become clean rows: formats, recognition, cleaning."""
