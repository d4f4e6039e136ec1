"""The picture of a trace: accounts by layer from left to right, and the money between them."""
