"""`fanzha work …`: every row of background work, and what a person can do about one that does not come to its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fanzha.adapters.store.work import Work
from fanzha.adapters.store.work_handling import STATES, Wished
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.i18n import catalogue, text
from fanzha.kernel.errors import FanzhaError, NotFound
from fanzha.wiring.handling import About, cancel, hand, listed, retry, shown
from fanzha.wiring.house import operator

app = noun("work")

LINE = ("id", "kind", "about", "state", "unit", "case", "due_at", "tries", "handler", "error")
Form = Annotated[Format, option("format.help", "--format")]
Id = Annotated[str, argument("work.id", metavar="ID")]
Reason = Annotated[str, option("words.reason", "--reason")]


class State(StrEnum):
    """What a row can be."""

    STUCK = "stuck"
    RUNNING = "running"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    DONE = "done"


@command(app, "work.list")
def list_(
    state: Annotated[State | None, option("work.list.state", "--state")] = None,
    kind: Annotated[str, option("work.list.kind", "--kind")] = "",
    limit: Annotated[int, option("work.list.limit", "--limit")] = 50,
    form: Form = Format.TABLE,
) -> None:
    """Rows of work, those first that wait for a person."""
    wished = Wished(states=(state.value,) if state else STATES, kind=kind, limit=max(1, min(limit, 10_000)))
    with opened_house() as house:
        _, found = listed(house, operator(), wished)
    give([_line(*each) for each in found], LINE, form)


@command(app, "work.show")
def show(work: Id, form: Form = Format.TABLE) -> None:
    """One row, why it stands, and what people did about it."""
    with opened_house() as house:
        found = shown(house, operator(), _id(work))
    acts = [
        {"at": each.at, "by": each.actor_name, "kind": each.kind, "to": each.to_name, "reason": each.reason}
        for each in found.entries
    ]
    told = _line(found.work, found.case_ref, found.about) | {
        "not_before": found.work.not_before,
        "finished_at": found.work.finished_at,
        "why": _why(found.work),
        "acts": [f"{act['kind']} {act['by']}: {act['reason']}" for act in acts] if form is not Format.JSON else acts,
    }
    give_one(told, form)


@command(app, "work.retry")
def retry_(work: Id, reason: Reason) -> None:
    """Try a row again at once."""
    with opened_house() as house:
        retry(house, operator(), _id(work), reason)


@command(app, "work.hand_over")
def hand_over(
    work: Id, to: Annotated[str, option("work.hand_over.to", "--to", metavar="LOGIN")], reason: Reason
) -> None:
    """Give a row to a named person."""
    with opened_house() as house:
        hand(house, operator(), _id(work), to, reason)


@command(app, "work.cancel")
def cancel_(work: Id, reason: Reason) -> None:
    """Do a row no more."""
    with opened_house() as house:
        cancel(house, operator(), _id(work), reason)


def _id(work: str) -> UUID:
    try:
        return UUID(work)
    except ValueError:
        raise NotFound("work.not_found") from None


def _line(work: Work, case: str, of: About) -> dict[str, object]:
    return {
        "id": str(work.id),
        "kind": work.kind,
        "about": of.name,
        "state": work.state,
        "unit": work.unit_path,
        "case": case,
        "due_at": work.due_at,
        "tries": work.attempts,
        "handler": work.handler or "",
        "error": str((work.last_error or {}).get("code", "")),
    }


def _why(work: Work) -> str:
    """The sentence of what stopped it."""
    told = dict(work.last_error or {})
    code = str(told.pop("code", ""))
    if f"errors.{code}" not in catalogue(chosen()):
        return code
    try:
        return text(chosen(), f"errors.{code}", **told)
    except (FanzhaError, KeyError):
        return code
