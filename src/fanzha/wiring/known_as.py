"""As whom institutions know those in whose name something goes out; people of other units may have signed it."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import Connection

from fanzha.adapters.store.officers import KnownAs, known_as
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import UnitPath
from fanzha.orders.order import Instruction
from fanzha.wiring.desk import Once
from fanzha.wiring.house import House


def seen_as(house: House, connection: Connection, path: UnitPath, people: Set[UserId], once: Once) -> KnownAs:
    """A unit and these people as institutions know them, asked for once: the house looks, not whoever acts."""

    def read() -> KnownAs:
        with for_a_moment_as_house(connection, house.now()) as as_house:
            return known_as(as_house, path, people)

    return once(("known_as", path, people), read)


def answering(instruction: Instruction) -> frozenset[UserId]:
    """Everybody who answers for the instruction."""
    signers = [(each.by.user_id, each.for_user) for each in instruction.signatures]
    return frozenset(
        each for each in (instruction.drafted_by.user_id, *(one for pair in signers for one in pair)) if each
    )
