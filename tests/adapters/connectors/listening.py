"""The test bank on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.adapters.connectors.bank import Bank


class _Handler(BaseHTTPRequestHandler):
    """The test bank on a real socket."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        bank: Bank = self.server.bank  # type: ignore[attr-defined]
        url = f"http://{self.headers['host']}{self.path}"
        told = bank.handle(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
        self.send_response(told.status_code)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.content)

    do_GET = do_POST = answer

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def listening(bank: Bank) -> Iterator[str]:
    """The bank's address for as long as it listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.bank = bank  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(60)
        assert not thread.is_alive(), "the bank goes on listening"
        server.server_close()
