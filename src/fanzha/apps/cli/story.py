"""`fanzha story NAME`: a story of the desk, played to its end in a house of its own; `fanzha story list` names them."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from fanzha.apps.cli.commands import argument, command, option, verb
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.output import Format, give, plain
from fanzha.apps.stories.book import BOOK, told
from fanzha.apps.stories.telling import Event, Told
from fanzha.i18n import text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import yuan_text

app = verb()
LIST = "list"
LONGEST_PAUSE_SECONDS = 10.0
LINE = ("story", "title")
FACT = ("fact", "value", "unit", "aim_op", "aim", "holds")


@command(app, "story")
def story(
    name: Annotated[str, argument("story.name", metavar="NAME|list")],
    speed: Annotated[float, option("story.speed", "--speed", metavar="N")] = 0,
    as_json: Annotated[bool, option("story.json", "--json")] = False,
) -> None:
    """Play a story and tell it; ends with 8 when it does not come to what it promises."""
    if name == LIST:
        told_names = [{"story": each, "title": text(chosen(), f"stories.title.{each}")} for each in BOOK]
        give(told_names, LINE, Format.JSON if as_json else Format.TABLE)
        return
    if speed < 0:
        raise Invalid("cli.bad_parameter", name="--speed", expected=">= 0")
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _ended)
    found = told(name)
    if as_json:
        sys.stdout.write(json.dumps(as_object(found), ensure_ascii=False, indent=2, default=plain) + "\n")
    else:
        _tell(found.events, speed)
        give([_fact(found, each) for each in range(len(found.facts))], FACT)
    if not found.holds:
        raise typer.Exit(DOES_NOT_HOLD)


def as_object(found: Told) -> dict[str, object]:
    """The story as programs read it (house section 9)."""
    return {
        "name": found.name,
        "events": [{"time": each.at, "what": what(each)} for each in found.events],
        "facts": [
            {
                "name": each.name,
                "value": each.value,
                "unit": each.unit,
                "aim": each.aim,
                "aim_op": None if each.aim is None else each.aim_op,
                "holds": None if each.aim is None else each.holds,
            }
            for each in found.facts
        ],
        "holds": found.holds,
    }


def what(event: Event) -> str:
    """What happened, as a sentence."""
    fields = {
        name: yuan_text(value) if name == "fen" and isinstance(value, int) else value
        for name, value in event.fields.items()
    }
    return text(chosen(), f"stories.event.{event.code}", **fields)


def line(event: Event) -> str:
    """What happened when, as a line."""
    return f"{event.at.astimezone(SHANGHAI):%m-%d %H:%M:%S}  {what(event)}"


def _ended(number: int, frame: FrameType | None) -> None:
    """Leave as by Ctrl+C, so that the story's house is taken down: its database ends, its folder goes."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _tell(events: Sequence[Event], speed: float) -> None:
    """Each event on a line; with a speed, after as long a pause as the story made, so many times faster."""
    before = None
    for each in events:
        if speed and before is not None:
            time.sleep(min(LONGEST_PAUSE_SECONDS, (each.at - before).total_seconds() / speed))
        before = each.at
        sys.stdout.write(line(each) + "\n")
        sys.stdout.flush()


def _fact(found: Told, place: int) -> dict[str, object]:
    each = found.facts[place]
    is_money = each.unit == "fen"
    return {
        "fact": text(chosen(), f"stories.fact.{each.name}"),
        "value": yuan_text(int(each.value)) if is_money else each.value,
        "unit": "" if is_money else each.unit,
        "aim_op": "" if each.aim is None else each.aim_op,
        "aim": "" if each.aim is None else yuan_text(int(each.aim)) if is_money else each.aim,
        "holds": None if each.aim is None else each.holds,
    }
