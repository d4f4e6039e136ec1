"""What institutions and the centre say to each other: messages, national codes, JSON, signatures; all pure."""
