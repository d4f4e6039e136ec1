"""One order as its record shows it: its facts, its instructions, and every entry of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.kept_files import file_if_any
from fanzha.apps.web.views.orders import (
    EntryLine,
    EvidenceLine,
    HeardLine,
    InstructionView,
    OrderView,
    PaidLine,
    PaperLine,
    PriorLine,
    SignatureLine,
    UnseenCode,
)
from fanzha.apps.web.wired.order_names import OrderNames, capacity_choice
from fanzha.apps.web.wired.order_restrictions import restriction_of
from fanzha.apps.web.wired.order_told import said_about, told_about
from fanzha.apps.web.wired.signing import may_sign
from fanzha.kernel.errors import FanzhaError, NotFound
from fanzha.kernel.units import covers
from fanzha.orders.deliveries import OUT, Delivery
from fanzha.orders.drafting import Wish, drafted, unrelated
from fanzha.orders.effects import ACTS, Act
from fanzha.orders.entries import ALARM, Entry, EntryKind
from fanzha.orders.law import LawPack
from fanzha.orders.order import Instruction, Order, Terms
from fanzha.orders.signing import Signer
from fanzha.protocol.codes import meaning
from fanzha.wiring.desk import Desk
from fanzha.wiring.kept_files import replies_of
from fanzha.wiring.law import law_at
from fanzha.wiring.orders import ground_of, may_let_go, signer_of
from fanzha.wiring.paper_shelf import Shelved, shelf

ACTS_SHOWN = (Act.LIFT, Act.RELEASE, Act.EXTEND, Act.RENEW, Act.APPLY)
"""What gives back comes first: a release is as quick to do as the stop was."""
_OF_CATALOGUE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks at which order, with its names and the law of today."""

    desk: Desk
    names: OrderNames
    law: LawPack
    signer: Signer

    @property
    def writes(self) -> bool:
        """Whether this person drafts orders."""
        return self.desk.actor.may("orders.draft")


def look(desk: Desk, names: OrderNames, order: Order) -> Look:
    """What is needed to show one order to the person at the desk."""
    return Look(desk=desk, names=names, law=law_at(desk.now), signer=signer_of(desk, order))


def order_view(seen: Look, order: Order, entries: Sequence[Entry]) -> OrderView:
    """The record of an order."""
    ours = covers(seen.desk.actor.scope, order.unit_path)
    acts = {each.id: each.act.value for each in order.instructions}
    holders, holdings = told_about(seen.desk, order)
    finds = ours and seen.writes and order.unrelated_at is None and _may_find(seen, order)
    return OrderView(
        line=seen.names.line(order, sealed=True),
        target_kind=order.target.kind.value,
        holder_class=order.target.holder_class,
        case_title=seen.names.cases.get(order.case_id, ("", ""))[1],
        opened_by=order.opened_by.name,
        balance_fen=order.balance_fen,
        victim_traceable_fen=order.victim_traceable_fen,
        held_fen=order.held_fen,
        released_fen=order.released_fen,
        returned_fen=order.returned_fen,
        times=order.times,
        unrelated_at=order.unrelated_at,
        paid=_paid(seen, order),
        evidence=_evidence(seen, order),
        prior=tuple(PriorLine(organ=p.organ, amount_fen=p.amount_fen, ends_at=p.ends_at) for p in order.prior),
        contradicted=order.contradicted,
        unseen=tuple(unseen_code(each) for each in order.unseen),
        instructions=tuple(instruction_view(seen, order, each) for each in reversed(order.instructions)),
        papers=tuple(_paper(seen, each, acts) for each in shelf(seen.desk.house, seen.desk.connection, order)),
        entries=tuple(_entry(seen, order, each, acts) for each in reversed(entries)),
        said=said_about(seen.desk, order),
        holders=holders,
        holdings=holdings,
        acts=_acts(seen, order) if ours and seen.writes else (),
        may_find_unrelated=finds and order.holding_fen > 0,
        may_let_go=finds and may_let_go(seen.desk.actor, order),
        may_confirm=order.ends_unless_confirmed,
        writable=ours and seen.writes,
    )


def _paper(seen: Look, each: Shelved, acts: Mapping[UUID, str]) -> PaperLine:
    actor = seen.desk.actor
    return PaperLine(
        id=str(each.id),
        form=each.form.value,
        act=acts.get(each.instruction, "") if each.instruction else "",
        instruction=str(each.instruction or ""),
        number=each.number,
        sha256=each.sha256,
        issued_at=each.issued_at,
        is_draft=each.is_draft,
        may_take=actor.may("statements.reveal") and (each.is_draft or actor.may("orders.send_paper")),
    )


def instruction_view(seen: Look, order: Order, each: Instruction) -> InstructionView:
    """One instruction with what this person may do about it."""
    terms, ours = each.terms, covers(seen.desk.actor.scope, order.unit_path)
    return InstructionView(
        id=str(each.id),
        act=each.act.value,
        reason=each.reason,
        drafted_at=each.drafted_at,
        drafted_by=each.drafted_by.name,
        signatures=_signatures(seen, each),
        paper=each.paper.value,
        delivery=each.delivery.value,
        tries=each.tries,
        asked=each.asked,
        sent_at=each.sent_at,
        answered_at=each.answered_at,
        code=each.code,
        result=result_of(each.code),
        limit_fen=terms.limit_fen,
        release_fen=terms.release_fen,
        term=terms.term,
        months=terms.months,
        days=terms.days,
        query_of=terms.query_of.value if terms.query_of else "",
        since=terms.since,
        until=terms.until,
        evidence=terms.evidence,
        may_sign=ours and may_sign(seen.desk, order, each, seen.signer),
        may_cancel=ours and seen.writes and each.open and each.delivery in {Delivery.UNSENT, Delivery.QUEUED},
        may_revive=ours and seen.writes and each.delivery is Delivery.DEAD,
        may_answer=ours and seen.desk.actor.may("orders.send_paper") and each.delivery in OUT,
        restriction=restriction_of(order, each, seen.law, seen.desk.now),
    )


def instruction_id(text: str) -> UUID:
    """The id of an instruction, or of a paper; whatever is no id names none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("orders.no_such_instruction", instruction=text) from None


def result_of(code: str) -> str:
    """The code or family of the national catalogue under which a result is known; `unknown` for any other."""
    if not (len(code) == _OF_CATALOGUE and code.isdigit()):
        return ""
    return meaning(code).known_as or "unknown"


def wished_terms(order: Order, act: Act) -> Terms:
    """The terms that an act takes over from the order: a freeze goes on and ends as what it was applied for."""
    applied = [each.terms for each in order.instructions if each.act is Act.APPLY]
    if act is Act.APPLY and applied:
        return applied[-1]
    return Terms(term=applied[-1].term) if applied else Terms()


def unseen_code(code: str) -> UnseenCode:
    """What nobody has looked at yet, with the catalogue that names it."""
    clock = code.removeprefix(ALARM) if code.startswith(ALARM) else ""
    return UnseenCode(code=code, result=result_of(code), clock=clock)


def _acts(seen: Look, order: Order) -> tuple[str, ...]:
    """What may be instructed now, by the guards that would refuse it otherwise."""
    ground = ground_of(seen.desk, order, case_of(seen.desk.connection, order.case_id))
    found = []
    for act in (each for each in ACTS_SHOWN if each in ACTS[order.kind]):
        terms = wished_terms(order, act)
        if act is Act.RENEW:
            terms = Terms(term=terms.term, months=1)
        wish = Wish(id=uuid4(), act=act, terms=terms, reason="-")
        try:
            drafted(order, wish, ground, seen.desk.by, seen.desk.now)
        except FanzhaError:
            continue
        found.append(act.value)
    return tuple(found)


def _may_find(seen: Look, order: Order) -> bool:
    try:
        unrelated(order, seen.desk.by, "-", seen.desk.now)
    except FanzhaError:
        return False
    return True


def _signatures(seen: Look, each: Instruction) -> tuple[SignatureLine, ...]:
    made = {signature.capacity: signature for signature in each.signatures}
    lines = []
    for capacity in each.needs:
        found = made.get(capacity)
        told = capacity_choice(seen.law, capacity.value)
        if found is None:
            lines.append(SignatureLine(capacity=told))
        else:
            stood_for = seen.names.person(found.for_user)
            lines.append(SignatureLine(capacity=told, by=found.by.name, at=found.at, for_name=stood_for))
    return tuple(lines)


def _paid(seen: Look, order: Order) -> PaidLine | None:
    paid = order.payment
    if paid is None:
        return None
    return PaidLine(
        amount_fen=paid.amount_fen,
        at=paid.at,
        institution=seen.names.institution(paid.payer_institution) if paid.payer_institution else None,
        payer=seen.names.subject(paid.payer),
        name=seen.names.subject(paid.payer_name),
    )


def _evidence(seen: Look, order: Order) -> EvidenceLine | None:
    """The newest evidence that the order rests on."""
    hashes = [each.terms.evidence for each in order.instructions if each.terms.evidence]
    file = file_if_any(seen.desk.connection, order.case_id, hashes[-1]) if hashes else None
    if file is None:
        return None
    return EvidenceLine(sha256=file.sha256, media_type=file.media_type, size=file.size, at=file.at, by=file.by)


def _reply(seen: Look, order: Order, each: Entry) -> str:
    """The SHA-256 of a reply that came back by hand, where its file is kept with the case."""
    found = [one for one in replies_of([each]) if file_if_any(seen.desk.connection, order.case_id, one)]
    return found[0] if found else ""


def _entry(seen: Look, order: Order, each: Entry, acts: Mapping[UUID, str]) -> EntryLine:
    """One thing that happened, its code with the section that knows its meaning."""
    told = each.heard
    result = result_of(each.code) if each.kind is not EntryKind.CONVERTED else ""
    return EntryLine(
        at=each.at,
        by=each.by.name,
        is_house=each.by.user_id is None,
        kind=each.kind.value,
        act=acts.get(each.instruction, "") if each.instruction else "",
        capacity=capacity_choice(seen.law, each.capacity.value) if each.capacity else None,
        for_name=seen.names.person(each.for_user),
        code=each.code,
        result=result,
        note="" if result else each.code,
        reason=each.reason,
        held_fen=each.amounts.held_fen,
        balance_fen=each.amounts.balance_fen,
        released_fen=each.amounts.more_released_fen,
        ends_at=each.ends_at,
        reply=_reply(seen, order, each),
        heard=None if told is None else HeardLine(by=told.by, way=told.way, at=told.at, reference=told.reference),
    )
