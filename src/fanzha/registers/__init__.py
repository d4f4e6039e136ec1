"""What we know: institutions today; accounts, numbers, sites and lists when they come."""
