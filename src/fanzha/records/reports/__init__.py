"""What reporters say in words, read for what an order needs; every finding tells where it stood and how sure it is."""
