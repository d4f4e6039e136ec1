"""The parts every page reaches through its request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from fanzha.apps.web.ports import ConsoleData, Doors
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.throttle import Throttle
from fanzha.kernel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What a running console is made of."""

    data: ConsoleData
    doors: Doors
    settings: WebSettings
    wall: Clock
    log_ins: Throttle
    searches: Throttle
    calls: Throttle


def console_of(request: Request) -> Console:
    """The console that serves this request."""
    return cast(Console, request.app.state.console)
