"""A lifecycle is a table that holds together, and refuses what it does not name."""

from __future__ import annotations

from enum import StrEnum

import pytest

from fanzha.kernel.errors import Broken, Illegal
from fanzha.kernel.lifecycle import Lifecycle


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class Deed(StrEnum):
    PUSH = "push"
    PULL = "pull"
    BURN = "burn"


MOVES = {(Door.OPEN, Deed.PUSH): Door.SHUT, (Door.SHUT, Deed.PULL): Door.OPEN, (Door.SHUT, Deed.BURN): Door.GONE}
DOOR = Lifecycle(name="door", start=Door.OPEN, moves=MOVES, ends=frozenset({Door.GONE}))


def test_a_move_leads_where_the_table_says() -> None:
    assert DOOR.after(Door.OPEN, Deed.PUSH) is Door.SHUT
    assert DOOR.moves_from(Door.SHUT) == (Deed.PULL, Deed.BURN)
    assert DOOR.is_over(DOOR.walk([Deed.PUSH, Deed.PULL, Deed.PUSH, Deed.BURN]))


def test_any_other_move_is_illegal_and_says_which() -> None:
    assert not DOOR.can(Door.OPEN, Deed.BURN)
    with pytest.raises(Illegal) as refused:
        DOOR.after(Door.OPEN, Deed.BURN)
    assert refused.value.code == "lifecycle.no_such_move"
    assert refused.value.fields == {"name": "door", "state": Door.OPEN, "move": Deed.BURN}


@pytest.mark.parametrize(
    ("moves", "ends", "code"),
    [
        ({(Door.OPEN, Deed.PUSH): Door.SHUT}, {Door.SHUT, Door.GONE}, "lifecycle.unreachable"),
        ({**MOVES, (Door.GONE, Deed.PULL): Door.OPEN}, {Door.GONE}, "lifecycle.end_moves"),
        (MOVES, set(), "lifecycle.end_moves"),
        ({(Door.SHUT, Deed.PULL): Door.OPEN}, {Door.OPEN}, "lifecycle.unreachable"),
    ],
)
def test_a_table_that_does_not_hold_together_is_not_built(
    moves: dict[tuple[Door, Deed], Door], ends: set[Door], code: str
) -> None:
    with pytest.raises(Broken) as refused:
        Lifecycle(name="door", start=Door.OPEN, moves=moves, ends=frozenset(ends))
    assert refused.value.code == code


def test_machines_may_share_their_states() -> None:
    moves = {(Door.OPEN, Deed.PUSH): Door.SHUT}
    swing = Lifecycle(name="swing", start=Door.OPEN, moves=moves, ends=frozenset({Door.SHUT}))
    assert swing.walk([Deed.PUSH]) is Door.SHUT
