"""A state machine is a table: what may follow what is data that a test can walk (house section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from fanzha.kernel.errors import Illegal, invariant

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle(Generic[State, Move]):
    """Where a thing begins, which move leads from which state to which, and where it ends.

    Several machines may share one enum of states, each using some. `Broken` when built so that a state of the table
    cannot be reached, an end has moves, or a state without moves is no end.
    """

    name: str
    start: State
    moves: Mapping[tuple[State, Move], State]
    ends: frozenset[State]

    def __post_init__(self) -> None:
        reached = self._reached()
        moving = {state for state, _ in self.moves}
        for state in {self.start, *moving, *self.moves.values(), *self.ends}:
            invariant(state in reached, "lifecycle.unreachable", name=self.name, state=state)
            is_end = state in self.ends
            invariant(is_end != (state in moving), "lifecycle.end_moves", name=self.name, state=state)

    def after(self, state: State, move: Move) -> State:
        """The state that the move leads to; `Illegal` where the table has none."""
        if not self.can(state, move):
            raise Illegal("lifecycle.no_such_move", name=self.name, state=state, move=move)
        return self.moves[state, move]

    def can(self, state: State, move: Move) -> bool:
        """Whether the move is possible in this state."""
        return (state, move) in self.moves

    def moves_from(self, state: State) -> tuple[Move, ...]:
        """The moves that are possible in this state, in the table's order."""
        return tuple(move for here, move in self.moves if here == state)

    def is_over(self, state: State) -> bool:
        """Whether nothing more can happen."""
        return state in self.ends

    def walk(self, moves: Iterable[Move]) -> State:
        """The state after these moves from the start; `Illegal` at the first that is not possible."""
        state = self.start
        for move in moves:
            state = self.after(state, move)
        return state

    def _reached(self) -> frozenset[State]:
        reached, waiting = {self.start}, [self.start]
        while waiting:
            here = waiting.pop()
            following = {there for (state, _), there in self.moves.items() if state == here} - reached
            reached |= following
            waiting.extend(following)
        return frozenset(reached)
