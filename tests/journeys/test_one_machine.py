"""The whole house on one machine: `fanzha serve` answers at the address it prints, works, and leaves nobody behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from fanzha.adapters.store.work import find_work
from fanzha.wiring.uploads import enqueue_import
from tests.journeys.processes import Scene, scene
from tests.wiring.statement import written

__all__ = ["scene"]
PATIENCE_SECONDS = 300.0


@contextmanager
def served(scene: Scene) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The running supervisor, the console's address and a link into it."""
    command = [sys.executable, "-m", "fanzha", "--lang", "en", "serve"]
    environment = {**scene.environment(), "FANZHA_WEB_PORT": "0"}
    house = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert house.stdout is not None
    impatience = threading.Timer(PATIENCE_SECONDS, house.kill)  # of one that neither ends nor says a word
    impatience.start()
    try:
        told = ""
        while "/enter/" not in told:
            line = house.stdout.readline()
            assert line, told
            told += line
        address, link = re.search(r"http://\S+:\d+", told), re.search(r"http://\S+/enter/\S+", told)
        assert address and link
        impatience.cancel()
        yield house, address[0], link[0]
    finally:
        impatience.cancel()
        house.kill()
        house.wait(PATIENCE_SECONDS)
        house.stdout.close()


def processes_of(group: int) -> list[int]:
    """Who still runs of the processes that a supervisor started: each leads a session of its own."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(each.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == group:
            found.append(int(each.parent.name))
    return found


def is_over(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for_all_to_end(processes: list[int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not all(is_over(each) for each in processes):
        assert time.monotonic() < until, processes
        time.sleep(0.05)


def test_the_house_answers_where_it_says_does_its_work_and_ends_when_asked(scene: Scene, tmp_path: Path) -> None:
    with served(scene) as (house, address, link):
        assert httpx.get(f"{address}/login", timeout=PATIENCE_SECONDS).status_code == 200
        entered = httpx.get(link, timeout=PATIENCE_SECONDS)
        assert entered.status_code == 200, entered.status_code
        wanted = enqueue_import(
            scene.house, scene.person, scene.case.ref, [("a.csv", written(tmp_path, "a.csv", "12.00"))]
        )
        until = time.monotonic() + PATIENCE_SECONDS
        state = ""
        while state != "done":
            assert time.monotonic() < until, state
            with scene.house.act_as_house() as connection:
                state = find_work(connection, wanted).state
            time.sleep(0.1)
        children = processes_of(house.pid)
        house.send_signal(signal.SIGTERM)
        assert house.wait(PATIENCE_SECONDS) == 0
        wait_for_all_to_end(children)


def test_a_killed_house_leaves_nobody_behind(scene: Scene) -> None:
    with served(scene) as (house, address, _):
        assert httpx.get(f"{address}/login", timeout=PATIENCE_SECONDS).status_code == 200
        children = processes_of(house.pid)
        assert len(children) >= 1
        os.kill(house.pid, signal.SIGKILL)
        wait_for_all_to_end(children)
