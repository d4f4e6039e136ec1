"""One machine's processes: a supervisor that keeps web and worker alive, and children that end with it."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from fanzha.kernel.errors import Unavailable

STARTED_BY = "FANZHA_STARTED_BY"
"""Environment variable: the process that started this one."""

WATCH_SECONDS = 0.5
RESTARTS = 20
"""A child that ends by itself is started again so often; then something is wrong that a person must see."""
NICENESS = 10
"""A process that gives way has about a tenth of what one that does not has, while both want the same core."""
NICENESS_OF_SHORT = 5
"""One that gives way to first stops and to what the next layer waits for, and not to imports, has about a third."""
STEADY_SECONDS = 20.0
"""A child that ran so long had begun well: what ended it counts anew, or a bad night a year would stop the house."""


class Sign:
    """Something that one process waits for and another brings about, once and for good: a byte in a pipe."""

    def __init__(self) -> None:
        self.awaited, self.given = os.pipe()

    def give(self) -> None:
        """Let everybody go on who waits, now or later."""
        give_sign(self.given)

    def wait(self, seconds: float) -> bool:
        """Whether it was given within so many seconds."""
        return bool(select.select([self.awaited], [], [], seconds)[0])


def give_sign(descriptor: int) -> None:
    """Give the sign whose end a process was handed."""
    os.write(descriptor, b".")


def await_sign(descriptor: int) -> None:
    """Wait for the sign whose end a process was handed; the byte stays for whoever waits after a restart."""
    select.select([descriptor], [], [])


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of ours: the module it runs and the descriptors it inherits."""

    module: str
    arguments: Sequence[str] = ()
    descriptors: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)
    starts: int = 0
    started: float = 0.0

    def start(self) -> None:
        """Run it, as if for the first time; a start after a kill is none more: who was killed did not end by itself."""
        now = time.monotonic()
        if now - self.started >= STEADY_SECONDS:
            self.starts = 0
        self.starts += not self.was_killed()
        self.started = now
        command = [sys.executable, "-m", "fanzha.apps.start", self.module, *self.arguments]
        self.process = subprocess.Popen(  # noqa: S603
            command,
            pass_fds=tuple(self.descriptors),
            start_new_session=True,
            env={**os.environ, STARTED_BY: str(os.getpid())},
        )

    def has_ended(self) -> bool:
        """Whether it is not running now."""
        return self.process is None or self.process.poll() is not None

    def was_killed(self) -> bool:
        """Whether somebody ended it at once from outside: an operator, or a system short of memory."""
        return self.process is not None and self.process.poll() == -signal.SIGKILL

    def ask_to_end(self) -> None:
        """Let it end what it is doing; asking twice does no harm."""
        if self.process is not None and not self.has_ended():
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to end, wait, and end it."""
        if self.process is None or self.has_ended():
            return
        self.ask_to_end()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that children inherit, so that a restart loses no caller; a taken port gives a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0):
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, wanted))
        except OSError:
            opened.close()
            continue
        opened.listen(256)
        opened.set_inheritable(True)
        return opened
    raise Unavailable("serve.cannot_listen", host=host, port=port)


def supervise(children: Sequence[Child], tend: Callable[[], None] = lambda: None) -> None:
    """Keep the children running, those that run already too, until this process is asked to end.

    `tend` looks after what is no child of ours: the database.
    """
    ending = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        ending.set()

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)
    try:
        for child in children:
            if child.has_ended():
                child.start()
        while not ending.wait(WATCH_SECONDS):
            tend()
            _restart_ended(children)
    finally:
        for child in children:
            child.ask_to_end()
        for child in children:
            child.stop()


def _restart_ended(children: Sequence[Child]) -> None:
    for child in children:
        if not child.has_ended():
            continue
        if child.starts > RESTARTS:
            raise Unavailable("serve.child_keeps_ending", module=child.module)
        child.start()


def give_way(niceness: int = NICENESS) -> None:
    """Let the other processes of the house go first; what they leave of the machine this one and its children have."""
    os.nice(niceness)
    if os.getsid(0) == os.getpid():  # where the kernel shares by session, one of its own gives way, never another's
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness), "ascii")


def end_with_parent(stop: Callable[[], None]) -> None:
    """Call `stop` when the process that started this one is gone, so that a killed supervisor leaves nobody behind.

    It tells its number: it may be gone before this process has loaded enough to ask who its parent is.
    """
    parent = int(os.environ.get(STARTED_BY) or os.getppid())

    def watch() -> None:
        alone = threading.Event()
        while os.getppid() == parent:
            alone.wait(WATCH_SECONDS)
        stop()

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
