"""The picture of one trace through a case, or of two by two methods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.movements.movements import NO_MOVEMENT, Exit
from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.picture import picture
from fanzha.tracing.picture.seen import NOBODY, Lying, Moved, Seen
from fanzha.workflows.case_ledger import movement_id
from fanzha.workflows.lying import LIES, Lies
from fanzha.workflows.trace_case import TracedCase

PAPER_NODES = (60, 45, 34, 26, 20, 15, 10)
PAPER_WIDTH, PAPER_HEIGHT = 1_480.0, 820.0
"""Pixels on A4 landscape when letters are to stay above six points."""
PAPER = PictureLimits(edges=240, layers=5, steps=1)

_FEN = {Lies.HELD: "held_fen", Lies.LAST_SEEN: "last_seen_fen", Lies.BEFORE: "before_fen"}
_EXITS = [each.name.lower() for each in sorted(Exit)]


def draw_case(
    found: Sequence[TracedCase],
    *,
    dust_fen: int = 0,
    opened: Collection[int] = (),
    limits: PictureLimits | None = None,
) -> Drawing:
    """The drawing of one trace, or of two that differ only by method; nodes carry account numbers in full."""
    return picture([seen(each) for each in found], dust_fen=dust_fen, opened=opened, limits=limits)


def draw_for_paper(found: TracedCase) -> Drawing:
    """The drawing for a sheet of A4 on its side: as many of the largest accounts as stay legible, others in sums."""
    told = [seen(found)]
    for nodes in PAPER_NODES:
        limits = replace(PAPER, nodes=nodes)
        drawing = picture(told, limits=limits)
        if drawing.height <= PAPER_HEIGHT:
            break
    wide = min(PictureLimits().column_px, PAPER_WIDTH / max(len(drawing.layers), 1))
    return picture(told, limits=replace(limits, column_px=wide))


def seen(found: TracedCase) -> Seen:
    """A trace as the picture needs it."""
    asked, names = found.trace.question, [*found.ledger.found.accounts.primary, NOBODY]
    lies, unsure = found.lying, found.flow.is_inconclusive
    return Seen(
        method=asked.method,
        direction=asked.direction,
        moved=tuple(_moved(found, names)),
        lying=tuple(
            Lying(account=names[account], label=label, **{_FEN[LIES[kind]]: fen})
            for account, label, fen, kind in zip(
                lies.account.tolist(), lies.label.tolist(), lies.fen.tolist(), lies.lies.tolist(), strict=True
            )
        ),
        inconclusive=frozenset(names[node] for node in np.flatnonzero(unsure).tolist()),
    )


def _moved(found: TracedCase, names: Sequence[str]) -> Iterator[Moved]:
    """Hop by hop; `names` ends with nobody's, which an unknown party's node finds from behind."""
    hops, transfers = found.trace.hops, found.flow.index.transfers
    at = hops.transfer
    number = found.flow.movement[at]
    ids = np.where(number == NO_MOVEMENT, 0, found.ledger.found.movements.id[number])
    starts = np.array(found.trace.question.starts or (-1,))
    columns = (
        transfers.at_s[at], transfers.payer[at], transfers.payee[at], hops.fen, hops.label, hops.kind, found.exits,
        number != NO_MOVEMENT, ids, starts[hops.label] == at,
    )  # fmt: skip
    for second, payer, payee, fen, label, kind, exit, is_told, told, is_start in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        yield Moved(
            at_s=second,
            payer=names[payer],
            payee=names[payee],
            fen=fen,
            label=label,
            became=HopKind(kind),
            exit=_EXITS[exit] if kind == HopKind.LEFT else "",
            movement=movement_id(told) if is_told else "",
            is_start=is_start,
        )
