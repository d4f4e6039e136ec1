"""The programs people run: web, worker, command line."""
