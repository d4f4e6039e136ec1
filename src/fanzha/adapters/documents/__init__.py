"""Papers of the house as files: reports, pictures, workbooks, graphs, entities."""
