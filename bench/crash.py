"""`fanzha bench crash`: nothing is lost and nothing takes effect twice, whatever is killed and when."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

from bench.crash_scene import Scene, scene
from bench.measured import Result, report
from fanzha.orders.deliveries import Delivery
from fanzha.orders.order import Order
from fanzha.orders.standing import Waits, waits_for
from fanzha.simulation.institutions.truth import Deed, Happening, twice

FULL_KILLS, QUICK_KILLS = 300, 20
BETWEEN_SECONDS = 1.5
ORDER_SECONDS = 0.25
QUIET_SECONDS = 600.0
"""So long the house may take after the last kill to ask after everything that was in doubt."""
_UNDECIDED = frozenset({Delivery.QUEUED, Delivery.SENT, Delivery.UNKNOWN})


def measure(*, quick: bool, kills: int | None = None, seed: int = 1) -> dict[str, object]:
    """Kill so many times while orders travel, wait for quiet, then compare our books with what the banks really did."""
    wanted = kills or (QUICK_KILLS if quick else FULL_KILLS)
    folder = Path(tempfile.mkdtemp(prefix="fanzha-crash-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        with scene(folder, seed) as running:
            _trouble(running, wanted)
            quiet_s = _await_quiet(running)
            orders, truth = running.orders(), running.stop_banks()
            settings = {"kills": dict(running.kills), "seed": seed, "orders": len(orders)}
            return report("crash", settings, list(_results(running, orders, truth, quiet_s)), ("sqlalchemy", "psycopg"))
    finally:
        rmtree(folder, ignore_errors=True)


def _trouble(running: Scene, kills: int) -> None:
    """Order all the time, and kill something now and then."""
    next_kill = time.monotonic()
    while running.kills.total() < kills:
        running.order()
        if time.monotonic() >= next_kill:
            running.kill()
            next_kill = time.monotonic() + BETWEEN_SECONDS * (0.5 + running.dice.random())
        time.sleep(ORDER_SECONDS)


def _await_quiet(running: Scene) -> float:
    """Until no instruction is on its way and all are signed; how long that took."""
    began = time.monotonic()
    while time.monotonic() < began + QUIET_SECONDS:
        time.sleep(2)
        try:
            touched = running.sign_rest() + running.revive_dead()
            moving = [each for each in running.orders() if each.instructions[-1].delivery in _UNDECIDED]
        except Exception:  # the database may still be coming back
            continue
        if not moving and not touched:
            break
    return time.monotonic() - began


def _results(running: Scene, orders: list[Order], truth: list[Happening], quiet_s: float) -> Iterable[Result]:
    known = {each.id for each in orders}
    lost = [each for each in running.made if each not in known]
    held = {each.application_id for each in truth if each.deed is Deed.HELD}
    sham = {each.application_id for each in truth if each.deed is Deed.PRETENDED}
    undecided = [each for each in orders if each.instructions[-1].delivery in _UNDECIDED]
    for name, count in (
        ("orders_lost_count", len(lost)),
        ("effects_twice_count", len(twice(truth))),
        ("instructions_undecided_count", len(undecided)),
        ("effects_unknown_to_us_count", sum(_held_unseen(each, held) for each in orders)),
        ("effects_claimed_without_deed_count", sum(_claimed(each, held | sham) for each in orders)),
    ):
        yield Result(name=name, value=count, unit="count", aim=0)
    yield Result(name="kills_count", value=running.kills.total(), unit="count")
    yield Result(name="orders_count", value=len(orders), unit="count")
    yield Result(name="orders_held_count", value=sum(each.times > 0 for each in orders), unit="count")
    yield Result(name="given_up_to_a_person_count", value=running.revived, unit="count")
    yield Result(name="orders_refused_by_crash_count", value=running.failed, unit="count")
    yield Result(name="quiet_after_seconds", value=quiet_s, unit="s")


def _ids(order: Order) -> set[str]:
    return {str(each.id) for each in order.instructions}


def _held_unseen(order: Order, held: set[str]) -> bool:
    """The bank holds, we do not know it, and no person is told to look."""
    return bool(_ids(order) & held) and order.times == 0 and waits_for(order) is not Waits.PERSON


def _claimed(order: Order, held: set[str]) -> bool:
    """We say that it was held, and the bank neither did it nor lied."""
    return order.times > 0 and not _ids(order) & held
