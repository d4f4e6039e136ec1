"""After the hour: the case is filed and what is held is frozen in one act, evidence is noted, the victim is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from fanzha.adapters.store.cases import case_for_change
from fanzha.adapters.store.incidents import incident_numbered
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.unit_of_work import savepoint
from fanzha.cases.case import CaseState, text_of_person
from fanzha.cases.incident import REASON_CHARACTERS, Incident, IncidentEntry, IncidentEntryKind
from fanzha.i18n import text
from fanzha.kernel.errors import FanzhaError, Illegal, Invalid, Unavailable
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, TargetKind, Terms
from fanzha.rulebook import load_chase
from fanzha.wiring.chase_look import Look, look_at
from fanzha.wiring.desk import Desk
from fanzha.wiring.filing import bring_to
from fanzha.wiring.incidents import enter
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """What is gathered, when the victim is followed up, and for how many months what is held is frozen."""

    evidence: tuple[str, ...]
    follow_ups: tuple[timedelta, ...]
    freeze_months: int


@cache
def afterwards() -> Afterwards:
    """As this version of the program expects it."""
    told = cast("Mapping[str, Any]", load_chase()["after"])
    return Afterwards(
        evidence=tuple(map(str, told["evidence"])),
        follow_ups=tuple(timedelta(hours=int(each)) for each in told["follow_up_hours"]),
        freeze_months=int(told["freeze_months"]),
    )


def follow_up_due(incident: Incident) -> datetime | None:
    """When the victim is to be told next; None once every follow-up was made."""
    left = afterwards().follow_ups[incident.follow_ups :]
    return incident.taken_at + left[0] if left else None


def to_freeze(look: Look) -> Iterator[tuple[SubjectId, Order]]:
    """Each account that a stop holds and nothing freezes yet, nor is about to, with its stop; what ends first first."""
    for stop in sorted(_stops(look), key=lambda each: (each.ends_at is None, each.ends_at, each.number)):
        others = look.orders.get(stop.target.subject, ())
        freezes = [each for each in others if each.kind is OrderKind.FREEZE]
        if not any(each.in_force or any(one.open for one in each.instructions) for each in freezes):
            yield stop.target.subject, stop


def file_and_freeze(desk: Desk, number: str, reason: str) -> Sequence[Order]:
    """The case filed (立案), and a freeze drafted for every account that a stop holds: signed by those who may.

    What cannot be drafted is written to the incident with why, and hinders no other.
    """
    require(desk.actor, "orders.draft")
    require(desk.actor, "cases.edit")
    incident = incident_numbered(desk.connection, number)
    case = case_for_change(desk.connection, incident.stands_in, desk.actor)
    if case.state is not CaseState.FILED:
        words = text_of_person(reason, REASON_CHARACTERS)
        bring_to(desk.connection, case, CaseState.FILED, words, desk.actor, desk.now)
    look = look_at(desk, number)
    held = list(to_freeze(look))
    if case.state is CaseState.FILED and not held:
        raise Illegal("incidents.nothing_to_freeze", number=number)
    return [order for account, stop in held if (order := _frozen(desk, look, account, stop)) is not None]


def keep_evidence(desk: Desk, number: str, code: str, where: str) -> Incident:
    """A piece of evidence is there: which, and where it lies."""
    if code not in afterwards().evidence:
        raise Invalid("web.bad_filter", name="evidence")
    return _enter(desk, number, IncidentEntryKind.EVIDENCE, f"{code}:{text_of_person(where, REASON_CHARACTERS)}")


def follow_up(desk: Desk, number: str, told: str) -> Incident:
    """The victim was told how things stand, in these words."""
    return _enter(desk, number, IncidentEntryKind.FOLLOWED_UP, text_of_person(told, REASON_CHARACTERS))


def _stops(look: Look) -> Iterator[Order]:
    for some in look.orders.values():
        yield from (each for each in some if each.kind is OrderKind.STOP and each.holding_fen and not each.is_early)


def _frozen(desk: Desk, look: Look, account: SubjectId, stop: Order) -> Order | None:
    try:
        with savepoint(desk.connection):
            return open_order(desk, _freeze(desk, look, account, stop))
    except Unavailable:
        raise  # passes by itself: the whole act is done again
    except FanzhaError as failure:
        _enter(desk, look.chased.asked.number, IncidentEntryKind.BALKED, f"freeze:{failure.code}", account)
        return None


def _freeze(desk: Desk, look: Look, account: SubjectId, stop: Order) -> NewOrder:
    """A freeze of what is traced there and held: what lies there beside it may be somebody's own."""
    facts = look.facts.get(account)
    if facts is None or account not in look.profiles:
        raise Illegal("incidents.not_of_case")
    traced = min(facts.lead.fen, stop.holding_fen)
    if not traced:
        raise Illegal("incidents.nothing_traced")
    return NewOrder(
        case_id=look.chased.case.id,
        kind=OrderKind.FREEZE,
        institution=look.profiles[account].institution.name,
        target_kind=TargetKind.ACCOUNT,
        number=facts.identifiers[0],
        holder=facts.name,
        holder_class=stop.target.holder_class or "person",
        terms=Terms(limit_fen=fen(traced), months=afterwards().freeze_months),
        reason=text("zh", "incidents.reason.freeze", number=look.chased.asked.number, layer=facts.lead.layer),
        payment=NewPayment(amount_fen=facts.paid_fen, at=facts.paid_at, payer=facts.payer, payer_name=facts.payer_name),
        victim_traceable_fen=fen(traced),
    )


def _enter(desk: Desk, number: str, kind: IncidentEntryKind, value: str, account: SubjectId | None = None) -> Incident:
    entry = IncidentEntry(
        kind=kind, at=desk.now, by_id=desk.actor.user_id, by_name=desk.actor.name, value=value, subject=account
    )
    return enter(desk, number, [entry])
