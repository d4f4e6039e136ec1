"""Who may sign what today: people in their own right or for somebody absent, and what nobody is there to sign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from fanzha.kernel.ids import UserId
from fanzha.orders.law import LawPack, Signing
from fanzha.orders.order import Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A person who signs in a capacity; `stands_for` and `until` None in their own right."""

    user_id: UserId
    capacity: Capacity
    stands_for: UserId | None = None
    until: datetime | None = None

    @property
    def answers(self) -> frozenset[UserId]:
        """Everybody in whose name this signature is given."""
        return frozenset({self.user_id} if self.stands_for is None else {self.user_id, self.stands_for})


def unsigned(law: LawPack, there: Sequence[Signatory]) -> list[Signing]:
    """The acts that these people cannot sign between them; those that are signed outside the house are not asked."""
    here = [each for each in law.signings if all(law.capacities[one].levels for one in each.signers)]
    return [each for each in here if not can_sign(each.signers, there)]


def can_sign(needed: Iterable[str], there: Sequence[Signatory]) -> bool:
    """Whether there is somebody for each capacity, nobody twice and nobody beside whom they stand for (`signed`)."""
    each_may = [[one for one in there if one.capacity.value == capacity] for capacity in needed]
    return any(_are_apart(chosen) for chosen in product(*each_may))


def _are_apart(chosen: Sequence[Signatory]) -> bool:
    return len(frozenset().union(*(each.answers for each in chosen))) == sum(len(each.answers) for each in chosen)
