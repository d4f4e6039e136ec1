"""Opening an order from the console: what the case knows is filled in, what a person types is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.institutions import every_institution, the_institutions
from fanzha.adapters.store.orders import application, order_by_number, order_of
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import identifiers_of
from fanzha.apps.web.views.new_order import AskedOrder, KnownPayment, OrderDraft
from fanzha.apps.web.views.orders import EvidenceFile, Restriction
from fanzha.apps.web.views.shown import BankNames, Choice
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.movements import movement_line
from fanzha.apps.web.wired.order_names import named
from fanzha.apps.web.wired.order_restrictions import restriction_of
from fanzha.apps.web.wired.orders import key_id
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.cases.case import Case
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.ids import InstitutionId, OrderId, SubjectId
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.accounts import require_sure
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import By, Instruction, Order, QueryOf, Target, TargetKind, Terms
from fanzha.registers.institutions import Institution, named_like, names_told
from fanzha.tracing.movements.movements import UNKNOWN_NODE
from fanzha.wiring.desk import Desk
from fanzha.wiring.kept_files import keep_snapshot, take_evidence
from fanzha.wiring.law import law_at
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order
from fanzha.wiring.requests import named_in_message
from fanzha.workflows.order_request import trade_of

E = TypeVar("E", OrderKind, TargetKind, QueryOf)

_ACCOUNT = TargetKind.ACCOUNT
MONITOR_DAYS = 30
"""What the form of a monitor offers first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the case's rows tell of an account and of the payment into it, in clear."""

    number: str = ""
    holder: str = ""
    payer: str = ""
    payer_name: str = ""
    payer_institution: str = ""
    amount_fen: int | None = None
    paid_at: datetime | None = None


class WiredNewOrder(HouseParts):
    """The form of a new order."""

    def order_draft(self, actor: Actor, ref: str, account: str, movement: str, before: str = "") -> OrderDraft:
        """What is known before anybody types."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            case = case_by_ref(connection, ref)
            registered = [each.institution for each in every_institution(connection)]
            shown = self.shown(case_ledger(self.house, connection, case)) if account or movement else None
            wrong = _before(connection, case, before) if before else None
            line = named(self.house, connection, [wrong]).line(wrong) if wrong else None
        number = shown.ledger.number(movement) if shown and movement else None
        node = _node(shown, account, number)
        bank = shown.ledger.banks.get(node, "") if shown and node is not None else ""
        return OrderDraft(
            case=case.ref,
            case_title=case.title,
            account=shown.account(node) if shown and node is not None else None,
            bank=BankNames.of(bank, names_told(registered)),
            institution=line.institution.code if line else fits.name if (fits := named_like(registered, bank)) else "",
            payment=_payment(shown, number),
            institutions=tuple(Choice(code=each.name, zh=each.name_zh, en=each.name_en) for each in registered),
            rules=self._rules(case),
            freeze_terms=tuple(law_at(self.house.now()).freeze.terms),
            before=line,
            does={each.name: _kinds_of(each) for each in registered},
            paid_before_fen=wrong.payment.amount_fen if wrong and wrong.payment else None,
        )

    def open_new_order(self, actor: Actor, asked: AskedOrder) -> str:
        """The number of the order now open; the same key again opens nothing new."""
        require(actor, "orders.draft")
        with self.house.act(actor) as connection:
            case = case_by_ref(connection, asked.case)
            desk = Desk(house=self.house, connection=connection, actor=actor)
            shown = self.shown(case_ledger(self.house, connection, case)) if asked.account or asked.movement else None
            known = _known_before(desk, case, asked) if asked.before else _known(shown, asked)
            new = _new(case, asked, known, key_id(actor, asked.key))
            if new.target_kind is _ACCOUNT:
                require_sure(asked.number, asked.sure)
            return _opened_before(desk, new) or open_order(desk, new).number

    def keep_snapshot(self, actor: Actor, ref: str, body: bytes) -> str:
        """The SHA-256 of a snapshot that now lies sealed with its case."""
        return keep_snapshot(self.house, actor, ref, body)

    def evidence(self, actor: Actor, number: str, purpose: str, reply: str) -> EvidenceFile:
        """The file on which a block rests, or a reply that somebody told."""
        file, body = take_evidence(self.house, actor, number, purpose, reply)
        return EvidenceFile(media_type=file.media_type, body=body)

    def _rules(self, case: Case) -> Mapping[str, Restriction]:
        law, now = law_at(self.house.now()), self.house.now()
        return {kind.value: _rule(kind, case, law, now) for kind in OrderKind}


def _opened_before(desk: Desk, new: NewOrder) -> str:
    """The order that the same person opened by the same key; `Conflict` when that was another one."""
    if new.id is None:
        return ""
    try:
        found = order_of(desk.connection, application(desk.connection, new.id).order_id)
    except NotFound:
        return ""
    if (found.case_id, found.kind) != (new.case_id, new.kind):
        raise Conflict("orders.key_used", number=found.number)
    return found.number


def _node(shown: ShownLedger | None, account: str, number: int | None) -> int | None:
    if shown is None:
        return None
    if account:
        return shown.node(account)
    payee = int(shown.ledger.found.movements.payee[number]) if number is not None else UNKNOWN_NODE
    return None if payee == UNKNOWN_NODE else payee


def _payment(shown: ShownLedger | None, number: int | None) -> KnownPayment | None:
    if shown is None or number is None:
        return None
    line = movement_line(shown, number)
    return KnownPayment(movement=line.id, amount_fen=line.amount_fen, at=line.at, payer=line.payer)


def _known(shown: ShownLedger | None, asked: AskedOrder) -> _Known:
    """What the keys of the form stand for; nobody's browser saw it."""
    if shown is None:
        return _Known()
    number = shown.ledger.number(asked.movement) if asked.movement else None
    node = _node(shown, asked.account, number)
    primary = shown.ledger.found.accounts.primary
    found = _Known(number="" if node is None else primary[node], holder="" if node is None else shown.ledger.name(node))
    if number is None:
        return found
    payer = int(shown.ledger.found.movements.payer[number])
    known = payer != UNKNOWN_NODE
    return _Known(
        number=found.number,
        holder=found.holder,
        payer=primary[payer] if known else "",
        payer_name=shown.ledger.name(payer) if known else "",
        amount_fen=int(shown.ledger.found.movements.amount_fen[number]),
        paid_at=movement_line(shown, number).at,
    )


def _before(connection: Connection, case: Case, number: str) -> Order:
    """The order of a case that another puts right; `NotFound` for one of another case."""
    found = order_by_number(connection, number)
    if found.case_id != case.id:
        raise NotFound("orders.not_found")
    return found


def _known_before(desk: Desk, case: Case, asked: AskedOrder) -> _Known:
    """What the order told that another puts right; nobody's browser saw it. The number of a telephone is no account."""
    order = _before(desk.connection, case, asked.before)
    paid, wanted = order.payment, asked.target_kind if asked.kind == OrderKind.BLOCK else _ACCOUNT
    bank = paid.payer_institution if paid else None
    banks = the_institutions(desk.connection, [bank]) if bank else {}
    clear = identifiers_of(desk.connection, desk.house.keys, named_in_message(order))

    def says(subject: SubjectId | None) -> str:
        return clear[subject].text if subject in clear else ""

    return _Known(
        number=says(order.target.subject) if order.target.kind == wanted else "",
        holder=says(order.target.holder),
        payer=says(paid.payer) if paid else "",
        payer_name=says(paid.payer_name) if paid else "",
        payer_institution=banks[bank].institution.name if bank in banks else "",
        amount_fen=paid.amount_fen if paid else None,
        paid_at=paid.at if paid else None,
    )


def _new(case: Case, asked: AskedOrder, known: _Known, key: UUID | None) -> NewOrder:
    kind = _one_of(OrderKind, asked.kind, "kind")
    number = asked.number or known.number
    if not number.strip():
        raise Invalid("orders.number_missing")
    return NewOrder(
        id=key,
        case_id=case.id,
        kind=kind,
        institution=asked.institution,
        target_kind=_one_of(TargetKind, asked.target_kind, "target_kind") if kind is OrderKind.BLOCK else _ACCOUNT,
        number=number,
        holder=asked.holder or known.holder,
        holder_class=asked.holder_class,
        terms=_terms(kind, asked),
        reason=asked.reason,
        payment=_paid(kind, asked, known),
        victim_traceable_fen=asked.traceable_fen,
    )


def _terms(kind: OrderKind, asked: AskedOrder) -> Terms:
    """What the kind takes of what was asked; the guards of drafting say what lacks."""
    match kind:
        case OrderKind.FREEZE:
            return Terms(
                limit_fen=None if asked.limit_fen is None else fen(asked.limit_fen),
                term=asked.term,
                months=asked.months,
                include_interest=asked.include_interest,
            )
        case OrderKind.QUERY:
            wanted = _one_of(QueryOf, asked.query_of, "query_of") if asked.query_of else None
            return Terms(query_of=wanted, since=asked.since, until=asked.until)
        case OrderKind.MONITOR:
            return Terms(days=asked.days)
        case OrderKind.BLOCK:
            return Terms(days=asked.days, evidence=asked.evidence)
    return Terms()


def _paid(kind: OrderKind, asked: AskedOrder, known: _Known) -> NewPayment | None:
    amount = asked.amount_fen if asked.amount_fen is not None else known.amount_fen
    at = asked.paid_at or known.paid_at
    if kind not in {OrderKind.STOP, OrderKind.FREEZE} or amount is None or at is None:
        return None
    return NewPayment(
        amount_fen=amount,
        at=at,
        payer_institution=asked.payer_institution or known.payer_institution,
        payer=asked.payer or known.payer,
        payer_name=asked.payer_name or known.payer_name,
    )


def _one_of(kinds: type[E], told: str, name: str) -> E:
    try:
        return kinds(told)
    except ValueError:
        raise Invalid("web.bad_field", name=name) from None


def _rule(kind: OrderKind, case: Case, law: LawPack, now: datetime) -> Restriction:
    """What an order of a kind does, before anything of it is known."""
    by = By(user_id=None, name="")
    target = Target(kind=TargetKind.ACCOUNT, subject=SubjectId(0))
    order = Order(
        id=OrderId(uuid4()),
        number="",
        kind=kind,
        case_id=case.id,
        unit_path=case.unit_path,
        institution_id=InstitutionId(uuid4()),
        target=target,
        opened_at=now,
        opened_by=by,
    )
    days = {OrderKind.MONITOR: MONITOR_DAYS, OrderKind.BLOCK: law.block.days}.get(kind)
    months = law.freeze.term("ordinary").months if kind is OrderKind.FREEZE else None
    draft = Instruction(
        id=order.id,
        act=Act.APPLY,
        terms=Terms(days=days, months=months),
        reason="",
        drafted_at=now,
        drafted_by=by,
        needs=(),
    )
    return restriction_of(order, draft, law, now)


def _kinds_of(institution: Institution) -> tuple[str, ...]:
    """The kinds of order that an institution carries out at all."""
    asked = [Terms(query_of=each) for each in QueryOf]  # what is asked matters to a query only
    return tuple(
        kind.value for kind in OrderKind if any(institution.can(trade_of(kind, Act.APPLY, each)) for each in asked)
    )
