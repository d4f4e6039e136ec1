"""Papers of the house as files: workbooks, graphs, entities."""
