"""Orders as people make them: opened, drafted, signed, taken back, looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fanzha.adapters.store.cases import case_for_change, case_of, joined_cases, joined_to, require_writable
from fanzha.adapters.store.incidents import IncidentQuery, incidents
from fanzha.adapters.store.institutions import institution_called, the_institution
from fanzha.adapters.store.order_openings import Opening, numbered
from fanzha.adapters.store.orders import stops_on
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case, CaseState, text_of_person
from fanzha.kernel.errors import Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.ids import OrderId, UserId, uuid7
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor, covers
from fanzha.orders.accounts import require_account
from fanzha.orders.authority import Authority, signed_under
from fanzha.orders.drafting import (
    ENDINGS,
    REASON_CHARACTERS,
    Ground,
    Wish,
    confirmed,
    drafted,
    looked,
    require_lawful_still,
    unrelated,
)
from fanzha.orders.effects import RESTRICTING, Act, OrderKind
from fanzha.orders.entries import Entry, folded
from fanzha.orders.order import Capacity, Instruction, Order, TargetKind, Terms
from fanzha.orders.sending import revived
from fanzha.orders.signing import Signer, cancelled, rejected, signed
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import Institution, Need
from fanzha.wiring.cards import require_card_to_sign
from fanzha.wiring.delegating import lent_now, own_now
from fanzha.wiring.desk import Desk
from fanzha.wiring.kept_files import require_snapshot
from fanzha.wiring.known_as import seen_as
from fanzha.wiring.law import law_at
from fanzha.wiring.new_orders import NewOrder, mention_all, payment_of, target_of
from fanzha.wiring.order_papers import require_paper
from fanzha.wiring.sparing import sparing
from fanzha.workflows.order_request import trade_of

Signing = Callable[[Instruction], Sequence[Entry]]
"""The entries that sign a draft in the transaction that makes it."""
NAMED = frozenset({Trade.STOP, Trade.FREEZE})
"""What no bank does without the holder's name (protocol, 银发〔2016〕86号): said now, not when it cannot leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstruction:
    """What somebody asks of an order that there is; `id` makes asking twice one instruction."""

    act: Act
    terms: Terms
    reason: str
    victim_traceable_fen: int | None = None
    id: UUID | None = None


def open_order(desk: Desk, new: NewOrder) -> Order:
    """A new order with its first instruction drafted; what is wrong with it is said before anything is written."""
    require(desk.actor, "orders.draft")
    return opened(desk, new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A new order with which nothing is wrong: of which case, what was asked for, how it opens once it has a number."""

    case: Case
    new: NewOrder
    opening: Opening


def prepared_under(desk: Desk, case: Case, new: NewOrder, authority: Authority) -> Prepared:
    """A new order in the name of whoever drafted a standing authority, signed by its signatures: once opened it leaves.

    The caller holds the case's lock.
    """
    desk = replace(desk, in_name_of=authority.drafted_by)
    writable = require_writable(case, desk.actor)
    return _prepared(desk, writable, new, lambda draft: signed_under(draft, authority, desk.now))


def open_prepared(desk: Desk, some: Sequence[Prepared]) -> list[Order]:
    """All of them opened, with everything that they lead to; the caller holds the locks of their cases."""
    if not some:
        return []
    openings = numbered(desk.connection, [each.opening for each in some], desk.now)
    named = [(each.case, each.new, opening.order.number) for each, opening in zip(some, openings, strict=True)]
    mention_all(desk, named)
    return desk.open(openings)


def opened(desk: Desk, new: NewOrder) -> Order:
    """The order as `open_order` makes it, for whoever may already."""
    case = case_for_change(desk.connection, new.case_id, desk.actor)
    (order,) = open_prepared(desk, [prepared_by_hand(desk, case, new)])
    return order


def prepared_by_hand(desk: Desk, case: Case, new: NewOrder) -> Prepared:
    """A new order that a person drafts; the caller holds the case's lock."""
    prepared = _prepared(desk, case, new)
    _require_identity(desk, prepared.opening.order, case)
    return prepared


def _prepared(desk: Desk, case: Case, new: NewOrder, signing: Signing | None = None) -> Prepared:
    """What is wrong with the order is said, and nothing is written; `signing` signs the draft at once."""
    profile = desk.once(("institution", new.institution), lambda: institution_called(desk.connection, new.institution))
    if new.target_kind is TargetKind.ACCOUNT:
        require_account(new.text, profile.institution.kind)
    if new.kind is OrderKind.BLOCK:
        new = sparing(desk, new, profile.institution.kind)
    order = Order(
        id=OrderId(uuid7(desk.now, desk.house.chance)),
        number="",
        kind=new.kind,
        case_id=case.id,
        unit_path=case.unit_path,
        institution_id=profile.id,
        target=target_of(desk.house, new),
        payment=payment_of(desk, new.payment),
        opened_at=desk.now,
        opened_by=desk.by,
    )
    first = NewInstruction(
        act=Act.APPLY,
        terms=new.terms,
        reason=new.reason,
        victim_traceable_fen=new.victim_traceable_fen,
        id=new.id,
    )
    draft = _draft(desk, order, case, profile.institution, first)
    instruction = _with_paper(desk, order, draft)
    signatures = signing(instruction) if signing else ()
    return Prepared(case=case, new=new, opening=Opening(order=order, entries=(draft, *signatures)))


def instruct(desk: Desk, order_id: OrderId, new: NewInstruction) -> Order:
    """Draft one more instruction: extend, renew, release, lift, or apply again after a refusal."""
    require(desk.actor, "orders.draft")
    return _instructed(desk, desk.order(order_id), new)


def let_go_under(desk: Desk, order: Order, reason: str, authority: Authority) -> Order:
    """The end of an order that left under a standing authority, signed by its signatures: it leaves at once."""
    desk = replace(desk, in_name_of=authority.drafted_by)
    moved = _instructed(desk, order, NewInstruction(act=Act.LIFT, terms=Terms(), reason=reason))
    return desk.keep(moved, signed_under(moved.instructions[-1], authority, desk.now))


def confirm_early(desk: Desk, order_id: OrderId, reason: str) -> Order:
    """A named person says that a stop stays which its own terms would end, and why."""
    require(desk.actor, "orders.draft")
    order = desk.order(order_id)
    return desk.keep(order, [confirmed(order, desk.by, _words(reason), desk.now)])


def _instructed(desk: Desk, order: Order, new: NewInstruction) -> Order:
    case = case_of(desk.connection, order.case_id)
    institution = the_institution(desk.connection, order.institution_id).institution
    if new.act is Act.APPLY:
        _require_identity(desk, order, case)
    draft = _draft(desk, order, case, institution, new)
    _with_paper(desk, order, draft)
    return desk.keep(order, [draft])


def _with_paper(desk: Desk, order: Order, draft: Entry) -> Instruction:
    """The instruction that is drafted, whose paper will lack nothing."""
    drafted_order = folded(order, [draft])
    require_paper(desk, drafted_order, drafted_order.instructions[-1])
    return drafted_order.instructions[-1]


def sign(desk: Desk, order_id: OrderId, instruction_id: UUID) -> Order:
    """Sign an instruction in the first capacity that is missing and that this person has; the last one sends it."""
    order = desk.order(order_id)
    instruction = order.instruction(instruction_id)
    entries = signed(order, instruction, signer_of(desk, order), desk.now)
    require_card_to_sign(desk, entries[0].capacity)
    ground = ground_of(desk, order, case_of(desk.connection, order.case_id))
    require_lawful_still(order, instruction, ground, desk.now)
    return desk.keep(order, entries)


def reject(desk: Desk, order_id: OrderId, instruction_id: UUID, reason: str) -> Order:
    """Say no to a draft that one could sign."""
    order = desk.order(order_id)
    instruction, signer = order.instruction(instruction_id), signer_of(desk, order)
    return desk.keep(order, [rejected(order, instruction, signer, _words(reason), desk.now)])


def cancel(desk: Desk, order_id: OrderId, instruction_id: UUID, reason: str) -> Order:
    """Take back a draft or an instruction that has not left."""
    require(desk.actor, "orders.draft")
    order = desk.order(order_id)
    return desk.keep(order, [cancelled(order, order.instruction(instruction_id), desk.by, _words(reason), desk.now)])


def find_unrelated(desk: Desk, order_id: OrderId, reason: str) -> Order:
    """A named person found what is held unrelated: the days to let it go begin."""
    require(desk.actor, "orders.draft")
    order = desk.order(order_id)
    return desk.keep(order, [unrelated(order, desk.by, _words(reason), desk.now)])


def let_go(desk: Desk, order_id: OrderId, reason: str, release_fen: int | None = None, id: UUID | None = None) -> Order:
    """Found unrelated, with the end of the order or of a part of a freeze drafted in the same act, unless one is on
    its way already; `release_fen` None is all of it."""
    order = desk.order(order_id)
    if order.unrelated_at is None:
        order = find_unrelated(desk, order.id, reason)
    if any(each.open and each.act in ENDINGS for each in order.instructions):
        return order
    is_freeze = order.kind is OrderKind.FREEZE
    part = fen(release_fen) if is_freeze and release_fen is not None else None
    term = order.applied.terms.term if order.applied else Terms().term
    new = NewInstruction(
        act=Act.RELEASE if is_freeze else Act.LIFT, terms=Terms(term=term, release_fen=part), reason=reason, id=id
    )
    return instruct(desk, order.id, new)


def may_let_go(actor: Actor, order: Order) -> bool:
    """Whether this person may: it restricts somebody of their unit, nobody found it unrelated, no end is on its way."""
    if not actor.may("orders.draft") or not covers(actor.scope, order.unit_path):
        return False
    ending = any(each.open and each.act in ENDINGS for each in order.instructions)
    return order.effect in RESTRICTING and order.unrelated_at is None and not ending


def look_at(desk: Desk, order_id: OrderId, reason: str) -> Order:
    """A named person has seen what failed or lied, and says what was done."""
    require(desk.actor, "orders.draft")
    order = desk.order(order_id)
    return desk.keep(order, [looked(order, desk.by, _words(reason), desk.now)])


def revive(desk: Desk, order_id: OrderId, instruction_id: UUID, reason: str) -> Order:
    """Take up again an instruction that was given up: the institution is asked first."""
    require(desk.actor, "orders.draft")
    order = desk.order(order_id)
    return desk.keep(order, [revived(order.instruction(instruction_id), desk.by, desk.now, _words(reason))])


def signer_of(desk: Desk, order: Order) -> Signer:
    """As what this person may sign here: by their permissions at the level of their unit, and by delegation."""
    return Signer(by=desk.by, own=own_now(desk), lent=tuple(lent_now(desk, order.unit_path)))


def _draft(desk: Desk, order: Order, case: Case, institution: Institution, new: NewInstruction) -> Entry:
    if desk.by.user_id is None:
        raise Forbidden("orders.by_nobody")
    drafter = desk.by.user_id
    desk.once(("cards", order.unit_path, drafter), lambda: _require_cards(desk, order, drafter))
    wanted = Wish(
        id=new.id or uuid7(desk.now, desk.house.chance),
        act=new.act,
        terms=new.terms,
        reason=new.reason,
        victim_traceable_fen=None if new.victim_traceable_fen is None else fen(new.victim_traceable_fen),
    )
    ground = ground_of(desk, order, case, _demanded(institution, order, wanted))
    draft = drafted(order, wanted, ground, desk.by, desk.now)
    if order.kind is OrderKind.BLOCK and new.act is Act.APPLY:
        require_snapshot(desk.connection, case, new.terms.evidence)
    return draft


def ground_of(desk: Desk, order: Order, case: Case, demanded: tuple[Capacity, ...] = ()) -> Ground:
    """On what a draft about this order is judged now."""
    is_stop, target = order.kind is OrderKind.STOP, order.target.subject
    return Ground(
        law=law_at(desk.now),
        case_filed=is_filed(desk, case),
        earlier_stops=desk.once(("stops", target), lambda: stops_on(desk.connection, target)) if is_stop else 0,
        demanded=demanded,
    )


def is_filed(desk: Desk, case: Case) -> bool:
    """Whether it is filed, or the case to which it was joined."""
    stands = desk.once(("stands", case.id), lambda: joined_to(desk.connection, case.id))
    return CaseState.FILED in {case.state, case.state if stands == case.id else case_of(desk.connection, stands).state}


def _demanded(institution: Institution, order: Order, wanted: Wish) -> tuple[Capacity, ...]:
    """The signature that the institution demands beyond the law; `Illegal` where it cannot do this at all."""
    trade = trade_of(order.kind, wanted.act, wanted.terms)
    if not institution.can(trade):
        raise Illegal("orders.institution_cannot", institution=institution.name, trade=trade.value)
    needs = institution.needs(trade)
    if order.target.holder is None and (Need.HOLDER_NAME in needs or trade in NAMED):
        raise Invalid("orders.holder_missing", institution=institution.name)
    return (Capacity.SECOND_OFFICER,) if Need.SECOND_OFFICER in needs else ()


def _require_identity(desk: Desk, order: Order, case: Case) -> None:
    """`Illegal` where an account's institution acts on seen papers only, and nobody saw those of any report here.

    A filed case is paper enough: what its decision says was examined.
    """
    institution = the_institution(desk.connection, order.institution_id).institution
    if institution.papers_later or order.kind is OrderKind.BLOCK or is_filed(desk, case):
        return
    together = joined_cases(desk.connection, joined_to(desk.connection, case.id))
    reports = incidents(desk.connection, IncidentQuery(case_ids=tuple(together)))
    if reports and not any(each.identity_checked for each in reports):
        raise Illegal("orders.papers_first", institution=institution.name_zh)


def _require_cards(desk: Desk, order: Order, drafter: UserId) -> None:
    """Institutions know the organ and whoever drafts: said now, not when the message cannot leave."""
    seen = seen_as(desk.house, desk.connection, order.unit_path, frozenset({drafter}), desk.once)
    seen.organ()
    if drafter not in seen.cards():
        raise NotFound("orders.no_officer_card")


def _words(reason: str) -> str:
    return text_of_person(reason, REASON_CHARACTERS)
