"""Every story by its name, with its cast and its course."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.orders import entries_of
from fanzha.apps.stories.early_reports import HUAINAN, SHANGHAI, huainan, shanghai
from fanzha.apps.stories.stage import Cast, Stage, staged
from fanzha.apps.stories.telling import Event, Told
from fanzha.kernel.errors import NotFound
from fanzha.orders.effects import Move
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who is in it, and what happens."""

    cast: Cast
    course: Callable[[Stage], None]


BOOK: Mapping[str, Story] = {
    "huainan": Story(cast=HUAINAN, course=huainan),
    "shanghai": Story(cast=SHANGHAI, course=shanghai),
}


def story(name: str) -> Story:
    """The story of that name; `NotFound` when there is none."""
    if name not in BOOK:
        raise NotFound("stories.none", name=name, known=", ".join(BOOK))
    return BOOK[name]


def played(name: str, stage: Stage) -> Told:
    """The story on a stage that is set for it, to its end."""
    story(name).course(stage)
    events = sorted([*stage.events, *orders_told(stage)], key=lambda each: each.at)
    return Told(name=name, events=tuple(events), facts=tuple(stage.facts))


def orders_told(stage: Stage) -> Iterator[Event]:
    """What became of every order, as its own entries tell it."""
    for order in stage.orders():
        bank = stage.at(stage.officer, lambda desk, order=order: the_institution(desk.connection, order.institution_id))  # type: ignore[misc]
        entries = stage.at(stage.officer, lambda desk, order=order: entries_of(desk.connection, order.id))  # type: ignore[misc]
        for each in entries:
            code = _code(order, each)
            if code:
                held = each.amounts.held_fen
                yield Event(
                    at=each.at,
                    code=code,
                    fields={
                        "number": order.number,
                        "bank": bank.institution.name,
                        "fen": held or 0,
                        "result": each.code,
                    },
                )


def _code(order: Order, entry: Entry) -> str:
    """Under which code an entry is told; empty for what a story passes over."""
    if entry.kind is EntryKind.SENT:
        return f"{order.kind}_sent"
    if entry.kind is EntryKind.LAPSED:
        return f"{order.kind}_lapsed"
    if entry.kind is not EntryKind.ANSWERED:
        return ""
    return f"{order.kind}_refused" if entry.move is Move.REFUSE else f"{order.kind}_answered"


def told(name: str) -> Told:
    """The story in a house of its own."""
    with staged(story(name).cast) as stage:
        return played(name, stage)
