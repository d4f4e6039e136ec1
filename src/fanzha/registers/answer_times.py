"""How fast institutions truly answer, measured from what was sent to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fanzha.protocol.codes import Ending, meaning

Exchange = tuple[datetime, datetime | None, str | None]
"""When a request was sent, when its final answer came (or not yet), and that answer's result code."""
_FAILURES = frozenset({Ending.TEMPORARY, Ending.UNCLEAR})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """What one institution did with one trade: how many were sent and answered, and how soon.

    Medians and 95th percentiles are of the answered ones, by nearest rank; `failed_share` is of those answered
    the part that ended in a failure of the institution's own (channel, system, a code nobody knows), not in a refusal.
    """

    sent: int
    answered: int
    median_seconds: float | None
    p95_seconds: float | None
    failed_share: float | None


def answer_times(exchanges: Iterable[Exchange]) -> AnswerTimes:
    """The answer times of exchanges; an answer that seems to come before its question counts as at once."""
    told = list(exchanges)
    waits = sorted(max(0.0, (answered - sent).total_seconds()) for sent, answered, _ in told if answered is not None)
    codes = [code for _, answered, code in told if answered is not None and code is not None]
    failed = sum(meaning(code).ending in _FAILURES for code in codes)
    return AnswerTimes(
        sent=len(told),
        answered=len(waits),
        median_seconds=_percentile(waits, 50),
        p95_seconds=_percentile(waits, 95),
        failed_share=failed / len(codes) if codes else None,
    )


def _percentile(ordered: list[float], percent: int) -> float | None:
    """The smallest value that at least so many per cent do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
