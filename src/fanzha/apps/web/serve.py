"""A web process: the console on a socket that its supervisor listens on."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from socket import socket

import uvicorn

from fanzha.apps.following import follow_clock
from fanzha.apps.processes import await_sign, end_with_parent, give_sign
from fanzha.apps.web.app import create_app
from fanzha.apps.web.console_data import console_data, way_in
from fanzha.apps.web.settings import WebSettings
from fanzha.settings import Settings
from fanzha.wiring.house import House, open_house
from fanzha.wiring.rehearsing import rehearse_case

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def web_settings(house: House) -> WebSettings:
    """What the console is told of this installation."""
    settings = house.settings
    uploads = house.uploads
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    return WebSettings(
        uploads=Path(uploads),
        hosts=LOOPBACK | {settings.web_host, *settings.web_hosts},
        secure_cookies=bool(settings.web_hosts),
        language=settings.lang or "zh",
        institution_calls=settings.institution_calls,
    )


class _Console(uvicorn.Server):
    """A server that says when it answers, and only then loads what a case's pages will need."""

    def __init__(self, config: uvicorn.Config, answering: Callable[[], None]) -> None:
        super().__init__(config)
        self._answering = answering

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Open the doors."""
        await super().startup(sockets)
        self._answering()
        threading.Thread(target=rehearse_case, name="rehearsal", daemon=True).start()


def main() -> None:
    """Serve the console until asked to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)  # where callers come in
    parser.add_argument("--after", type=int, required=True)  # the sign that the house stands
    parser.add_argument("--say", type=int, required=True)  # the sign that the console answers
    given = parser.parse_args()
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    await_sign(given.after)
    ended = threading.Event()
    with open_house(Settings()) as house:
        follow_clock(house, ended)
        app = create_app(console_data(house), way_in(house), web_settings(house), house.wall)
        config = uvicorn.Config(
            app,
            fd=given.fd,
            log_level="warning",
            access_log=False,
            server_header=False,
            # Who calls is believed only from a proxy that an operator told us of: log-in tries are counted by it.
            proxy_headers=bool(house.settings.web_hosts),
            timeout_graceful_shutdown=3,
        )
        _Console(config, lambda: give_sign(given.say)).run()
        ended.set()


if __name__ == "__main__":
    main()
