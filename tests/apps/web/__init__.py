"""The console, driven over HTTP and in a browser."""
