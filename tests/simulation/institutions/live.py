"""A simulated institution as a process of its own, and a centre that only listens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep

import httpx

from fanzha.adapters.connectors.http import HttpConnector, http_line
from fanzha.apps.processes import listen
from fanzha.kernel.clock import WallClock
from fanzha.protocol.answer import Answer, Receipt
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.messages import ClockReading, Push
from fanzha.protocol.signing import Envelope, seal, verify
from fanzha.protocol.wire import canonical, read
from fanzha.registers.institutions import Institution
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.door import ARRIVALS
from fanzha.simulation.institutions.folder import Plan, own_key, public_half, write_plan
from fanzha.simulation.institutions.setup import Profile, Setup, profile_of
from tests.simulation.making import BEGAN, setup

CENTRE_KEY = SigningKey(key_id="centre-1", private=bytes(range(1, 33)))
PASS_WORD = "exercise-only"
LONG = 60.0
"""Seconds after which something that never happens fails a test; nothing waits so long otherwise."""


@dataclass(slots=True)
class ListeningCentre:
    """The centre's addresses for institutions, on a loopback socket: it keeps what comes and signs what it says."""

    key: SigningKey = CENTRE_KEY
    speed_percent: int = 100
    deaf: bool = False
    began: datetime = BEGAN
    clock_reads: int = 0
    heard: list[Answer | Push] = field(default_factory=list)
    keys: list[PublicKey] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        centre = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wall = WallClock().now()
                centre.clock_reads += 1
                now = centre.began + (wall - centre_began) * (centre.speed_percent / 100)
                centre._say(
                    self, ClockReading(now=now, wall=wall, speed_percent=centre.speed_percent, exercise=True), 200
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answers = self.path.endswith("answers")
                message: Answer | Push = read(Answer, body) if answers else read(Push, body)
                if centre.deaf:
                    self.close_connection = True
                    return
                centre.heard.append(message)
                named = message.answer_id if isinstance(message, Answer) else message.push_id
                centre._say(self, Receipt(message_id=named, received_at=BEGAN, repeated=False), 202, body)

            def log_message(self, *told: object) -> None:
                """Say nothing."""

        centre_began = WallClock().now()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def _say(self, handler: BaseHTTPRequestHandler, message: object, status: int, body: bytes = b"") -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        call = Envelope(
            method=handler.command, authority=headers["host"], path=handler.path, headers=headers, body=body
        )
        wall = WallClock()
        if self.keys:
            verify(call, self.keys, wall.now(), timedelta(minutes=1))
        told = canonical(message)
        answer = Envelope(status=status, body=told, request=call)
        handler.send_response(status)
        for name, value in seal(answer, self.key, wall.now(), os.urandom(16).hex()).items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(told)))
        handler.end_headers()
        handler.wfile.write(told)


@dataclass(slots=True)
class LiveInstitution:
    """A process of an institution on a socket that stays, so that it can be killed and started again."""

    folder: Path
    plan: Plan
    listener: socket.socket
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def profile(self) -> Institution:
        """What the house knows of it."""
        key = public_half(own_key(self.folder, self.plan.setup.id), BEGAN.replace(year=2020))
        return profile_of(self.plan.setup, self.address, key)

    def start(self) -> None:
        """Run it."""
        told = [f"--folder={self.folder}", f"--fd={self.listener.fileno()}"]
        command = [sys.executable, "-m", "fanzha.apps.start", "fanzha.apps.simulated", *told]
        self.process = subprocess.Popen(command, pass_fds=[self.listener.fileno()])

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LONG)

    def arrange(self, arrival: Arrival) -> int:
        """Open accounts or plan payments; the status."""
        headers = {"authorization": f"Bearer {self.plan.pass_word}"}
        return httpx.post(
            self.address + ARRIVALS, content=canonical(arrival), headers=headers, timeout=LONG, trust_env=False
        ).status_code

    def line(self, key: SigningKey = CENTRE_KEY, way: httpx.BaseTransport | None = None) -> HttpConnector:
        """The house's own way to it."""
        return HttpConnector(institution=self.profile, key=lambda: key, wall=WallClock(), line=way or http_line())

    def close(self) -> None:
        """Kill it and let the socket go."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.listener.close()


def live(folder: Path, centre: ListeningCentre | None = None, told: Setup | None = None) -> LiveInstitution:
    """An institution of a folder, not started yet."""
    public = PublicKey(key_id=CENTRE_KEY.key_id, public=CENTRE_KEY.public, since=BEGAN.replace(year=2020))
    plan = Plan(
        setup=told or setup(profile=Profile.PROMPT),
        seed=7,
        pass_word=PASS_WORD,
        centre=centre.address if centre else None,
        centre_keys=(public,),
    )
    write_plan(folder, plan)
    institution = LiveInstitution(folder, plan, listen("127.0.0.1", 0))
    if centre is not None:
        centre.keys.extend(institution.profile.keys)
    return institution


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, however slow the machine."""
    ends = monotonic() + LONG
    while not holds():
        assert monotonic() < ends, "it never came to hold"
        sleep(0.01)
