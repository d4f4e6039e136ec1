"""Ways in which money moved that people of the trade have a name for, found in a case's movements alone."""
