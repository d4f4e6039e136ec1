"""The held-share table: what the chase holds by report delay and class of bank, beside the design paper's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from fanzha.apps.chasing.fates import Cause, Fate, fate_of
from fanzha.apps.chasing.one_incident import INTAKE, WATCHED, Scene, chased
from fanzha.apps.chasing.pieces import keep_piece, kept_piece
from fanzha.apps.chasing.standing_people import Banks
from fanzha.apps.measured import Result, report
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.roster import roster
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.parameters import faultless, published

DELAYS = (5, 15, 30, 60)
CITY = "city"
"""Banks as the published shares have them, with every published fault; the other classes make no mistakes."""
CLASSES = (Profile.AUTOMATIC.value, Profile.SEMI_MANUAL.value, Profile.MANUAL.value, CITY)
BANKS = 10
TARGET = "product target"
PAPER = {
    TARGET: (0.92, 0.76, 0.44, 0.26),
    "platform": (0.65, 0.53, 0.32, 0.18),
    "manual": (0.12, 0.12, 0.12, 0.08),
}
"""Shares of the design paper's calibration (`domain.md` 5.3) for these delays; its banks make no mistakes."""
_ROWS: Mapping[str, Sequence[str]] = {
    Profile.AUTOMATIC.value: (TARGET, "platform", "manual"),
    Profile.SEMI_MANUAL.value: ("platform", "manual"),
    Profile.MANUAL.value: ("manual",),
    CITY: (),
}
RESAMPLES = 2_000
AT_ONCE = 25
_MIDDLE = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be measured: incidents a cell, which classes of banks, by what seed, in how many processes.

    `keep` is a folder for finished pieces: a run that was ended goes on there.
    """

    incidents: int
    classes: Sequence[str] = CLASSES
    seed: int = 1
    processes: int = 1
    keep: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """All incidents of one class of banks and one delay, in minutes."""

    banks: str
    delay: int
    fates: Sequence[Fate]


def scene_of(banks: str, seed: int) -> Scene:
    """Ten banks of one class without mistakes, or the published city."""
    setups = roster({InstitutionKind.BANK: BANKS}, published())
    if banks == CITY:
        return Scene(banks=Banks(tuple(setups)), parameters=published(), seed=seed)
    alike = tuple(replace(each, profile=Profile(banks)) for each in setups)
    return Scene(banks=Banks(alike), parameters=faultless(published()), seed=seed)


def held_table(asked: Asked, show: Callable[[int], None] = lambda _: None) -> dict[str, object]:
    """Every cell, with the same incidents in each, as one object of results."""
    cells, done = [], 0
    for banks in asked.classes:
        for delay in DELAYS:
            fates: list[Fate] = []
            for some in _fates(asked, banks, delay):
                fates += some
                show(done + len(fates))
            done += len(fates)
            cells.append(Cell(banks=banks, delay=delay, fates=fates))
    settings = {
        "incidents": asked.incidents,
        "seed": asked.seed,
        "banks": BANKS,
        "intake_seconds": int(INTAKE.total_seconds()),
        "watched_hours": int(WATCHED.total_seconds() // 3600),
        "resamples": RESAMPLES,
    }
    return report("chase", settings, [each for cell in cells for each in _results(cell)], ("numpy", "numba"))


def _fates(asked: Asked, banks: str, delay: int) -> Iterator[list[Fate]]:
    starts = range(0, asked.incidents, AT_ONCE)
    some = partial(_piece, asked.keep, banks, asked.seed, delay)
    ends = [(each, min(each + AT_ONCE, asked.incidents)) for each in starts]
    if min(asked.processes, len(ends)) <= 1:
        yield from map(some, ends)
        return
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(some, ends)


def _piece(keep: Path | None, banks: str, seed: int, delay: int, numbers: tuple[int, int]) -> list[Fate]:
    name = f"{banks}-{delay}min-seed{seed}-{numbers[0]}-{numbers[1]}"
    known = None if keep is None else kept_piece(keep, name)
    if known is not None:
        return known
    fates = fates_of(banks, seed, delay, numbers)
    if keep is not None:
        keep_piece(keep, name, fates)
    return fates


def fates_of(banks: str, seed: int, delay: int, numbers: tuple[int, int]) -> list[Fate]:
    """What incidents of these numbers came to."""
    scene = scene_of(banks, seed)
    return [fate_of(chased(scene, each, timedelta(minutes=delay))) for each in range(*numbers)]


def _results(cell: Cell) -> Iterator[Result]:
    """The share held with its interval beside the paper's rows, then where the rest went, as shares of all lost."""
    at, held = f"{cell.banks}@{cell.delay}min", [each.held_fen for each in cell.fates]
    yield from _beside_paper(cell, at, share(held, cell.fates))
    low, high = interval(held, cell.fates)
    mean = sum(each.held_fen / each.loss_fen for each in cell.fates) / len(cell.fates)
    inside = share([each.in_system_fen for each in cell.fates], cell.fates)
    paper = share([each.paper_fen for each in cell.fates], cell.fates)
    told = (("low", low), ("high", high), ("of_an_incident_mean", mean), ("by_the_papers_algorithm", paper))
    for name, value in told:
        yield Result(name=f"{at}_held_share_{name}", value=value, unit="share", aim_op=">=")
    yield Result(name=f"{at}_in_system_share", value=inside, unit="share", aim_op=">=")
    for cause in Cause:
        away = share([each.away_fen.get(cause, 0) for each in cell.fates], cell.fates)
        if away:
            yield Result(name=f"{at}_away_share_{cause}", value=away, unit="share")
    yield from _wrongly(cell, at)
    yield Result(name=f"{at}_stops_count", value=sum(each.stops for each in cell.fates), unit="orders")


def _wrongly(cell: Cell, at: str) -> Iterator[Result]:
    """People who know nothing, beside what is held: how many stand in the path and are stopped, and their money."""
    fates = cell.fates
    yield Result(name=f"{at}_bystanders_count", value=sum(each.bystanders for each in fates), unit="accounts")
    stopped = sum(each.bystanders_stopped for each in fates)
    yield Result(name=f"{at}_bystanders_stopped_count", value=stopped, unit="accounts")
    let_go = sum(each.bystanders_let_go for each in fates)
    yield Result(name=f"{at}_bystanders_let_go_count", value=let_go, unit="accounts")
    mean = sum(each.let_go_minutes for each in fates) / let_go if let_go else 0.0
    yield Result(name=f"{at}_let_go_after_minutes_mean", value=mean, unit="minutes")
    held = sum(each.held_fen for each in fates)
    wrong = sum(each.wrong_fen for each in fates)
    yield Result(name=f"{at}_wrongly_held_of_held_share", value=wrong / held if held else 0.0, unit="share")
    for name in ("wrong", "own", "known"):
        hours = sum(getattr(each, f"{name}_fen_hours") for each in fates)
        yield Result(name=f"{at}_{name}_yuan_hours", value=hours // 100, unit="yuan x hours")


def _beside_paper(cell: Cell, at: str, held: float) -> Iterator[Result]:
    """The share held, once for each row of the paper that it can be compared with; only the product's is an aim."""
    rows = _ROWS[cell.banks]
    if not rows:
        yield Result(name=f"{at}_held_share", value=held, unit="share", aim_op=">=")
    for name in rows:
        told = PAPER[name][DELAYS.index(cell.delay)]
        yield Result(
            name=f"{at}_held_share" if name == rows[0] else f"{at}_held_share_beside_{name}",
            value=held,
            unit="share",
            baseline=told,
            baseline_name=f"domain.md 5.3 {name}",
            aim=told if name == TARGET else None,
            aim_op=">=",
        )


def share(parts: Sequence[int], fates: Sequence[Fate]) -> float:
    """A sum of fen as a share of all fen lost."""
    return sum(parts) / sum(each.loss_fen for each in fates)


def interval(parts: Sequence[int], fates: Sequence[Fate]) -> tuple[float, float]:
    """The middle 95 % of the share over incidents drawn anew with replacement, by a fixed seed."""
    own, lost = np.array(parts, np.float64), np.array([each.loss_fen for each in fates], np.float64)
    drawn = np.random.default_rng(1).integers(len(fates), size=(RESAMPLES, len(fates)))
    low, high = np.percentile(own[drawn].sum(axis=1) / lost[drawn].sum(axis=1), _MIDDLE)
    return float(low), float(high)
