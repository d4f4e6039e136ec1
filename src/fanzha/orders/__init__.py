"""Orders: what restricts or asks, its effect in law, its way to an institution, its clocks; pure."""
