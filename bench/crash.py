"""`fanzha bench crash`: nothing is lost and nothing takes effect twice, whatever is killed and when."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from uuid import UUID

from bench.crash_scene import Scene, scene
from bench.measured import Result, report
from fanzha.kernel.ids import OrderId
from fanzha.orders.deliveries import Delivery, Step
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.simulation.institutions.kept import taken_of, truth_of
from fanzha.simulation.institutions.truth import Deed, Happening, twice

FULL_KILLS, QUICK_KILLS = 300, 20
BETWEEN_SECONDS = 1.5
ORDER_SECONDS = 0.25
LOOK_SECONDS = 0.5
QUIET_SECONDS = 600.0
"""So long the house may take after the last kill to ask after everything that was in doubt."""
STANDS_SECONDS = 3.0
"""When nothing has moved for so long, what everybody waits for lies ahead in business time: the clock is moved on."""
SKIPPED = timedelta(hours=2)
_UNDECIDED = frozenset({Delivery.QUEUED, Delivery.SENT, Delivery.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the house knows at the end, beside what the banks really did and say that they told it."""

    orders: list[Order]
    entries: list[list[Entry]]
    kept: set[str]
    truth: list[Happening]
    told: set[str]
    stuck: int
    unheard: int


def measure(*, quick: bool, kills: int | None = None, seed: int = 1) -> dict[str, object]:
    """Kill so many times while orders travel, wait for quiet, then compare our books with what the banks really did."""
    with house_and_banks(seed) as running:
        trouble(running, kills or (QUICK_KILLS if quick else FULL_KILLS))
        quiet_s = await_quiet(running)
        books = books_of(running)
        settings = {"kills": dict(running.kills), "seed": seed, "orders": len(books.orders)}
        results = [*promises(running, books), *_counts(running, books, quiet_s)]
        return report("crash", settings, results, ("sqlalchemy", "psycopg"))


@contextmanager
def house_and_banks(seed: int) -> Iterator[Scene]:
    """The running scene in a folder of its own, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fanzha-crash-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        with scene(folder, seed) as running:
            yield running
    finally:
        rmtree(folder, ignore_errors=True)


def trouble(running: Scene, kills: int, between_seconds: float = BETWEEN_SECONDS) -> None:
    """Order all the time, and kill something now and then."""
    next_kill = time.monotonic()
    while running.kills.total() < kills:
        running.dice.choice((running.order, running.report))()
        if time.monotonic() >= next_kill:
            running.kill()
            next_kill = time.monotonic() + between_seconds * (0.5 + running.dice.random())
        time.sleep(min(ORDER_SECONDS, between_seconds))


def await_quiet(running: Scene) -> float:
    """Until no instruction is on its way and all are signed; how long that took."""
    began = looked = time.monotonic()
    seen: list[tuple[OrderId, Delivery]] = []
    while time.monotonic() < began + QUIET_SECONDS:
        time.sleep(LOOK_SECONDS)
        try:
            running.keep_allowed()
            touched = running.sign_rest() + running.revive_dead()
            moving = [(each.id, each.instructions[-1].delivery) for each in running.orders()]
            moving = [each for each in moving if each[1] in _UNDECIDED]
            if not moving and not touched and not running.unheard():
                break
            if touched or moving != seen:
                seen, looked = moving, time.monotonic()
            elif time.monotonic() > looked + STANDS_SECONDS:
                running.skip(SKIPPED)
                looked = time.monotonic()
        except Exception:  # the database may still be coming back
            continue
    return time.monotonic() - began


def books_of(running: Scene) -> Books:
    """Both sides' books, once the banks are shut."""
    orders = running.orders()
    folders = running.stop_banks()
    return Books(
        orders=orders,
        entries=running.entries(orders),
        kept=running.messages(),
        truth=[each for folder in folders for each in truth_of(folder)],
        told={each for folder in folders for each in taken_of(folder)},
        stuck=running.stuck(),
        unheard=len(running.unheard()),
    )


def promises(running: Scene, books: Books) -> Iterator[Result]:
    """What must never happen, counted: the aim of each is none."""
    orders = books.orders
    known = {each.id for each in orders}
    held = {each.application_id for each in books.truth if each.deed is Deed.HELD}
    sham = {each.application_id for each in books.truth if each.deed is Deed.PRETENDED}
    for name, count in (
        ("orders_lost_count", sum(each not in known for each in running.made)),
        ("reports_without_stop_count", books.unheard),
        ("stops_twice_count", _stopped_twice(orders, set(running.told))),
        ("effects_twice_count", len(twice(books.truth))),
        ("receipts_lost_count", len(books.told - books.kept)),
        ("sent_again_unasked_count", sum(_sent_blindly(each) for each in books.entries)),
        ("instructions_undecided_count", sum(each.instructions[-1].delivery in _UNDECIDED for each in orders)),
        ("work_stuck_count", books.stuck),
        ("effects_unknown_to_us_count", sum(_held_unseen(each, held) for each in orders)),
        ("effects_claimed_without_deed_count", sum(_claimed(each, held | sham) for each in orders)),
    ):
        yield Result(name=name, value=count, unit="count", aim=0)


def _counts(running: Scene, books: Books, quiet_s: float) -> Iterator[Result]:
    yield Result(name="reports_count", value=len(running.told), unit="count")
    yield Result(name="kills_count", value=running.kills.total(), unit="count")
    yield Result(name="orders_count", value=len(books.orders), unit="count")
    yield Result(name="orders_held_count", value=sum(each.times > 0 for each in books.orders), unit="count")
    yield Result(name="receipts_count", value=len(books.told), unit="count")
    yield Result(name="sent_again_count", value=sum(_sends(each) > 1 for each in books.entries), unit="count")
    yield Result(name="given_up_to_a_person_count", value=running.revived, unit="count")
    yield Result(name="orders_refused_by_crash_count", value=running.failed, unit="count")
    yield Result(name="quiet_after_seconds", value=quiet_s, unit="s")


def _stopped_twice(orders: list[Order], told: set[UUID]) -> int:
    """Accounts that one report's chase stopped more than once."""
    stops = Counter((each.case_id, each.target.subject) for each in orders if each.case_id in told)
    return sum(many > 1 for many in stops.values())


def _sends(entries: list[Entry]) -> int:
    return sum(each.kind is EntryKind.SENT for each in entries)


def _sent_blindly(entries: list[Entry]) -> bool:
    """Whether the instruction was sent again before the institution had said that it does not know it."""
    may_send = True
    for each in entries:
        if each.kind is EntryKind.SENT:
            if not may_send:
                return True
            may_send = False
        elif each.kind is EntryKind.ASKED and each.step is Step.RESEND:
            may_send = True
    return False


def _ids(order: Order) -> set[str]:
    return {str(each.id) for each in order.instructions}


def _held_unseen(order: Order, held: set[str]) -> bool:
    """The bank holds, we do not know it, and no person is told to look."""
    return bool(_ids(order) & held) and order.times == 0 and waits_for(order) is not Waits.PERSON


def _claimed(order: Order, held: set[str]) -> bool:
    """We say that it was held, and the bank neither did it nor lied."""
    return order.times > 0 and not _ids(order) & held
