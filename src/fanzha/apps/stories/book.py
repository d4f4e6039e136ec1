"""Every story by its name, with its cast and its course."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.orders import entries_of
from fanzha.apps.stories.cast import Cast
from fanzha.apps.stories.corrections import SECOND_STOP, WRONG_DIGIT, second_stop, wrong_digit
from fanzha.apps.stories.early_reports import HUAINAN, SHANGHAI, huainan, shanghai
from fanzha.apps.stories.elsewhere import BANK_DOWN, LYING_BANK, TWO_CITIES, bank_down, lying_bank, two_cities
from fanzha.apps.stories.many_victims import ONE_APP, one_app
from fanzha.apps.stories.pools import POOL, mixed_pool
from fanzha.apps.stories.shops import SHOP, shop
from fanzha.apps.stories.stage import Stage, passing, staged
from fanzha.apps.stories.telling import Event, Told
from fanzha.apps.stories.terms import MISSED, TANG, missed, tang
from fanzha.kernel.errors import NotFound
from fanzha.orders.effects import Move
from fanzha.orders.entries import SILENT, Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.protocol.facts import Side
from fanzha.simulation.institutions.truth import twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who is in it, and what happens."""

    cast: Cast
    course: Callable[[Stage], None]


BOOK: Mapping[str, Story] = {
    "huainan": Story(cast=HUAINAN, course=huainan),
    "shanghai": Story(cast=SHANGHAI, course=shanghai),
    "tang": Story(cast=TANG, course=tang),
    "wrong-digit": Story(cast=WRONG_DIGIT, course=wrong_digit),
    "second-stop": Story(cast=SECOND_STOP, course=second_stop),
    "two-cities": Story(cast=TWO_CITIES, course=two_cities),
    "bank-down": Story(cast=BANK_DOWN, course=bank_down),
    "lying-bank": Story(cast=LYING_BANK, course=lying_bank),
    "innocent-shop": Story(cast=SHOP, course=shop),
    "mixed-pool": Story(cast=POOL, course=mixed_pool),
    "one-app": Story(cast=ONE_APP, course=one_app),
    "missed-renewal": Story(cast=MISSED, course=missed),
}


def story(name: str) -> Story:
    """The story of that name; `NotFound` when there is none."""
    if name not in BOOK:
        raise NotFound("stories.none", name=name, known=", ".join(BOOK))
    return BOOK[name]


def played(name: str, stage: Stage) -> Told:
    """The story on a stage that is set for it, to its end."""
    story(name).course(stage)
    _hold_always(stage)
    events = sorted([*stage.events, *orders_told(stage)], key=lambda each: each.at)
    return Told(name=name, events=tuple(events), facts=tuple(stage.facts))


def _hold_always(stage: Stage) -> None:
    """What no story may break: nothing acts twice, and no fen is made or lost."""
    world = stage.run.world
    opened = sum(each.balance_fen for each in stage.cast.accounts)
    cash = sum(
        line.amount_fen
        for bank in world.institutions.values()
        for account in bank.books.accounts.values()
        for line in account.lines
        if line.cash and line.success and line.side is Side.DEBIT
    )
    stage.fact("done_twice", len(twice(world.truth)), "orders", 0, "=")
    stage.fact("fen_missing", opened - cash - world.money_fen, "fen", 0, "=")


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
                        "organ": ", ".join(one.organ for one in each.prior),
                    },
                )


def _code(order: Order, entry: Entry) -> str:
    """Under which code an entry is told; empty for what a story passes over."""
    if entry.kind is EntryKind.SENT:
        return f"{order.kind}_sent"
    if entry.kind is EntryKind.LAPSED:
        return f"{order.kind}_lapsed"
    if entry.kind is EntryKind.DEAD:
        return "given_up"
    if entry.code == SILENT:
        return "bank_silent"
    if entry.kind is EntryKind.ACTIVATED:
        return "freeze_begins"
    if entry.kind is not EntryKind.ANSWERED:
        return ""
    if entry.move in {Move.WAIT, Move.PROLONG, Move.END}:
        return f"{order.kind}_{entry.move}"
    return f"{order.kind}_refused" if entry.move is Move.REFUSE else f"{order.kind}_answered"


def told(name: str) -> Told:
    """The story in a house of its own."""
    with passing() as settings, staged(story(name).cast, settings) as stage:
        return played(name, stage)
