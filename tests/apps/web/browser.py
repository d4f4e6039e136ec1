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


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the application answers while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def complaints(page: Any) -> list[str]:
    """What axe-core finds on the page: rule and place."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]
