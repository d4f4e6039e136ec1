"""One file a page or a group of pages: ask the data, lay out, answer."""
