"""How an institution behaves over one application: how long it takes, and what goes wrong, all by rate and seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from fanzha.kernel.clock import micros
from fanzha.protocol.trades import QUERIES, Trade
from fanzha.registers.institutions import staffed_from
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.matters import Lie
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.parameters import Parameters, Spread

NOTHING = timedelta(0)
_HOUR = timedelta(hours=1)
_WATCHED_HOURS = 12
"""An outage that began longer ago than this is over."""


class Line(StrEnum):
    """What becomes of a message on its way in."""

    HOLDS = "holds"
    BREAKS_BEFORE = "breaks_before"
    BREAKS_AFTER = "breaks_after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happens to one application: done after `delay`, told `late_by` later.

    `failure` is a refusal by the bank's own fault, `twice` an answer that comes again, `reordered` parts that come last
    first, `silent` an answer that is told only when asked for.
    """

    delay: timedelta
    late_by: timedelta = NOTHING
    failure: str | None = None
    lie: Lie = Lie.NONE
    twice: bool = False
    reordered: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The habits of one institution under one seed."""

    setup: Setup
    parameters: Parameters
    seed: int

    def line(self, application_id: str, time: int) -> Line:
        """Whether the so manieth message about an application gets through, and its reply back."""
        chance = self._chance("line", application_id, time)
        if chance.happens(self._rate("fault.lost_before")):
            return Line.BREAKS_BEFORE
        return Line.BREAKS_AFTER if chance.happens(self._rate("fault.lost_after")) else Line.HOLDS

    def course(self, application_id: str, trade: Trade, attempt: int) -> Course:
        """How an application goes; one that failed by the bank's own fault may go better at the next attempt."""
        chance = self._chance("course", application_id, attempt)
        kind = "query" if trade in QUERIES else "restrict"
        prompt = self.setup.profile is Profile.PROMPT
        delay = NOTHING if prompt else chance.delay(self.parameters.spread(f"delay.{kind}.{self.setup.profile}"))
        late_by = chance.delay(self.parameters.spread("fault.late_by"))
        faults = {name: chance.happens(self._rate(name)) for name in _FAULTS}
        return Course(
            delay=delay,
            late_by=late_by if faults["fault.late"] else NOTHING,
            failure=_failure(faults, trade in self.setup.papers),
            lie=_lie(faults, trade),
            twice=faults["fault.duplicate"],
            reordered=faults["fault.reordered"],
            silent=faults["fault.silent"],
        )

    def begins(self, trade: Trade, at: datetime) -> datetime:
        """When somebody takes up what arrives at `at`: a question waits for office hours where a person answers it."""
        hours = self.setup.hours if trade in QUERIES else None
        return at if hours is None else staffed_from(hours, at)

    def down_until(self, at: datetime) -> datetime | None:
        """When the channel is up again, if it is down now: outages begin at some minute of an hour drawn by itself."""
        share = self._rate("outage.share")
        if share == 0:
            return None
        hour = micros(at) // micros_of(_HOUR)
        ends = [self._outage_end(each, at, share) for each in range(hour - _WATCHED_HOURS, hour + 1)]
        return max((each for each in ends if each is not None), default=None)

    def _outage_end(self, hour: int, at: datetime, share: float) -> datetime | None:
        length = self.parameters.spread("outage.length")
        happens, began, lasts = _outage(self.seed, self.setup.code, hour, share, length)
        passed = timedelta(microseconds=micros(at))
        return at + (began + lasts - passed) if happens and began <= passed < began + lasts else None

    def _rate(self, name: str) -> float:
        return 0.0 if self.setup.profile is Profile.PROMPT else self.parameters.number(name)

    def _chance(self, *names: object) -> Chance:
        return Chance(self.seed, self.setup.code, *names)


_FAULTS = (
    "failure.bank",
    "failure.document_refused",
    "fault.late",
    "fault.duplicate",
    "fault.reordered",
    "fault.silent",
    "fault.not_applied",
    "fault.false_balance",
)
"""Drawn one after the other for every application, each once, so that changing one rate moves no other draw."""


@lru_cache(maxsize=4_096)
def _outage(seed: int, code: str, hour: int, share: float, length: Spread) -> tuple[bool, timedelta, timedelta]:
    """Whether an outage begins in this hour, when, and how long it lasts; asked with every message, drawn once."""
    chance = Chance(seed, code, "outage", hour)
    began = _HOUR * hour + _HOUR * chance.share()
    lasts = chance.delay(length)
    return chance.happens(share), began, lasts


def _failure(faults: dict[str, bool], has_papers: bool) -> str | None:
    if faults["failure.bank"]:
        return "1300"
    return "0600" if has_papers and faults["failure.document_refused"] else None


def _lie(faults: dict[str, bool], trade: Trade) -> Lie:
    if trade in QUERIES:
        return Lie.NONE
    if faults["fault.not_applied"]:
        return Lie.NOT_APPLIED
    return Lie.FALSE_BALANCE if faults["fault.false_balance"] else Lie.NONE


def micros_of(span: timedelta) -> int:
    """Microseconds of a span, exact."""
    return span // timedelta(microseconds=1)
