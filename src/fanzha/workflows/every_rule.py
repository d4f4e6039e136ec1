"""What lies where by every rule that the conservative one compares: least and most, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.tracing.follow.question import Method
from fanzha.workflows.lying import Lying

COMPARED = (Method.FIFO, Method.LIFO, Method.PRORATA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EveryRule:
    """Traced fen in accounts when the time ended, by each of `COMPARED`: n columns by account, then label.

    `account`, `label`: int64[n]; `fen`: int64[3, n].
    """

    account: NDArray[np.int64]
    label: NDArray[np.int64]
    fen: NDArray[np.int64]

    def least_of_start(self, labels: int) -> NDArray[np.int64]:
        """By label, the fen that lay in the same accounts whichever rule is taken."""
        least = np.zeros(labels, np.int64)
        np.add.at(least, self.label, self.fen.min(axis=0))
        return least

    def by_account(self) -> list[tuple[int, int, int]]:
        """Each account with the least and the most that one of the rules tells of all starts; most certain first."""
        accounts, at = np.unique(self.account, return_inverse=True)
        fen = np.zeros((len(COMPARED), len(accounts)), np.int64)
        for rule, told in enumerate(self.fen):
            np.add.at(fen[rule], at, told)
        found = zip(accounts.tolist(), fen.min(axis=0).tolist(), fen.max(axis=0).tolist(), strict=True)
        return sorted(found, key=lambda each: (-each[1], -each[2], each[0]))


def every_rule(told: Sequence[Lying], labels: int) -> EveryRule:
    """What lies where by the rules compared, of which `told` are the answers to a question with so many labels."""
    keys = [each.account * labels + each.label for each in told]
    places = np.unique(np.concatenate(keys))
    fen = np.zeros((len(COMPARED), len(places)), np.int64)
    for rule, (key, each) in enumerate(zip(keys, told, strict=True)):
        fen[rule, np.searchsorted(places, key)] = each.fen
    return EveryRule(account=places // labels, label=places % labels, fen=fen)
