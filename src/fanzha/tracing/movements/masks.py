"""Identifiers of which a part is hidden, and the complete ones that they could stand for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

HIDDEN = "*"
MOST_CANDIDATES = 2_000
"""Complete identifiers that are compared with one mask; a mask that fits more tells nothing."""
ISSUER_DIGITS = 6
"""Shared by all cards of an issuer, so they tell nobody apart."""
CHANCE = 0.05
"""How many strangers may be expected to fit a mask before its only fit is no longer believed without a name."""
DIGITS_BESIDE_A_NAME = 3
"""Of the accounts that one person has, nearly always only one ends like that."""

_LAST = chr(0x10FFFF)


class Sureness(IntEnum):
    """What a mask's visible digits need to stand for its only fit."""

    NONE = 0
    BESIDE_A_NAME = 1
    ALONE = 2


@dataclass(frozen=True, slots=True, eq=False)
class CompleteIdentifiers:
    """Complete identifiers sorted from both ends, so that a mask finds what it fits without reading them all."""

    forward: list[str]
    backward: list[str]

    @staticmethod
    def of(identifiers: Iterable[str]) -> CompleteIdentifiers:
        """The index of these identifiers."""
        forward = sorted(identifiers)
        return CompleteIdentifiers(forward, sorted(text[::-1] for text in forward))

    def fitting(self, mask: str) -> list[str] | None:
        """Those that the mask could stand for, sorted; `None` where it is too wide to tell."""
        head, _, tail = mask.partition(HIDDEN)
        by_head = _range(self.forward, head)
        by_tail = _range(self.backward, tail[::-1])
        if min(len(by_head), len(by_tail)) > MOST_CANDIDATES:
            return None
        if len(by_head) <= len(by_tail):
            near = [self.forward[at] for at in by_head]
        else:
            near = sorted(self.backward[at][::-1] for at in by_tail)
        shortest = len(head) + len(tail)
        return [text for text in near if text.startswith(head) and text.endswith(tail) and len(text) > shortest]

    def sureness(self, mask: str) -> Sureness:
        """How far the visible digits single one account out, given how many share its issuer."""
        head, _, tail = mask.partition(HIDDEN)
        sharing = len(_range(self.forward, head[:ISSUER_DIGITS]))
        visible = max(0, len(head) - ISSUER_DIGITS) + len(tail)
        if float(sharing) <= CHANCE * 10.0**visible:
            return Sureness.ALONE
        return Sureness.BESIDE_A_NAME if visible >= DIGITS_BESIDE_A_NAME else Sureness.NONE


def is_partial(identifier: str) -> bool:
    """Whether part of the identifier is hidden."""
    return HIDDEN in identifier


def _range(texts: list[str], prefix: str) -> range:
    """Where the texts with this prefix lie in a sorted list."""
    return range(bisect_left(texts, prefix), bisect_right(texts, prefix + _LAST)) if prefix else range(len(texts))
