"""The words of a trace's picture: what stands beside a node, over a layer, below the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fanzha.i18n import Language, text
from fanzha.i18n.sums import short_money
from fanzha.kernel.clock import SHANGHAI, from_seconds
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.picture.drawing import Drawing, Node, NodeSide, Standing
from fanzha.tracing.picture.seen import BELOW_FLOOR, NOBODY
from fanzha.tracing.picture.unrolling import Kind

BACKWARD = (Standing.PASSED, Standing.GONE)
"""What money that is looked at from its end does the other way round."""
DOUBT = "?"


class Party(NamedTuple):
    """An account as a person who may see it so reads it: masked or in full."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one picture in one language; `party` says how an account is shown by its number."""

    drawing: Drawing
    language: Language
    party: Callable[[str], Party]

    def title(self, node: Node) -> Party:
        """Who a node is; only a party has two parts."""
        place = node.place
        if place.kind is Kind.OTHERS:
            return Party(text(self.language, "picture.node.others", count=f"{node.accounts:,}"))
        if place.kind is Kind.EXIT:
            known = "words.became.below_floor" if place.name == BELOW_FLOOR else f"words.exit.{place.name}"
            return Party(text(self.language, known))
        return Party(text(self.language, "picture.node.nobody")) if place.name == NOBODY else self.party(place.name)

    def amounts(self, side: NodeSide) -> str:
        """How much came to a node and what became of it: `98万 · 在账 12万`."""
        parts = [(standing, fen) for standing, fen in _lying(side) if fen > 0]
        told = [short_money(self.language, side.fen)]
        for standing, fen in parts:
            amount = "" if fen == side.fen else f" {short_money(self.language, fen)}"
            told.append(f"{self.state(standing)}{amount}")
        if not parts and side.standing is not Standing.NOT_FOLLOWED:
            told.append(self.state(side.standing))
        return " · ".join(told)

    def since(self, side: NodeSide) -> str:
        """When money first came by, as exactly as that is told."""
        at = from_seconds(side.first_s or 0).astimezone(SHANGHAI)
        return f"{at:%m-%d}" if side.first_precision == "day" else f"{at:%m-%d %H:%M}"

    def state(self, standing: Standing) -> str:
        """What became of money, in a word."""
        is_back = self.drawing.direction is Direction.BACKWARD
        if is_back and standing in BACKWARD:
            return text(self.language, f"picture.back.{standing}")
        return text(self.language, f"words.picture_state.{standing}")

    def layer(self, number: int, accounts: int) -> str:
        """What stands over a layer."""
        way = self.drawing.direction.value
        named = text(self.language, f"picture.layer.{way}", number=number) if number else self._first
        if not accounts:
            return named
        return text(self.language, "picture.layer.accounts", layer=named, count=f"{accounts:,}")

    @property
    def _first(self) -> str:
        return text(self.language, "picture.layer.first")

    def notes(self) -> Iterator[str]:
        """What has to be known to read the picture right."""
        merged = self.drawing.merged
        if any(not node.is_conclusive for node in self.drawing.nodes):
            yield text(self.language, "picture.note.inconclusive")
        if merged.accounts:
            yield text(self.language, "picture.note.merged", count=f"{merged.accounts:,}")
        if merged.limits:
            yield text(self.language, "picture.note.limits")


def _lying(side: NodeSide) -> tuple[tuple[Standing, int], ...]:
    return (
        (Standing.HELD, side.held_fen),
        (Standing.LAST_SEEN, side.last_seen_fen),
        (Standing.BEFORE, side.before_fen),
        (Standing.DISPUTED, side.disputed_fen),
    )


def segments(side: NodeSide) -> Iterator[tuple[Standing, int]]:
    """A node's money from the top of its box: what went on, then what stayed; a way out, an origin is of one piece."""
    if side.standing in (Standing.ORIGIN, Standing.GONE, Standing.NOT_FOLLOWED, Standing.REACHED):
        yield side.standing, side.fen
        return
    lying = [(standing, max(fen, 0)) for standing, fen in _lying(side)]
    yield Standing.PASSED, max(side.fen - sum(fen for _, fen in lying), 0)
    yield from lying
