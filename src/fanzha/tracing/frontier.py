"""What to ask and stop next: where traced money lies, and the chance that it still does (house section 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import erfc, log, sqrt

from fanzha.kernel.clock import from_seconds
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S, CaseFlow
from fanzha.tracing.follow.layers import layers
from fanzha.tracing.follow.trace import HopKind, Trace

PPM = 1_000_000
_SURE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwell:
    """How long money rests in an account before it goes on, lognormal: median seconds and log-sd by layer, 1 first.

    The last of each stands for all deeper layers.
    """

    median_s: tuple[float, ...]
    log_sd: tuple[float, ...]

    def stays(self, layer: int, after_s: float) -> float:
        """The chance that money that came to a layer still lies there so many seconds later."""
        if after_s <= 0:
            return _SURE
        median = self.median_s[min(layer, len(self.median_s)) - 1]
        spread = self.log_sd[min(layer, len(self.log_sd)) - 1]
        return 0.5 * erfc((log(after_s) - log(median)) / (spread * sqrt(2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An account where traced money was last seen, and what may be had there.

    `fen` lay there by all that is told; `there_ppm` is the chance, in millionths, that it still does when a stop that
    leaves now takes hold; `recoverable_fen` and `moved_fen` are what to expect of `fen` there and beyond. Seconds are
    UTC; `told_until_s` is when the account's own telling ends, None without one.
    """

    account: int
    layer: int
    fen: int
    there_ppm: int
    recoverable_fen: int
    moved_fen: int
    came_s: int
    told_until_s: int | None

    @property
    def came_at(self) -> datetime:
        """When the first of what lies there came."""
        return from_seconds(self.came_s)


def seen_there(lead: Lead, dwell: Dwell, seen_s: int, now_s: int) -> Lead:
    """The lead where its own bank is known to have seen the money there at `seen_s`, later than its last line tells.

    What is told since came; what came last is not younger than `came_s`, so that the chance is rather too low.
    """
    told_s = lead.came_s if lead.told_until_s is None else lead.told_until_s
    if seen_s <= max(told_s, lead.came_s) or lead.fen == 0:
        return lead
    before = dwell.stays(lead.layer, seen_s - lead.came_s)
    chance = dwell.stays(lead.layer, max(seen_s, now_s) - lead.came_s) / before if before > 0 else _SURE
    recoverable = max(lead.recoverable_fen, round(lead.fen * min(_SURE, chance)))
    there_ppm = round(PPM * recoverable / lead.fen)
    return replace(lead, there_ppm=there_ppm, recoverable_fen=recoverable, moved_fen=lead.fen - recoverable)


def frontier(flow: CaseFlow, trace: Trace, now_s: int, dwell: Dwell, delay_s: Mapping[int, int]) -> tuple[Lead, ...]:
    """Every account where money of a forward trace lies, by what can be expected to be recovered there, most first.

    `delay_s`: by account, how long its institution takes to stop; 0 where not told. Equal ones stand by fen, then by
    account.
    """
    lying: dict[int, int] = defaultdict(int)
    for account, fen in zip(trace.held.account.tolist(), trace.held.fen.tolist(), strict=True):
        lying[account] += fen
    came, depth = _arrivals(flow, trace), layers(flow.index, trace)
    leads = [
        _lead(
            account,
            depth.get(account, 1),
            _latest(came[account], fen),
            _Moment(now_s, delay_s.get(account, 0)),
            flow,
            dwell,
        )
        for account, fen in lying.items()
        if fen > 0
    ]
    return tuple(sorted(leads, key=lambda each: (-each.recoverable_fen, -each.fen, each.account)))


@dataclass(frozen=True, slots=True)
class _Moment:
    now_s: int
    delay_s: int


def _arrivals(flow: CaseFlow, trace: Trace) -> Mapping[int, Sequence[tuple[int, int]]]:
    """By account, when traced money came and how much, in the order in which it came."""
    moved, hops = flow.index.transfers, trace.hops
    came: dict[int, list[tuple[int, int]]] = defaultdict(list)
    followed = hops.kind == HopKind.FOLLOWED
    for transfer, fen in zip(hops.transfer[followed].tolist(), hops.fen[followed].tolist(), strict=True):
        came[int(moved.payee[transfer])].append((int(moved.at_s[transfer]), fen))
    return came


def _latest(came: Sequence[tuple[int, int]], fen: int) -> list[tuple[int, int]]:
    """The parts of arrivals that make up what still lies there: what came first has left first."""
    parts = []
    for at_s, each in reversed(came):
        part = min(each, fen)
        if part:
            parts.append((at_s, part))
        fen -= part
    return parts[::-1]


def _lead(
    account: int, layer: int, parts: Sequence[tuple[int, int]], moment: _Moment, flow: CaseFlow, dwell: Dwell
) -> Lead:
    told = int(flow.told_until_s[account])
    there = [(fen, _chance(layer, at_s, told, moment, dwell)) for at_s, fen in parts]
    fen = sum(each for each, _ in there)
    recoverable = round(sum(each * chance for each, chance in there))
    return Lead(
        account=account,
        layer=layer,
        fen=fen,
        there_ppm=round(PPM * recoverable / fen) if fen else 0,
        recoverable_fen=recoverable,
        moved_fen=fen - recoverable,
        came_s=min((at_s for at_s, _ in parts), default=moment.now_s),
        told_until_s=None if told == NEVER_TOLD_S else told,
    )


def _chance(layer: int, at_s: int, told_s: int, moment: _Moment, dwell: Dwell) -> float:
    """That it is there when a stop takes hold, given that the account's own bank last saw it there."""
    then = dwell.stays(layer, moment.now_s + moment.delay_s - at_s)
    seen = dwell.stays(layer, told_s - at_s) if told_s > at_s else _SURE
    return min(_SURE, then / seen) if seen > 0 else 0.0
