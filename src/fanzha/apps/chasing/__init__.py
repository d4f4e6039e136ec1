"""What the chase holds, judged over thousands of simulated incidents: the house's own decisions, kept in memory."""
