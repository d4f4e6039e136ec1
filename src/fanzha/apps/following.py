"""A process that goes on for long follows the business clock, which an exercise moves while the house works."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fanzha.wiring.house import House

FOLLOW_SECONDS = 1.0
"""So long a process may still go by the clock as it was before somebody moved it."""

_log = structlog.get_logger()


def follow_clock(house: House, ending: threading.Event) -> threading.Thread | None:
    """Read the clock of an exercise again and again until `ending`, in a thread of its own; a live one never moves."""
    if house.instance.birth != "exercise":
        return None
    thread = threading.Thread(target=_follow, args=(house, ending), name="clock", daemon=True)
    thread.start()
    return thread


def _follow(house: House, ending: threading.Event) -> None:
    while not ending.wait(FOLLOW_SECONDS):
        try:
            house.follow_clock()
        except SQLAlchemyError as failure:  # the database is coming back; the clock as last read goes on meanwhile
            _log.warning("clock.unread", kind=type(failure).__name__)
