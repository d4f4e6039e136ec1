"""The accounts of a chase: leads of its case under the ids by which the vault, the register and orders know them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fanzha.cases.incident import Incident, IncidentState
from fanzha.cases.told import HolderTold
from fanzha.kernel.clock import from_seconds, micros
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.authority import AccountSort
from fanzha.orders.deliveries import Delivery
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.codes import Outcome, meaning
from fanzha.registers.institutions import InstitutionKind
from fanzha.tracing.frontier import Dwell, Lead, seen_there
from fanzha.workflows.chase_funds import ChasedAccount
from fanzha.workflows.chase_leads import LeadFacts, together


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What banks told last of an account: its holder, and its balance with when it was so."""

    holder: HolderTold | None = None
    balance_fen: int | None = None
    balance_at: datetime | None = None


NOTHING_HEARD = Heard()


@dataclass(frozen=True, slots=True)
class Keeper:
    """The institution that keeps an account."""

    id: InstitutionId
    kind: InstitutionKind


def by_subject(
    leads: Sequence[LeadFacts], ids: Mapping[str, SubjectId], known_already: Collection[SubjectId]
) -> dict[SubjectId, LeadFacts]:
    """Each lead by the id under which the case knows its account already, else by that of its first identifier.

    What was told of one account by victims only stands beside what its statements tell: it is one lead.
    """
    found: dict[SubjectId, LeadFacts] = {}
    for lead in leads:
        mine = [ids[each] for each in lead.identifiers]
        subject = next((each for each in mine if each in known_already), mine[0])
        found[subject] = together(found[subject], lead) if subject in found else lead
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderWords:
    """With what names of sorts of holders end; a name of fewer than `least` characters is a person's."""

    least: int
    endings: Mapping[AccountSort, tuple[str, ...]]

    def sorts(self, name: str) -> frozenset[AccountSort]:
        """What a holder's name tells of the sort of account."""
        if len(name) < self.least:
            return frozenset()
        return frozenset(sort for sort, some in self.endings.items() if name.endswith(some))


def named(
    facts: Mapping[SubjectId, LeadFacts], names: Mapping[SubjectId, str], words: HolderWords
) -> dict[SubjectId, LeadFacts]:
    """Facts with the holder's name as the bank's own file has it, where nobody else told one, and what it tells."""
    told = {subject: each.name or names.get(subject, "") for subject, each in facts.items()}
    return {
        subject: replace(each, name=told[subject], sorts=words.sorts(told[subject])) for subject, each in facts.items()
    }


def believed(
    facts: Mapping[SubjectId, LeadFacts],
    heard: Mapping[SubjectId, Heard],
    orders: Mapping[SubjectId, Sequence[Order]],
    dwell: Dwell,
    now: datetime,
) -> dict[SubjectId, LeadFacts]:
    """Facts where money was there when its bank last told a balance, and is while a running monitor tells of nothing.

    The silence of a monitor counts for nothing where anything was sent to that bank of which nobody knows whether it
    arrived. A balance below what should lie there proves nothing of the rest.
    """
    doubted = {each.institution_id for some in orders.values() for each in some if _in_doubt(each)}
    return {
        subject: replace(
            each, lead=_seen(each.lead, heard.get(subject, NOTHING_HEARD), orders.get(subject, ()), doubted, dwell, now)
        )
        for subject, each in facts.items()
    }


def _seen(
    lead: Lead, heard: Heard, orders: Sequence[Order], doubted: Collection[InstitutionId], dwell: Dwell, now: datetime
) -> Lead:
    if heard.balance_at is None or heard.balance_fen is None or heard.balance_fen < lead.fen:
        return lead
    seen_at = max(heard.balance_at, from_seconds(lead.told_until_s or 0))
    for each in orders:
        watches = each.kind is OrderKind.MONITOR and each.in_force and each.institution_id not in doubted
        if watches and each.starts_at is not None and each.starts_at <= seen_at:
            return seen_there(lead, dwell, micros(now) // 1_000_000, micros(now) // 1_000_000)
    return seen_there(lead, dwell, micros(seen_at) // 1_000_000, micros(now) // 1_000_000)


def not_denied(
    facts: Mapping[SubjectId, LeadFacts],
    orders: Mapping[SubjectId, Sequence[Order]],
    keepers: Mapping[SubjectId, InstitutionId],
) -> dict[SubjectId, LeadFacts]:
    """Facts where nothing can be had in an account of which its own institution said last that it keeps none such."""
    return {
        subject: _without_hope(each) if _denies(orders.get(subject, ()), keepers.get(subject)) else each
        for subject, each in facts.items()
    }


def _denies(orders: Sequence[Order], keeper: InstitutionId | None) -> bool:
    asked = [each for order in orders if order.institution_id == keeper for each in order.instructions]
    said = [(each.answered_at, each.code) for each in asked if each.answered_at is not None and each.code]
    return bool(said) and meaning(max(said)[1]).outcome is Outcome.NO_ACCOUNT


def _without_hope(facts: LeadFacts) -> LeadFacts:
    lead = replace(facts.lead, there_ppm=0, recoverable_fen=0, moved_fen=facts.lead.fen)
    return replace(facts, lead=lead, is_absent=True)


def _in_doubt(order: Order) -> bool:
    return any(each.open and each.delivery is Delivery.UNKNOWN for each in order.instructions)


def chased_account(
    together: Sequence[Incident],
    subject: SubjectId,
    facts: LeadFacts,
    parts: Mapping[UUID, int],
    keeper: Keeper | None,
    heard: Heard,
) -> ChasedAccount:
    """The account as the chase of all these incidents looks at it; `parts` is whose money lies there, by incident."""
    states = {each.state for each in together if each.id in parts}
    return ChasedAccount(
        lead=facts.lead,
        subject=subject,
        institution_id=None if keeper is None else keeper.id,
        sorts=frozenset(_sorts(facts, keeper, heard)),
        told_class=_told_class(heard),
        balance_fen=facts.balance_fen if heard.balance_fen is None else fen(heard.balance_fen),
        own_fen=facts.own_fen,
        came_last_at=facts.paid_at,
        is_named=any(each.names(subject) for each in together),
        has_name=bool(facts.name),
        is_complete=facts.is_complete,
        is_absent=facts.is_absent,
        of=frozenset(parts),
        is_halted=IncidentState.HALTED in states,
        is_over=states == {IncidentState.CLOSED},
    )


def _sorts(facts: LeadFacts, keeper: Keeper | None, heard: Heard) -> Iterator[AccountSort]:
    """What sort of account it is, as far as its bank, its place or its holder's name tells.

    Where its bank says that the holder is a person, no name says otherwise.
    """
    told = _told_class(heard)
    if told is not None:
        yield told
    if told is AccountSort.PERSON:
        return
    yield from facts.sorts
    if keeper is not None and keeper.kind is InstitutionKind.PAYMENT and not facts.name:
        yield AccountSort.PAYMENT_POOL


def _told_class(heard: Heard) -> AccountSort | None:
    """What its bank told, by the holder's class."""
    return AccountSort(heard.holder.holder_class) if heard.holder is not None and heard.holder.holder_class else None
