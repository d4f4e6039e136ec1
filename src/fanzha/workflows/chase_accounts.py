"""The accounts of a chase: leads of its case under the ids by which the vault, the register and orders know them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fanzha.cases.incident import Incident, IncidentState
from fanzha.cases.told import HolderTold
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.authority import AccountSort
from fanzha.registers.institutions import InstitutionKind
from fanzha.workflows.chase_funds import ChasedAccount
from fanzha.workflows.chase_leads import LeadFacts, together


@dataclass(frozen=True, slots=True)
class Heard:
    """What banks told last of an account: its holder, and its balance."""

    holder: HolderTold | None = None
    balance_fen: int | None = None


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


def named(facts: Mapping[SubjectId, LeadFacts], names: Mapping[SubjectId, str]) -> dict[SubjectId, LeadFacts]:
    """Facts with the holder's name as the bank's own file has it, where nobody else told one."""
    return {
        subject: each if each.name or subject not in names else replace(each, name=names[subject])
        for subject, each in facts.items()
    }


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
        balance_fen=facts.balance_fen if heard.balance_fen is None else fen(heard.balance_fen),
        is_named=any(each.names(subject) for each in together),
        has_name=bool(facts.name),
        of=frozenset(parts),
        is_halted=IncidentState.HALTED in states,
        is_over=states == {IncidentState.CLOSED},
    )


def _sorts(facts: LeadFacts, keeper: Keeper | None, heard: Heard) -> Iterator[AccountSort]:
    """What sort of account it is, as far as its bank or its place tells."""
    if keeper is not None and keeper.kind is InstitutionKind.PAYMENT and not facts.name:
        yield AccountSort.PAYMENT_POOL
    if heard.holder is not None and heard.holder.holder_class:
        yield AccountSort(heard.holder.holder_class)
