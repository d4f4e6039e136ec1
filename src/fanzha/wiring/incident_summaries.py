"""The one-page summary of an incident, taken by somebody who may, with the mark that it left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fanzha.adapters.documents.incident_summary import set_summary
from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.incidents import entries_of_incident
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.people import person_called
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import identifiers_of, masked
from fanzha.adapters.store.units import Unit, find_unit
from fanzha.cases.incident import IncidentEntryKind
from fanzha.cases.subjects import MASKS, SubjectKind
from fanzha.i18n import Language
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.units import Actor
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.registers.institutions import Institution
from fanzha.wiring.after_hour import afterwards
from fanzha.wiring.chase import stakes_at
from fanzha.wiring.chase_look import Look
from fanzha.wiring.chase_scene import Scene, scene
from fanzha.wiring.desk import Desk
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.house import House
from fanzha.workflows.incident_summary import IncidentSummary, SummaryAccount, SummaryPayment


def take_summary(house: House, actor: Actor, number: str, purpose: str, language: Language = "zh") -> SetPaper:
    """The page as PDF: numbers and names in full for a purpose, masked without one; the audit says who took it."""
    require(actor, "orders.see")
    require(actor, "statements.export")
    if purpose:
        require(actor, "statements.reveal")
    with house.act(actor) as connection:
        desk = Desk(house=house, connection=connection, actor=actor)
        seen = scene(desk, number)
        told = summary_of(desk, seen, hidden=not purpose, language=language)
        taken = Taken(table="incident", rows=len(told.accounts), purpose=purpose)
        record_export(house, connection, actor, seen.look.chased.case, taken)
    return set_summary(told, language)


def summary_of(desk: Desk, seen: Scene, *, hidden: bool, language: Language = "zh") -> IncidentSummary:
    """What the page says, by what the incident and its orders tell: nothing in it is a guess, or of today."""
    look, connection = seen.look, desk.connection
    told, case = look.chased.asked, look.chased.case
    orders = [each for some in look.orders.values() for each in some]
    entries = entries_of_incident(connection, told.id)
    says = _clear(desk, look, hidden=hidden)
    banks = {each.id: _named(each.institution, language) for each in every_institution(connection)}
    unit = find_unit(connection, told.unit_path)
    sent = [one.first_sent_at for each in orders for one in each.instructions if one.first_sent_at is not None]
    held = [each.starts_at for each in orders if each.held_fen and each.starts_at is not None]
    stakes = stakes_at(seen, desk.now)[told.id]
    there = told.evidence | ({"identity"} if told.identity_checked else set())
    times = [told.taken_at, *sent, *held, *(each.at for each in entries)]
    return IncidentSummary(
        number=told.number,
        case=case.ref,
        case_state=case.state.value,
        unit="" if unit is None else _named(unit, language),
        source=told.source.value,
        scam_type=told.scam_type,
        victim=says.get(told.victim, "") if told.victim else "",
        handler=_called(desk, told.handler),
        reported_at=told.reported_at,
        taken_at=told.taken_at,
        first_order_at=min(sent, default=None),
        first_hold_at=min(held, default=None),
        last_hold_at=max(held, default=None),
        as_of=max(times),
        lost_fen=told.lost_fen,
        held_fen=stakes.held_fen,
        gone_fen=stakes.gone_fen,
        payments=[
            SummaryPayment(
                at=each.at,
                account=says.get(each.payee, ""),
                holder=says.get(each.payee_name, "") if each.payee_name else "",
                institution=banks.get(each.institution_id, ""),
                fen=each.amount_fen,
            )
            for each in told.payments
        ],
        accounts=sorted(_accounts(look, says, banks, hidden=hidden), key=lambda each: (each.layer, each.account)),
        evidence=[each for each in afterwards().evidence if each in there],
        missing=[each for each in afterwards().evidence if each not in there],
        follow_ups=[(each.at, each.value) for each in entries if each.kind is IncidentEntryKind.FOLLOWED_UP],
        outcome=told.outcome,
        is_exercise=desk.house.instance.birth == "exercise",
        is_masked=hidden,
    )


def _accounts(
    look: Look, says: Mapping[SubjectId, str], banks: Mapping[InstitutionId, str], *, hidden: bool
) -> Iterable[SummaryAccount]:
    for subject, facts in look.facts.items():
        orders = [each for each in look.orders.get(subject, ()) if each.effect not in _GIVEN_UP]
        holding = [each for each in orders if each.holding_fen]
        asked = [each for each in orders if each.kind in _HOLDING]
        last: Order | None = max(holding or asked, key=lambda each: (each.opened_at, each.number), default=None)
        profile = look.profiles.get(subject)
        yield SummaryAccount(
            layer=facts.lead.layer,
            account=says.get(subject, ""),
            holder=MASKS[SubjectKind.NAME](facts.name) if hidden and facts.name else facts.name,
            institution=banks.get(profile.id, "") if profile else facts.bank,
            traced_fen=facts.lead.fen,
            held_fen=sum(each.holding_fen for each in holding),
            order=last.number if last else "",
            until=last.ends_at if last and holding else None,
            effect=last.effect.value if last and not holding else "",
            code=_refusal(last) if last and not holding else "",
        )


def _named(told: Institution | Unit, language: Language) -> str:
    return told.name_zh if language == "zh" else told.name_en


_HOLDING = frozenset({OrderKind.STOP, OrderKind.FREEZE})
_GIVEN_UP = frozenset({Effect.CANCELLED, Effect.REJECTED})


def _refusal(order: Order) -> str:
    """The code by which the institution refused it; empty where it did not."""
    began = order.applied
    return began.code if began is not None and order.effect is Effect.REFUSED else ""


def _called(desk: Desk, login: str) -> str:
    """What a colleague is called, where the house still knows them."""
    with desk.as_house() as as_house:
        known = person_called(as_house, login)
    return login if known is None else known.name


def _clear(desk: Desk, look: Look, *, hidden: bool) -> Mapping[SubjectId, str]:
    told = look.chased.asked
    wanted = {*look.facts, *(each.payee for each in told.payments)}
    wanted |= {each for one in told.payments if (each := one.payee_name) is not None}
    wanted |= {told.victim} if told.victim is not None else set()
    if hidden:
        return masked(desk.connection, desk.house.keys, wanted)
    return {each: one.text for each, one in identifiers_of(desk.connection, desk.house.keys, wanted).items()}
