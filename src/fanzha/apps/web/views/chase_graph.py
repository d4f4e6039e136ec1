"""The picture of a chase as a page draws it: boxes as high as their money, bands as wide, states by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a box: money that is held, may be there, is gone, or went on."""

    state: str
    y: float
    height: float
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An account in a layer, or a way out: `key` is its line among the accounts of the chase, if it has one."""

    x: float
    y: float
    number: str
    exit: str
    others: int
    fen: int
    key: str
    segments: Sequence[Segment]

    @property
    def tells(self) -> Sequence[Segment]:
        """The parts that lie somewhere or are gone."""
        return [each for each in self.segments if each.state not in ("passed", "origin")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseGraph:
    """The whole, in CSS pixels; bands are outlines with whether their money is gone; layers have their left edge."""

    width: float
    height: float
    box_width: float
    layers: Sequence[tuple[int, float]]
    bands: Sequence[tuple[str, bool]]
    boxes: Sequence[Box]
    left_out: int
