"""A console in a process of its own, over invented data, for tests that end it and start it again."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import uvicorn

from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from tests.apps.web.synthetic import SyntheticData, SyntheticDoors

TOKEN = "a-session-that-outlives-the-process"


def main() -> None:
    """Answer on an inherited socket until asked to end."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--fd", type=int, required=True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(SyntheticData(), SyntheticDoors(sessions={TOKEN: True}), WebSettings(uploads=Path(folder)))
        config = uvicorn.Config(
            app, fd=asked.parse_args().fd, log_level="error", access_log=False, timeout_graceful_shutdown=1
        )
        uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
