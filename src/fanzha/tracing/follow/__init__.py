"""Where money went from a payment, and where it came from: every fen by a stated rule, within a horizon and a floor."""
