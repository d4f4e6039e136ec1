"""What a URL asks of a trace, and what the pages about it show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from starlette.datastructures import QueryParams

from fanzha.apps.web.views.shown import AccountRef
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import MAX_FEN
from fanzha.tracing.follow.question import HOUR_S, LONGEST_HORIZON_S, Direction, Method, horizon_seconds

Way = Literal["", "out", "in"]
Code = TypeVar("Code", Method, Direction)

STARTS = 200
"""Payments one URL may name, as many as a page of a table shows: more are an account's, and are named by it."""

QUESTION = ("from", "of", "way", "method", "direction", "horizon", "floor_fen")
"""The parameters that are the question; everything else in a URL only turns its pages."""

_MOVEMENT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceQuestion:
    """What to follow and how: payments by their ids, or all that an account (its opaque key) paid or got.

    Nothing here is personal; equal questions are equal values.
    """

    starts: tuple[str, ...] = ()
    account: str = ""
    way: Way = ""
    method: Method = Method.FIFO
    direction: Direction = Direction.FORWARD
    horizon_s: int = 72 * HOUR_S
    floor_fen: int = 10_000

    @property
    def asks(self) -> bool:
        """Whether anything to follow is named."""
        return bool(self.starts or self.account)


def read_question(params: QueryParams) -> TraceQuestion:
    """The question of a URL: `from` (repeated) or `of` with `way`, then `method direction horizon floor_fen`.

    `Invalid` names the parameter that cannot be understood. Whether a case has what is named is not asked here.
    """
    starts = tuple(dict.fromkeys(params.getlist("from")))
    if len(starts) > STARTS:
        raise Invalid("trace.too_many_starts", count=len(starts), most=STARTS)
    if not all(_MOVEMENT.fullmatch(each) for each in starts):
        raise Invalid("web.bad_filter", name="from")
    account, way = params.get("of", ""), params.get("way", "")
    if account and not _MOVEMENT.fullmatch(account):
        raise Invalid("web.bad_filter", name="of")
    if bool(account) != bool(way) or (account and starts):
        raise Invalid("web.bad_filter", name="of")
    return TraceQuestion(
        starts=starts,
        account=account,
        way=_way(way),
        method=_code(Method, params, "method"),
        direction=_code(Direction, params, "direction"),
        horizon_s=_horizon(params.get("horizon", "")),
        floor_fen=_floor(params.get("floor_fen", "")),
    )


def _way(told: str) -> Way:
    if told in ("", "out", "in"):
        return told  # type: ignore[return-value]  # one of the three
    raise Invalid("web.bad_filter", name="way")


def _code(kind: type[Code], params: QueryParams, name: str) -> Code:
    told = params.get(name)
    try:
        return kind(told) if told else next(iter(kind))
    except ValueError:
        raise Invalid("web.bad_filter", name=name) from None


def _horizon(told: str) -> int:
    if not told:
        return 72 * HOUR_S
    asked_s = horizon_seconds(told)
    if asked_s > LONGEST_HORIZON_S:
        raise Invalid("trace.bad_horizon", hours=asked_s // HOUR_S, most=LONGEST_HORIZON_S // HOUR_S)
    return asked_s


def _floor(told: str) -> int:
    if not told:
        return 10_000
    if not (told.isascii() and told.isdigit() and len(told) <= len(str(MAX_FEN)) and int(told) >= 1):
        raise Invalid("web.bad_filter", name="floor_fen")
    return int(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Where traced fen are now: `started` is the sum of all the others."""

    started_fen: int
    held_fen: int
    last_seen_fen: int
    before_fen: int
    left_fen: Mapping[str, int]
    below_floor_fen: int
    disputed_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingLine:
    """Traced money that lies in an account; `lies` and `sure` are codes, times are those of its hops there."""

    account: AccountRef | None
    layer: int | None
    start: str
    traced_fen: int
    lies: str
    sure: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """A trace on one page: the sums of all its starts, what it counts, what limits it reached."""

    starts: int
    sums: Sums
    stop: str
    cut: tuple[AccountRef | None, ...]
    hops: int
    holdings: tuple[HoldingLine, ...]
