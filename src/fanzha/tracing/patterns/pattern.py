"""A pattern: a way in which money moved that has a name; an observation with its numbers, never an accusation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

BP = 10_000
"""Shares are told in whole ten-thousandths."""


class PatternKind(StrEnum):
    """What can be named."""

    PASS_THROUGH = "pass_through"  # noqa: S105  # a pass, not a password
    """What came in left again at once."""
    SCATTER = "scatter"
    """From few payers in, to many payees out."""
    GATHER = "gather"
    """From many payers in, to few payees out."""
    SCATTER_GATHER = "scatter_gather"
    """From one account through several others to one again."""
    CYCLE = "cycle"
    """Nearly the same amount came back to where it had left."""
    RELAY = "relay"
    """Nearly the same amount went from account to account to account."""
    TEST_PAYMENT = "test_payment"
    """A few fen came first, then a large sum."""
    CASH_RUN = "cash_run"
    """Cash was drawn again and again."""
    SHARED_DEVICE = "shared_device"
    """Accounts of several people acted from one device or address."""
    COMMON_COLLECTOR = "common_collector"
    """Money of several people whom the question means came together in one account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One finding in a case: who took part as what, which movements prove it, and what was measured.

    `roles`: nodes by role, the one that the pattern is about first; `movements`: numbers of movements in the order in
    which money moved; times are UTC seconds by the accounts' own banks; each of `numbers` ends in its unit (`_s`,
    `_fen`, `_bp` of ten thousand) or counts what it names; `clue` is the device or address that was shared,
    of the kind `clue_kind`.
    `is_conclusive` is false where what an account held at first, and so what it paid from, is not known.
    """

    kind: PatternKind
    typology: str
    version: int
    roles: Mapping[str, tuple[int, ...]]
    movements: tuple[int, ...]
    fen: int
    first_s: int
    last_s: int
    numbers: Mapping[str, int]
    is_conclusive: bool = True
    clue: str = ""
    clue_kind: str = ""


def share_bp(part: int, whole: int) -> int:
    """How many ten-thousandths of the whole the part is, rounded down."""
    return part * BP // whole if whole else 0


def least_fen(fen: NDArray[np.int64], bp: int) -> NDArray[np.int64]:
    """So many ten-thousandths of each sum, rounded up to the fen."""
    return np.asarray(fen // BP * bp - -(fen % BP * bp) // BP, np.int64)
