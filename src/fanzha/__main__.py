"""`python -m fanzha` is the program `fanzha`."""

from fanzha.apps.cli.main import main

if __name__ == "__main__":
    main()
