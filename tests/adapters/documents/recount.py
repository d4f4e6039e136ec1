"""What a trace publishes, reckoned anew from the lines of its flow and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

Key = TypeVar("Key")
Place = tuple[str, str]
"""An account and a start."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the flow, whatever file it was read from."""

    at: datetime
    payer: str
    payee: str
    traced_fen: int
    start: str
    movement: str
    became: str
    exit: str
    night_cash: bool
    payee_told_until: datetime | None

    @property
    def is_first(self) -> bool:
        """Whether it is the start's own payment, which its payer did not have from anybody that is followed."""
        return self.movement == self.start


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What went through an account."""

    in_fen: int
    out_fen: int
    dwell_s: int | None
    night_cash_fen: int
    first_at: datetime
    last_at: datetime


@dataclass
class Lot:
    """Fen that lie in an account, with so many payments behind them."""

    layer: int
    fen: int


class Step(NamedTuple):
    """Fen of a line that left this layer."""

    line: Line
    layer: int
    fen: int


@dataclass(frozen=True)
class Recount:
    """All lines of one trace from these starts, forward or backward."""

    lines: Sequence[Line]
    starts: Sequence[str]
    is_forward: bool = True
    rule: str = "fifo"

    def started(self) -> dict[str, int]:
        """Fen by start."""
        return _sum((line.start, line.traced_fen) for line in self.lines if line.is_first)

    def left(self) -> dict[tuple[str, str], int]:
        """Fen by start and exit."""
        return _sum(((line.start, line.exit), line.traced_fen) for line in self.lines if line.became == "left")

    def below_floor(self) -> dict[str, int]:
        """Fen by start."""
        return _sum((line.start, line.traced_fen) for line in self.lines if line.became == "below_floor")

    def lying(self) -> dict[Place, int]:
        """Fen by account and start: what came less what went, or backward what went on less what came."""
        found: Counter[Place] = Counter()
        for line in self.lines:
            giver, taker = (line.payer, line.payee) if self.is_forward else (line.payee, line.payer)
            if line.became == "followed":
                found[taker, line.start] += line.traced_fen
            if giver and not line.is_first and line.became != "after_horizon":
                found[giver, line.start] -= line.traced_fen
        return {place: fen for place, fen in found.items() if fen}

    def held(self) -> dict[Place, bool]:
        """By account and start, whether the account's own statement reaches beyond the last arrival."""
        last: dict[Place, datetime] = {}
        until: dict[str, datetime | None] = {}
        for line in self.lines:
            if line.became == "followed":
                place = line.payee, line.start
                last[place] = max(last.get(place, line.at), line.at)
                until[line.payee] = line.payee_told_until
        return {place: (until[place[0]] or at) >= at and until[place[0]] is not None for place, at in last.items()}

    def at_stake(self, account: str) -> int:
        """Fen that were last seen in an account and did not leave it by a payment that a row tells, at any time."""
        came = sum(line.traced_fen for line in self.lines if line.payee == account and line.became == "followed")
        return came - sum(
            line.traced_fen for line in self.lines if line.payer == account and not line.is_first and line.movement
        )

    def passed(self, account: str) -> Passed:
        """What went through an account, first in first out."""
        waiting: deque[tuple[datetime, int]] = deque()
        times, came, gone, night, stayed, matched = [], 0, 0, 0, 0, 0
        for line in self.lines:
            if line.payer == account and not line.is_first and line.became != "after_horizon":
                times.append(line.at)
                gone += line.traced_fen
                night += line.traced_fen if line.night_cash else 0
                rest = line.traced_fen
                while rest and waiting:
                    since, there = waiting.popleft()
                    part = min(rest, there)
                    stayed += part * int((line.at - since).total_seconds())
                    matched, rest = matched + part, rest - part
                    if there > part:
                        waiting.appendleft((since, there - part))
            if line.payee == account and line.became == "followed":
                times.append(line.at)
                came += line.traced_fen
                waiting.append((line.at, line.traced_fen))
        dwell = stayed // matched if matched else None
        return Passed(
            in_fen=came,
            out_fen=gone,
            dwell_s=dwell,
            night_cash_fen=night,
            first_at=min(times),
            last_at=max(times),
        )

    def steps(self) -> tuple[list[Step], Counter[tuple[int, str]]]:
        """Each line's fen by the layer that they left, and what lies by layer and account when all lines are done."""
        waiting: dict[Place, list[Lot]] = defaultdict(list)
        first: dict[str, int] = {}
        steps: list[Step] = []
        for line in self.lines:
            if line.became == "after_horizon":
                continue
            here, there = (line.payer, line.payee) if self.is_forward else (line.payee, line.payer)
            lots = waiting[here, line.start]
            parts = [(0, line.traced_fen)] if line.is_first else self._given(lots, line.traced_fen)
            short = line.traced_fen - sum(fen for _, fen in parts)
            for layer, fen in [*parts, (first.get(here, 0), short)]:
                steps.append(Step(line, layer, fen))
                if fen and line.became == "followed":
                    waiting[there, line.start].append(Lot(layer + 1, fen))
                    first[there] = min(first.get(there, layer + 1), layer + 1)
        lying = Counter[tuple[int, str]]()
        for (account, _), lots in waiting.items():
            for lot in lots:
                lying[lot.layer, account] += lot.fen
        return [step for step in steps if step.fen], lying

    def _given(self, lots: list[Lot], fen: int) -> list[tuple[int, int]]:
        """By layer, what a payment takes of an account's lots, oldest first; of clean and foreign money nothing."""
        fen = min(fen, sum(lot.fen for lot in lots))
        whole, seen, parts = sum(lot.fen for lot in lots), 0, list[tuple[int, int]]()
        if self.rule == "prorata":
            shares = []
            for layer, lot_fen in _together(lots):
                shares.append((layer, (seen + lot_fen) * fen // whole - seen * fen // whole))
                seen += lot_fen
            lots[:] = [
                Lot(layer, had - gone)
                for (layer, had), (_, gone) in zip(_together(lots), shares, strict=True)
                if had > gone
            ]
            return shares
        while fen:
            lot = lots[-1 if self.rule == "lifo" else 0]
            part = min(fen, lot.fen)
            parts.append((lot.layer, part))
            lot.fen -= part
            fen -= part
            lots[:] = [each for each in lots if each.fen]
        return parts[::-1] if self.rule == "lifo" else parts

    def layers(self) -> dict[str, set[int]]:
        """By account, how many payments lay behind money that came there."""
        found: dict[str, set[int]] = defaultdict(set)
        for step in self.steps()[0]:
            if step.line.became == "followed":
                found[step.line.payee if self.is_forward else step.line.payer].add(step.layer + 1)
        return found


def _together(lots: Sequence[Lot]) -> list[tuple[int, int]]:
    """Lots that lie beside each other in one layer as one: so shares are rounded once."""
    found: list[tuple[int, int]] = []
    for lot in lots:
        if found and found[-1][0] == lot.layer:
            found[-1] = (lot.layer, found[-1][1] + lot.fen)
        else:
            found.append((lot.layer, lot.fen))
    return found


def _sum(parts: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    found: Counter[Key] = Counter()
    for key, fen in parts:
        found[key] += fen
    return dict(found)
