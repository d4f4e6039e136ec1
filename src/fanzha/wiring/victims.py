"""Whose payments are the victims': the accounts behind the people and accounts that somebody named so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Connection

from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import Link, case_victims
from fanzha.adapters.store.subjects import Identifier, subject_ids
from fanzha.cases.case import Case
from fanzha.cases.subjects import SubjectKind
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.records.statements.rows import ABSENT
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.movements.movements import UNKNOWN_NODE
from fanzha.workflows.asked_trace import Asked
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.trace_starts import VICTIMS, victims_payments


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """Who was named a victim, by whom and why, and their accounts in the case's files: none where no file tells one."""

    link: Link
    nodes: tuple[int, ...]


def accounts_of_subjects(keys: Keys, ledger: CaseLedger) -> Mapping[SubjectId, tuple[int, ...]]:
    """The accounts of everybody in the case's rows, by the ids of their numbers, their holders' names and documents."""
    found: dict[Identifier, set[int]] = defaultdict(set)
    for identifier, node in _told(ledger):
        found[identifier].add(node)
    ids = subject_ids(keys, found)
    return {ids[each]: tuple(sorted(nodes)) for each, nodes in found.items()}


def _told(ledger: CaseLedger) -> Iterator[tuple[Identifier, int]]:
    accounts, rows = ledger.found.accounts, ledger.rows
    for node, (numbers, names) in enumerate(zip(accounts.identifiers, accounts.names, strict=True)):
        yield from ((Identifier(SubjectKind.ACCOUNT, each), node) for each in numbers)
        yield from ((Identifier(SubjectKind.NAME, each), node) for each in names)
    for told, party in ((rows.own_id, ledger.found.own), (rows.other_id, ledger.found.other)):
        some = (told.codes != ABSENT) & (party != UNKNOWN_NODE)
        pairs = np.unique(np.stack((told.codes[some], party[some])), axis=1)
        for code, node in pairs.T.tolist():
            yield Identifier(SubjectKind.DOCUMENT, told.values[code]), node


def victims_among(
    connection: Connection, keys: Keys, case: Case, accounts: Mapping[SubjectId, tuple[int, ...]]
) -> tuple[Victim, ...]:
    """The victims of a case with which of these accounts are theirs, in the order in which they were named."""
    return tuple(
        Victim(link=each, nodes=accounts.get(each.subject_id, ())) for each in case_victims(connection, keys, case.id)
    )


def nodes_of(victims: tuple[Victim, ...]) -> tuple[int, ...]:
    """All their accounts; `NotFound` when nobody is a victim."""
    if not victims:
        raise NotFound("trace.no_victims")
    return tuple(sorted({node for each in victims for node in each.nodes}))


def with_victims(
    connection: Connection, keys: Keys, case: Case, ledger: CaseLedger, flow: CaseFlow, asked: Asked
) -> Asked:
    """The question with the payments themselves where it says `victims`."""
    if VICTIMS not in asked.starts:
        return asked
    found = victims_among(connection, keys, case, accounts_of_subjects(keys, ledger))
    told = [each for each in asked.starts if each != VICTIMS]
    return replace(asked, starts=tuple(dict.fromkeys([*told, *victims_payments(ledger, flow, nodes_of(found))])))
