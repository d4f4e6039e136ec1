"""What an order has done in law: one table a kind, as `domain.md` 2.2 tells them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fanzha.kernel.lifecycle import Lifecycle


class OrderKind(StrEnum):
    """The orders of the trade."""

    QUERY = "query"
    MONITOR = "monitor"
    STOP = "stop"
    FREEZE = "freeze"
    BLOCK = "block"


class Act(StrEnum):
    """What one instruction wants of an order: that it begin, go on, or end."""

    APPLY = "apply"
    EXTEND = "extend"
    RENEW = "renew"
    RELEASE = "release"
    LIFT = "lift"


class Effect(StrEnum):
    """Where an order stands in law."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    ANSWERED = "answered"
    ON = "on"
    HELD = "held"
    EXTENDED = "extended"
    WAITING = "waiting"
    FROZEN = "frozen"
    BLOCKED = "blocked"
    CONVERTED = "converted"
    LIFTED = "lifted"
    RELEASED = "released"
    LAPSED = "lapsed"
    CONSUMED = "consumed"


class Move(StrEnum):
    """What takes an order from one effect to another."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    REFUSE = "refuse"
    REDRAFT = "redraft"
    TAKE_EFFECT = "take_effect"
    WAIT = "wait"
    PROLONG = "prolong"
    RELEASE_PART = "release_part"
    END = "end"
    LAPSE = "lapse"
    CONVERT = "convert"
    CONSUME = "consume"


def _lifecycle(
    kind: OrderKind, moves: Mapping[tuple[Effect, Move], Effect], ends: frozenset[Effect]
) -> Lifecycle[Effect, Move]:
    """The table of a kind: how every order comes to be approved, and what is its own."""
    everywhere = {
        (Effect.DRAFT, Move.APPROVE): Effect.APPROVED,
        (Effect.DRAFT, Move.REJECT): Effect.REJECTED,
        (Effect.DRAFT, Move.CANCEL): Effect.CANCELLED,
        (Effect.APPROVED, Move.CANCEL): Effect.CANCELLED,
        (Effect.APPROVED, Move.REFUSE): Effect.REFUSED,
        (Effect.REFUSED, Move.REDRAFT): Effect.DRAFT,
    }
    never = frozenset({Effect.REJECTED, Effect.CANCELLED})
    return Lifecycle(name=kind.value, start=Effect.DRAFT, moves={**everywhere, **moves}, ends=ends | never)


LIFECYCLES: Mapping[OrderKind, Lifecycle[Effect, Move]] = {
    OrderKind.QUERY: _lifecycle(
        OrderKind.QUERY,
        {(Effect.APPROVED, Move.TAKE_EFFECT): Effect.ANSWERED},
        frozenset({Effect.ANSWERED}),
    ),
    OrderKind.MONITOR: _lifecycle(
        OrderKind.MONITOR,
        {
            (Effect.APPROVED, Move.TAKE_EFFECT): Effect.ON,
            (Effect.ON, Move.END): Effect.LIFTED,
            (Effect.ON, Move.LAPSE): Effect.LAPSED,
        },
        frozenset({Effect.LIFTED, Effect.LAPSED}),
    ),
    OrderKind.STOP: _lifecycle(
        OrderKind.STOP,
        {
            (Effect.APPROVED, Move.TAKE_EFFECT): Effect.HELD,
            (Effect.HELD, Move.PROLONG): Effect.EXTENDED,
            (Effect.HELD, Move.END): Effect.LIFTED,
            (Effect.HELD, Move.LAPSE): Effect.LAPSED,
            (Effect.HELD, Move.CONVERT): Effect.CONVERTED,
            (Effect.EXTENDED, Move.END): Effect.LIFTED,
            (Effect.EXTENDED, Move.LAPSE): Effect.LAPSED,
            (Effect.EXTENDED, Move.CONVERT): Effect.CONVERTED,
            (Effect.LAPSED, Move.PROLONG): Effect.EXTENDED,
        },
        frozenset({Effect.LIFTED, Effect.CONVERTED}),
    ),
    OrderKind.FREEZE: _lifecycle(
        OrderKind.FREEZE,
        {
            (Effect.APPROVED, Move.TAKE_EFFECT): Effect.FROZEN,
            (Effect.APPROVED, Move.WAIT): Effect.WAITING,
            (Effect.WAITING, Move.TAKE_EFFECT): Effect.FROZEN,
            (Effect.WAITING, Move.PROLONG): Effect.WAITING,
            (Effect.WAITING, Move.END): Effect.RELEASED,
            (Effect.WAITING, Move.LAPSE): Effect.LAPSED,
            (Effect.FROZEN, Move.PROLONG): Effect.FROZEN,
            (Effect.FROZEN, Move.RELEASE_PART): Effect.FROZEN,
            (Effect.FROZEN, Move.END): Effect.RELEASED,
            (Effect.FROZEN, Move.LAPSE): Effect.LAPSED,
            (Effect.FROZEN, Move.CONSUME): Effect.CONSUMED,
            (Effect.LAPSED, Move.PROLONG): Effect.FROZEN,
        },
        frozenset({Effect.RELEASED, Effect.CONSUMED}),
    ),
    OrderKind.BLOCK: _lifecycle(
        OrderKind.BLOCK,
        {
            (Effect.APPROVED, Move.TAKE_EFFECT): Effect.BLOCKED,
            (Effect.BLOCKED, Move.END): Effect.LIFTED,
            (Effect.BLOCKED, Move.LAPSE): Effect.LAPSED,
        },
        frozenset({Effect.LIFTED, Effect.LAPSED}),
    ),
}
"""From where an order may go where. A lapsed stop or freeze goes on only by the late answer to what was in time."""

ACTS: Mapping[OrderKind, frozenset[Act]] = {
    OrderKind.QUERY: frozenset({Act.APPLY}),
    OrderKind.MONITOR: frozenset({Act.APPLY, Act.LIFT}),
    OrderKind.STOP: frozenset({Act.APPLY, Act.EXTEND, Act.LIFT}),
    OrderKind.FREEZE: frozenset({Act.APPLY, Act.RENEW, Act.RELEASE}),
    OrderKind.BLOCK: frozenset({Act.APPLY, Act.LIFT}),
}
"""What may be instructed about each kind."""

RESTRICTING = frozenset({Effect.HELD, Effect.EXTENDED, Effect.FROZEN, Effect.BLOCKED})
"""Effects under which somebody cannot use what is theirs."""

STANDING = frozenset({Effect.DRAFT, Effect.APPROVED, Effect.REFUSED, Effect.WAITING, Effect.FROZEN})
"""Effects of a freeze that somebody wants still, in force or not yet."""

IN_FORCE = RESTRICTING | {Effect.WAITING, Effect.ON}
"""Effects that end by a term or by an instruction."""

ENDING_MOVES = frozenset({Move.END, Move.LAPSE, Move.CONVERT, Move.CONSUME})
"""Moves after which nothing can be instructed about the order any more."""
