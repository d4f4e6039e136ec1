"""The page after the hour, from the house."""

from __future__ import annotations

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.store.cases import case_entries
from fanzha.adapters.store.incidents import entries_of_incident
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.after_hour import AfterAct, AfterView, EvidenceLine, FollowUpLine, HeldLine, StatementLine
from fanzha.apps.web.views.shown import Masked
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.incidents import lines_of
from fanzha.apps.web.wired.order_names import OrderNames, named_with
from fanzha.cases.case import CaseState, EntryKind
from fanzha.cases.incident import IncidentEntryKind
from fanzha.i18n import Language
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor, covers
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.wiring.after_hour import afterwards, file_and_freeze, follow_up, follow_up_due, keep_evidence, to_freeze
from fanzha.wiring.chase_look import Look, look_at
from fanzha.wiring.desk import Desk
from fanzha.wiring.incident_summaries import take_summary

IDENTITY = "identity"


class WiredAfterHour(HouseParts):
    """What is to be done once the chase has done what it can."""

    def after_hour(self, actor: Actor, number: str) -> AfterView:
        """What is held and until when, what is gathered, what the victim was told."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            return _view(desk, look_at(desk, number))

    def do_after(self, actor: Actor, number: str, told: AfterAct) -> None:
        """File and freeze, note evidence, or tell the victim."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            match told.act:
                case "file":
                    file_and_freeze(desk, number, told.words)
                case "evidence":
                    keep_evidence(desk, number, told.code, told.words)
                case "told":
                    follow_up(desk, number, told.words)
                case _:
                    raise Invalid("web.bad_filter", name="act")

    def incident_summary(self, actor: Actor, number: str, purpose: str, language: Language) -> SetPaper:
        """The incident on a page in a language, in full for a purpose, masked without one."""
        return take_summary(self.house, actor, number, purpose, language)


def _view(desk: Desk, look: Look) -> AfterView:
    told, connection = look.chased.asked, desk.connection
    orders = [order for some in look.orders.values() for order in some]
    names = named_with(desk.house, connection, orders, list(look.facts))
    case = look.chased.case
    entries = entries_of_incident(connection, told.id)
    kept = {
        code: EvidenceLine(code=code, where=where, by=each.by_name, at=each.at)
        for each in entries
        if each.kind is IncidentEntryKind.EVIDENCE
        for code, _, where in (each.value.partition(":"),)
    }
    seen_at = told.identity_checked_at
    if seen_at is not None:
        by = next((each.by_name for each in entries if each.kind is IncidentEntryKind.IDENTITY), "")
        kept.setdefault(IDENTITY, EvidenceLine(code=IDENTITY, by=by, at=seen_at))
    moves = case_entries(connection, case.id, EntryKind.MOVED)
    return AfterView(
        line=lines_of(connection, [told])[0],
        case=case.ref,
        case_state=case.state.value,
        filed_since=max((each.at for each in moves if each.value == CaseState.FILED), default=None),
        held=[_held(look, names, each) for each in orders if each.kind is OrderKind.STOP and each.holding_fen],
        drafts=len(list(to_freeze(look))),
        statements=[_statement(look, names, subject) for subject in look.facts],
        evidence=[kept.get(each, EvidenceLine(code=each)) for each in afterwards().evidence],
        follow_ups=[
            FollowUpLine(at=each.at, by=each.by_name, words=each.value)
            for each in reversed(entries)
            if each.kind is IncidentEntryKind.FOLLOWED_UP
        ],
        follow_up_due=follow_up_due(told),
        writable=desk.actor.may("orders.draft") and covers(desk.actor.scope, told.unit_path),
    )


def _held(look: Look, names: OrderNames, stop: Order) -> HeldLine:
    others = look.orders.get(stop.target.subject, ())
    freezes = [each for each in others if each.kind is OrderKind.FREEZE]
    open_ones = [each for each in freezes if each.in_force or any(one.open for one in each.instructions)]
    return HeldLine(
        stop=names.line(stop),
        freeze=names.line(open_ones[-1]) if open_ones else None,
        because="" if open_ones else look.chased.asked.balked.get((stop.target.subject, OrderKind.FREEZE.value), ""),
    )


def _statement(look: Look, names: OrderNames, subject: SubjectId) -> StatementLine:
    queries = [each for each in look.orders.get(subject, ()) if each.kind is OrderKind.QUERY]
    answered = [each for each in queries if each.effect.value == "answered"]
    open_ones = [each for each in queries if any(one.open for one in each.instructions)]
    profile = look.profiles.get(subject)
    told = (answered or open_ones)[-1:]
    return StatementLine(
        account=names.subject(subject, sealed=False) or Masked(""),
        institution=None if profile is None else names.institution(profile.id),
        layer=look.facts[subject].lead.layer,
        state="here" if answered else "asked" if open_ones else "missing",
        order=told[0].number if told else "",
        key=f"{subject:016x}",
    )
