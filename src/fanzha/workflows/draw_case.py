"""The picture of one trace through a case, or of two by two methods."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.seen import Lying, Moved, Seen
from fanzha.workflows.lying import Lies
from fanzha.workflows.trace_case import Holding, TracedCase, TracedHop


def draw_case(
    found: Sequence[TracedCase],
    *,
    dust_fen: int = 0,
    opened: Collection[int] = (),
    limits: PictureLimits | None = None,
) -> Drawing:
    """The drawing of one trace, or of two that differ only by method; nodes carry account numbers in full."""
    return picture([seen(each) for each in found], dust_fen=dust_fen, opened=opened, limits=limits)


def seen(found: TracedCase) -> Seen:
    """A trace as the picture needs it."""
    label = {start: number for number, start in enumerate(found.starts())}
    holdings = found.holdings()
    asked = found.trace.question
    return Seen(
        method=asked.method,
        direction=asked.direction,
        moved=tuple(_moved(each, label) for each in found.hops()),
        lying=tuple(_lying(each, label) for each in holdings),
        inconclusive=frozenset(each.account for each in holdings if not each.is_conclusive),
    )


def _moved(each: TracedHop, label: dict[str, int]) -> Moved:
    movement = "" if each.told is None else each.told.id
    return Moved(
        at_s=int(each.at.timestamp()),
        payer=each.payer,
        payee=each.payee,
        fen=each.fen,
        label=label[each.start],
        became=HopKind[each.became.upper()],
        exit=each.exit,
        movement=movement,
        is_start=movement == each.start,
    )


def _lying(each: Holding, label: dict[str, int]) -> Lying:
    return Lying(account=each.account, label=label[each.start], **{_FEN[each.lies]: each.fen})


_FEN = {Lies.HELD: "held_fen", Lies.LAST_SEEN: "last_seen_fen", Lies.BEFORE: "before_fen"}
