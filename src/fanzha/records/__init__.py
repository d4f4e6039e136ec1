"""What arrives: events, reports, statements; and what is wrong with a batch."""
