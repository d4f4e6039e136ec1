"""The picture of one trace through a case, or of two by two methods."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from fanzha.tracing.picture.drawing import Drawing, PictureLimits
from fanzha.tracing.picture.picture import picture
from fanzha.workflows.trace_case import TracedCase

PAPER_NODES = (60, 45, 34, 26, 20, 15, 10)
PAPER_WIDTH, PAPER_HEIGHT = 1_480.0, 820.0
"""Pixels on A4 landscape when letters are to stay above six points."""
PAPER = PictureLimits(edges=240, layers=5, steps=1)


def draw_case(
    found: Sequence[TracedCase],
    *,
    dust_fen: int = 0,
    opened: Collection[int] = (),
    limits: PictureLimits | None = None,
) -> Drawing:
    """The drawing of one trace, or of two that differ only by method; nodes carry account numbers in full."""
    return picture([each.seen() for each in found], dust_fen=dust_fen, opened=opened, limits=limits)


def draw_for_paper(found: TracedCase) -> Drawing:
    """The drawing for a sheet of A4 on its side: as many of the largest accounts as stay legible, others in sums."""
    told = [found.seen()]
    for nodes in PAPER_NODES:
        limits = replace(PAPER, nodes=nodes)
        drawing = picture(told, limits=limits)
        if drawing.height <= PAPER_HEIGHT:
            break
    wide = min(PictureLimits().column_px, PAPER_WIDTH / max(len(drawing.layers), 1))
    return picture(told, limits=replace(limits, column_px=wide))
