"""A case's ledger: computed when its imports change, kept sealed, and held in memory by whoever shows it often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from sqlalchemy import Connection

from fanzha.adapters.ledger.memory import give_back
from fanzha.adapters.ledger.places import LedgerPlaces
from fanzha.adapters.ledger.reading import SealedImport, read_rows
from fanzha.adapters.ledger.reconciled import from_arrays, to_arrays
from fanzha.adapters.ledger.records import read_records
from fanzha.adapters.ledger.results import read_arrays, write_arrays
from fanzha.adapters.ledger.sealed import new_key
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.imports import Import, import_keys, included_imports, list_imports, told_in_lines
from fanzha.adapters.store.reconciliations import (
    CaseAccount,
    Reconciliation,
    current_reconciliation,
    inputs_digest,
    keep_reconciliation,
)
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.adapters.store.unit_of_work import for_a_moment_as_worker
from fanzha.cases.case import Case
from fanzha.cases.subjects import SubjectKind
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import CaseId, ImportId, uuid7
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.records.statements.joining import merge_rows
from fanzha.records.statements.rows import StatementRows
from fanzha.tracing.account_facts import FactLimits, account_facts
from fanzha.tracing.movements.movements import Fate
from fanzha.wiring.held_ledgers import FRESH, HELD, Fresh, Held, Part, Parts, SourcedAccount
from fanzha.wiring.house import House
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.reconcile_case import reconcile_case

DUPLICATES_OF = "duplicates_of_"
"""Before an import's id: the count of its rows that repeat others."""


MOVEMENTS_OF = "movements_of_"
"""Before an import's id: the count of movements that its rows tell of."""


def places(house: House) -> LedgerPlaces:
    """Where the sealed files of this house lie."""
    return LedgerPlaces(root=house.evidence)


def reconcile_and_keep(
    house: House, connection: Connection, case_id: CaseId, known: Mapping[ImportId, StatementRows] | None = None
) -> CaseLedger:
    """Compute the case's ledger from the imports that count, in place of what was kept before.

    `known` are imports whose rows somebody has read already: a case with one import needs no second look.
    """
    case = case_of(connection, case_id, lock=True)
    return _reconciled(house, connection, case, included_imports(connection, case_id), known)


def _reconciled(
    house: House,
    connection: Connection,
    case: Case,
    imports: Sequence[Import],
    known: Mapping[ImportId, StatementRows] | None = None,
) -> CaseLedger:
    """The ledger computed from the imports that count, and kept; the caller holds the lock of the case."""
    case_id, ledger = case.id, _computed(house, connection, case, imports, known)
    made_id, key = uuid7(house.now()), new_key()
    path = places(house).reconciliation(case_id, made_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = write_arrays(path, key, to_arrays(ledger.found))
    made = Reconciliation(
        id=made_id,
        case_id=case_id,
        unit_path=case.unit_path,
        inputs=inputs_digest(imports),
        made_at=house.now(),
        sha256=sealed.sha256,
        size=sealed.size,
        counts=_counts(ledger),
    )
    replaced = keep_reconciliation(connection, house.keys, made, key, imports, _accounts(house, ledger))
    # What is replaced now lies there until the next time: this transaction may yet be taken back, and somebody may
    # be reading it. Nobody else writes in this folder while the case is locked.
    places(house).remove_reconciliations(case_id, but=[made.id, *replaced])
    return ledger


def _computed(
    house: House,
    connection: Connection,
    case: Case,
    imports: Sequence[Import],
    known: Mapping[ImportId, StatementRows] | None = None,
) -> CaseLedger:
    """The ledger of these imports as it is held, else computed and held."""
    held = HELD.get(case.id, _parts(imports))
    if held is not None:
        return held.ledger
    opening = _Opening.of(house, connection, imports)
    if known and [each.id for each in imports] == [*known]:
        (rows,) = known.values()
    else:
        rows = _rows(case.id, imports, opening)
    give_back(len(rows))
    accounts = _account_records(case.id, imports, opening)
    ledger = reconcile_case(rows, accounts)
    give_back(len(rows))
    return HELD.put(Held(case_id=case.id, parts=_parts(imports), ledger=ledger, accounts=accounts))


@dataclass(slots=True)
class _Opening:
    """Some imports as they are opened: what this process sealed lies in memory still, and the keys of the others are
    read together when the first is asked for."""

    house: House
    connection: Connection
    imports: Sequence[Import]
    fresh: Mapping[ImportId, Fresh]
    keys: Mapping[ImportId, bytes] | None = None

    @staticmethod
    def of(house: House, connection: Connection, imports: Sequence[Import]) -> _Opening:
        """Of these imports what lies in memory is taken, for the ledger that is made of it."""
        taken = {each.id: FRESH.take((each.id, each.sha256)) for each in imports}
        return _Opening(house, connection, imports, {which: found for which, found in taken.items() if found})

    def key(self, each: Import) -> bytes:
        """The key that opens an import."""
        if self.keys is None:
            self.keys = import_keys(self.connection, self.house.keys, [one.id for one in self.imports])
        return self.keys[each.id]

    def rows(self, some: Sequence[Import]) -> list[StatementRows]:
        """The rows of some of them, in parts."""
        found = [rows for each in some if each.id in self.fresh for rows in self.fresh[each.id].rows]
        sealed = [each for each in some if each.id not in self.fresh]
        if sealed or not found:
            kept = places(self.house)
            found.append(read_rows([SealedImport(path=kept.rows(each.id), key=self.key(each)) for each in sealed]))
        return found

    def accounts(self, some: Sequence[Import]) -> list[SourcedAccount]:
        """What some of them tell of accounts."""
        kept, found = places(self.house), list[SourcedAccount]()
        missing = [each.id for each in some if each.id not in self.fresh and not kept.records(each.id).exists()]
        in_lines = told_in_lines(self.connection, missing) if missing else set()
        for each in some:
            if each.id in self.fresh:
                found += self.fresh[each.id].accounts
            elif each.id not in in_lines:
                told = read_records(kept.records(each.id), self.key(each))
                found += [(source, record) for source, record in told if isinstance(record, AccountRecord)]
        return found


def _rows(case_id: CaseId, imports: Sequence[Import], opening: _Opening) -> StatementRows:
    """The rows of imports: what is held in memory grows by those that came since, else all are read.

    Imports are sealed once and never change, so that rows held are rows read.
    """
    held = HELD.grown_into(case_id, _parts(imports))
    since = _since(imports, held)
    parts = [] if held is None else [held.ledger.rows]
    if since or held is None:
        parts += opening.rows(since)
    return parts[0] if len(parts) == 1 else merge_rows(parts)


def _since(imports: Sequence[Import], held: Held | None) -> list[Import]:
    """The imports that are no part of what is held."""
    parts = frozenset[Part]() if held is None else held.parts
    return [each for each in imports if (each.id, each.sha256) not in parts]


def _parts(imports: Sequence[Import]) -> Parts:
    return frozenset((each.id, each.sha256) for each in imports)


def case_ledger(house: House, connection: Connection, case: Case) -> CaseLedger:
    """The case's ledger as kept, or computed anew when imports changed or a newer program lays it out otherwise.

    Whoever looks first after an answer has it computed, also who may only read: the case's own unit keeps it, which
    also sees the cases that are joined to a shared one.
    """
    with for_a_moment_as_worker(connection, case.unit_path, house.now()):
        imports = included_imports(connection, case.id)
        if not imports:
            return empty_ledger()
        found = _kept_ledger(house, connection, case, imports)
        if found is not None:
            return found
        case_of(connection, case.id, lock=True)  # whoever computes it at this moment has it ready when we come in
        imports = included_imports(connection, case.id)
        return _kept_ledger(house, connection, case, imports) or _reconciled(house, connection, case, imports)


def ledger_alone(house: House, connection: Connection, case: Case, imports: Sequence[Import]) -> CaseLedger:
    """The same for a worker of the case's unit who holds its lock and looks at what changes by the second: what was
    computed is kept by whoever looks next, or once the case rests (`keep_ledger`). These are the imports that count.
    """
    if not imports:
        return empty_ledger()
    # What is held of the case grows sooner than what was kept of it is looked for.
    held = HELD.grown_into(case.id, _parts(imports)) is not None
    kept = None if held else _kept_ledger(house, connection, case, imports)
    return kept or _computed(house, connection, case, imports)


def keep_ledger(house: House, connection: Connection, case: Case, imports: Sequence[Import]) -> None:
    """Keep the case's ledger for lists and for other processes, unless it is; the caller holds the lock of the case, of
    which these imports count."""
    with for_a_moment_as_worker(connection, case.unit_path, house.now()):
        if imports and current_reconciliation(connection, house.keys, case.id, inputs_digest(imports)) is None:
            _reconciled(house, connection, case, imports)


@cache
def empty_ledger() -> CaseLedger:
    """What a case knows of movements before anything was told: nothing, and nothing that need be kept."""
    return reconcile_case(read_rows([]), [])


def _kept_ledger(house: House, connection: Connection, case: Case, imports: Sequence[Import]) -> CaseLedger | None:
    kept = current_reconciliation(connection, house.keys, case.id, inputs_digest(imports))
    if kept is None:
        return None
    made, key = kept
    held = HELD.get(case.id, _parts(imports))
    if held is not None:
        return held.ledger
    try:
        found = from_arrays(read_arrays(places(house).reconciliation(case.id, made.id), key))
    except NotFound:  # a restored database without this file: what was computed once can be computed again
        return None
    if found is None:
        return None
    ledger = CaseLedger(rows=_rows(case.id, imports, _Opening.of(house, connection, imports)), found=found)
    return HELD.put(Held(case_id=case.id, parts=_parts(imports), ledger=ledger))


def excluded_rows(house: House, connection: Connection, case: Case) -> StatementRows:
    """The rows of the case's imports that were read and do not count because somebody excluded them."""
    some = [each for each in list_imports(connection, case.id) if each.state == "done" and each.excluded]
    living = [each for each in some if each.erased_at is None]
    keys = import_keys(connection, house.keys, [each.id for each in living])
    return read_rows([SealedImport(path=places(house).rows(each.id), key=keys[each.id]) for each in living])


def rehearse_ledger() -> None:
    """Load the libraries and kernels behind a case's pages, over no rows at all: the first visitor need not wait."""
    rows = read_rows([])
    account_facts(rows, reconcile_case(rows, []).found, FactLimits())


def case_counts(house: House, connection: Connection, case: Case) -> Mapping[str, int]:
    """What the case's ledger comes to, without reading it: a headline must not wait for a million rows."""
    kept = current_reconciliation(connection, house.keys, case.id, inputs_digest(included_imports(connection, case.id)))
    if kept is None or "last_us" not in kept[0].counts:
        with for_a_moment_as_worker(connection, case.unit_path, house.now()):
            return _counts(reconcile_and_keep(house, connection, case.id))
    return kept[0].counts


def _account_records(case_id: CaseId, imports: Sequence[Import], opening: _Opening) -> tuple[SourcedAccount, ...]:
    """What all imports tell of accounts; of those held in memory what is held."""
    held = HELD.grown_into(case_id, _parts(imports))
    if held is None or held.accounts is None:
        return tuple(opening.accounts(imports))
    return held.accounts + tuple(opening.accounts(_since(imports, held)))


def _counts(ledger: CaseLedger) -> dict[str, int]:
    fates = np.bincount(ledger.found.fate, minlength=len(Fate))
    counts = {f"rows_{fate.name.lower()}": int(fates[fate]) for fate in Fate}
    counts |= {f"{DUPLICATES_OF}{each}": rows for each, rows in ledger.duplicates_of_imports().items()}
    counts |= {f"{MOVEMENTS_OF}{each}": moved for each, moved in ledger.movements_of_imports().items()}
    first_us, last_us = ledger.period_us()
    counts |= {"first_us": first_us, "last_us": last_us}
    return counts | {"movements": len(ledger.moving()), "accounts": len(ledger.found.accounts)}


def _accounts(house: House, ledger: CaseLedger) -> list[CaseAccount]:
    """The accounts whose own books are here; the others are found in the ledger itself."""
    accounts = ledger.found.accounts
    return [
        CaseAccount(
            node=int(node),
            subject_id=subject_id(house.keys, Identifier(SubjectKind.ACCOUNT, accounts.primary[node])),
            has_statement=True,
            facts={"proof": int(ledger.found.proof[node])},
        )
        for node in np.flatnonzero(accounts.has_statement)
    ]
