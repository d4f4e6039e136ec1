"""A console on a real socket, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"


def require_browser() -> str:
    """The browser's path; without one the tests are skipped with a line, unless that is forbidden."""
    if CHROMIUM:
        return CHROMIUM
    if os.environ.get("FANZHA_REQUIRE_BROWSER") == "1":
        pytest.fail("FANZHA_REQUIRE_BROWSER=1 and no Chromium is installed")
    sys.stderr.write("no Chromium here: browser tests are skipped\n")
    pytest.skip("no Chromium")


class Served:
    """An application behind one address, where its server can be ended and started again."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.start()

    def start(self) -> None:
        """Answer from now on."""
        config = uvicorn.Config(self._app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        told = {"sockets": [self._listener.dup()]}  # a server closes what it was given
        self._thread = threading.Thread(target=self._server.run, kwargs=told, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody until started again; who was connected is cut off."""
        self._server.should_exit = True
        self._thread.join(10)

    def close(self) -> None:
        """Give the address back."""
        self.stop()
        self._listener.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the application answers while the block runs."""
    house = Served(app)
    try:
        yield house.address
    finally:
        house.close()


def complaints(page: Any) -> list[str]:
    """What axe-core finds on the page: rule and place."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]
