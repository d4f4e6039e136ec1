"""A trace: the hops that carried traced money, and where every fen of it was found in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.question import Question


class HopKind(IntEnum):
    """What became of the part of a payment that a hop tells of."""

    FOLLOWED = 0
    """It lies with the payee, or went on from there in later hops."""
    BELOW_FLOOR = 1
    """The traced part of the payment was below the floor: not followed."""
    LEFT = 2
    """It left to where nobody can follow: no known payee, a merchant, a payment company's pool."""
    AFTER_HORIZON = 3
    """It left after the horizon; within it, it lay with the payer."""


class Stop(IntEnum):
    """Why a trace went no further."""

    NOTHING_LEFT = 0
    ROOM = 1
    """Its limits of accounts, lots or hops were reached: what is told is true, but not all."""
    EVENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hops:
    """Parts of payments, in the order in which money moved: columns of length h.

    `transfer`: int64[h], places in the index; `label`: int64[h], into `Question.starts`; `fen`: int64[h] > 0, summed
    over parts of one label, transfer and kind; `kind`: int8[h] of `HopKind`.
    """

    transfer: NDArray[np.int64]
    label: NDArray[np.int64]
    fen: NDArray[np.int64]
    kind: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.transfer)

    @staticmethod
    def of(fen: Mapping[tuple[int, int, HopKind], int], order: Iterable[tuple[int, int, HopKind]]) -> Hops:
        """Hops by (transfer, label, kind), in an order."""
        places = list(order)
        return Hops(
            transfer=np.array([transfer for transfer, _, _ in places], np.int64),
            label=np.array([label for _, label, _ in places], np.int64),
            fen=np.array([fen[place] for place in places], np.int64),
            kind=np.array([kind for _, _, kind in places], np.int8),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Traced money that lay in accounts when the trace ended: columns of length n, by account then label."""

    account: NDArray[np.int32]
    label: NDArray[np.int64]
    fen: NDArray[np.int64]

    @staticmethod
    def of(fen: Mapping[tuple[int, int], int]) -> Held:
        """What lies where, by (account, label)."""
        places = sorted(place for place, told in fen.items() if told)
        return Held(
            account=np.array([account for account, _ in places], np.int32),
            label=np.array([label for _, label in places], np.int64),
            fen=np.array([fen[place] for place in places], np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """The answer to a question. Each label's fen = held + left + below the floor, to the fen.

    `cut`: int32, accounts with more events than one trace reads; what lies there may have moved on.
    """

    question: Question
    hops: Hops
    held: Held
    cut: NDArray[np.int32]
    stop: Stop
    events: int
