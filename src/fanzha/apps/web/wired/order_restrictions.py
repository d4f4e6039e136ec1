"""What an instruction will do to whom, how much, until when, on what authority, and how it is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fanzha.apps.web.views.orders import Restriction
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.wired.order_names import capacity_choice, source_choice
from fanzha.orders.answers import lawful_end, prolonged_end
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import Instruction, Order

_UNDO = {OrderKind.STOP: "lift", OrderKind.FREEZE: "release", OrderKind.MONITOR: "lift", OrderKind.BLOCK: "lift"}
_ENDS = frozenset({Act.LIFT, Act.RELEASE})


def restriction_of(order: Order, instruction: Instruction, law: LawPack, now: datetime) -> Restriction:
    """The effect of an instruction if its institution carried it out now."""
    kind, act, terms = order.kind, instruction.act, instruction.terms
    signing = law.signing(kind.value, act.value, terms.term)
    return Restriction(
        act=act.value,
        measure=f"{kind}_{act}",
        amount_fen=terms.release_fen or order.holding_fen if act is Act.RELEASE else terms.limit_fen,
        until=_until(order, instruction, law, now),
        undo="anew" if act in _ENDS else _UNDO.get(kind, "nothing"),
        authority=source_choice(signing.source),
        term_source=_term_source(kind, instruction, law),
        signers=tuple(capacity_choice(law, each) for each in instruction.needs or signing.signers),
    )


def _until(order: Order, instruction: Instruction, law: LawPack, now: datetime) -> datetime | None:
    if instruction.act in _ENDS:
        return None
    if instruction.act is Act.APPLY:
        return lawful_end(order.kind, instruction, now, law.stop.hours)
    return prolonged_end(order, instruction, law.stop.hours)


def _term_source(kind: OrderKind, instruction: Instruction, law: LawPack) -> Choice | None:
    """Where the length of the term stands."""
    if instruction.act in _ENDS:
        return None
    renewed = "renewal_months" if instruction.act is Act.RENEW else "months"
    key = {
        OrderKind.STOP: "stop.hours",
        OrderKind.FREEZE: f"freeze.{instruction.terms.term}.{renewed}",
        OrderKind.MONITOR: "monitor.longest_days",
        OrderKind.BLOCK: "block.days",
    }.get(kind, "")
    found = next((each for each in law.provisions if each.key == key), None)
    return None if found is None else replace(source_choice(found.source), code=key)
