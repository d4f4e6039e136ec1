"""What stands between a browser and the pages: hosts, origins, headers, sessions, tokens, rates."""
