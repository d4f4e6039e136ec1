"""Takes rows of durable work and does them."""
