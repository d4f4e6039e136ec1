"""One case's rows and what they were reconciled into: movements as people cite them, with all their evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import from_micros
from fanzha.kernel.errors import NotFound
from fanzha.records.statements.rows import ABSENT, Coded, Precision, Side, Source, StatementRows
from fanzha.tracing.follow.case_flow import CaseFlow, case_flow
from fanzha.tracing.movements.movements import UNKNOWN_NODE, UNKNOWN_US, Doubt, Exit, Fate, Reconciliation

SHA256_DIGITS = 64
DUPLICATES = (Fate.DUPLICATE_ENTRY, Fate.DUPLICATE_TELLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row as people cite it: the file (inside its package), the row counted from 1, the serial number it tells."""

    source: Source
    row: int
    fate: Fate
    serial: str

    @property
    def sha256(self) -> str:
        """Of the file's bytes, hexadecimal."""
        return self.source.key[:SHA256_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMovement:
    """One movement in words and numbers; a party nobody names is empty, a time nobody tells is None.

    `exit` is a code of `Exit` in small letters, `doubts` codes of `Doubt`; a party's bank is what the other party's
    rows call it; `evidence` are all rows that tell of it, the primary telling first.
    """

    id: str
    payer: str
    payee: str
    payer_identifiers: tuple[str, ...]
    payee_identifiers: tuple[str, ...]
    payer_name: str
    payee_name: str
    payer_bank: str
    payee_bank: str
    amount_fen: int
    currency: str
    payer_at: datetime | None
    payee_at: datetime | None
    payer_precision: str
    payee_precision: str
    exit: str
    moving: bool
    doubts: tuple[str, ...]
    summary: str
    evidence: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFates:
    """How many clean rows of one sheet tell again what another row told, once the whole case is reconciled."""

    duplicate_entries: int = 0
    duplicate_tellings: int = 0

    @property
    def duplicates(self) -> int:
        """Both kinds of duplicate."""
        return self.duplicate_entries + self.duplicate_tellings


@dataclass(frozen=True, eq=False)
class CaseLedger:
    """The rows of a case's included imports beside their reconciliation; row numbers are indexes into `rows`."""

    rows: StatementRows
    found: Reconciliation

    def __len__(self) -> int:
        return len(self.found.movements)

    @cached_property
    def flow(self) -> CaseFlow:
        """The case's money in the order in which it is followed."""
        return case_flow(self.rows, self.found)

    @cached_property
    def _by_movement(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows sorted by movement, and where each movement's rows begin."""
        order = np.argsort(self.found.movement, kind="stable")
        starts = np.searchsorted(self.found.movement[order], np.arange(len(self) + 1))
        return order, starts

    @cached_property
    def _number_of(self) -> dict[int, int]:
        return {int(each): number for number, each in enumerate(self.found.movements.id)}

    @cached_property
    def banks(self) -> Mapping[int, str]:
        """The bank of an account as most rows of its counterparties name it; of equally many the first by letters."""
        told, other = self.rows.other_bank, self.found.other
        rows = np.flatnonzero((told.codes != ABSENT) & (other != UNKNOWN_NODE))
        if not len(rows):
            return {}
        names = sorted(told.values)
        ranks = {name: rank for rank, name in enumerate(names)}
        code = np.array([ranks[each] for each in told.values], np.int64)[told.codes[rows]]
        pairs, count = np.unique(other[rows].astype(np.int64) * len(names) + code, return_counts=True)
        node, code = np.divmod(pairs, len(names))
        # the last of a node is the one that stays: most rows, then the first by letters
        order = np.lexsort((-code, count, node))
        return {node: names[code] for node, code in zip(node[order].tolist(), code[order].tolist(), strict=True)}

    def has(self, movement_id: str) -> bool:
        """Whether the case has a movement of this id, 16 hexadecimal digits."""
        return int(movement_id, 16) in self._number_of

    def number(self, movement_id: str) -> int:
        """The place of a movement by its id; `NotFound` when the case has none of that id."""
        try:
            return self._number_of[int(movement_id, 16)]
        except (KeyError, ValueError):
            raise NotFound("statements.no_such_movement") from None

    def rows_of(self, number: int) -> list[int]:
        """All rows that tell of a movement, primary first, then second telling, then repeats."""
        order, starts = self._by_movement
        told = [int(each) for each in order[starts[number] : starts[number + 1]]]
        primary, second = (int(each) for each in self.found.movements.evidence[number])
        return sorted(told, key=lambda row: (row != primary, row != second, row))

    def place(self, row: int) -> Place:
        """A row as people cite it."""
        source = self.rows.sources[self.rows.source[row]]
        fate = Fate(int(self.found.fate[row]))
        serial = value_at(self.rows.serial, row)
        return Place(source=source, row=int(self.rows.row[row]), fate=fate, serial=serial)

    def told(self, number: int) -> ToldMovement:
        """One movement, all of it."""
        m = self.found.movements
        told_by = self.rows_of(number)
        first = told_by[0]
        payer, payee = int(m.payer[number]), int(m.payee[number])
        return ToldMovement(
            id=movement_id(int(m.id[number])),
            payer=self._primary(payer),
            payee=self._primary(payee),
            payer_identifiers=self._identifiers(payer),
            payee_identifiers=self._identifiers(payee),
            payer_name=self.name(payer),
            payee_name=self.name(payee),
            payer_bank=self._bank(told_by, of_payer=True),
            payee_bank=self._bank(told_by, of_payer=False),
            amount_fen=int(m.amount_fen[number]),
            currency=value_at(self.rows.currency, int(m.evidence[number, 0])),
            payer_at=instant(int(m.payer_at_us[number])),
            payee_at=instant(int(m.payee_at_us[number])),
            payer_precision=_precision(int(m.payer_at_us[number]), int(m.payer_precision[number])),
            payee_precision=_precision(int(m.payee_at_us[number]), int(m.payee_precision[number])),
            exit=Exit(int(m.exit[number])).name.lower(),
            moving=bool(m.moving[number]),
            doubts=tuple(each.name.lower() for each in Doubt(int(m.doubts[number])) if each.name),
            summary=value_at(self.rows.summary, first),
            evidence=tuple(self.place(row) for row in told_by),
        )

    def all_told(self, numbers: Sequence[int] | NDArray[np.intp]) -> Iterator[ToldMovement]:
        """The movements of these numbers, in their order."""
        return (self.told(int(number)) for number in numbers)

    def moving(self) -> NDArray[np.intp]:
        """The numbers of all movements that move money."""
        return np.flatnonzero(self.found.movements.moving)

    @cached_property
    def at_us(self) -> NDArray[np.int64]:
        """The time of every movement: the payer's bank's, else the payee's, else its row's."""
        m = self.found.movements
        told = np.where(m.payer_at_us != UNKNOWN_US, m.payer_at_us, m.payee_at_us)
        return np.where(told != UNKNOWN_US, told, self.rows.at_us[m.evidence[:, 0]])

    def period_us(self) -> tuple[int, int]:
        """The first and the last time at which money moved; zeros when none did."""
        times = self.at_us[self.moving()]
        return (int(times.min()), int(times.max())) if len(times) else (0, 0)

    def told_by(self, import_id: str) -> NDArray[np.bool_]:
        """bool[movements]: which of them an import's rows tell of."""
        ours = np.array([each.import_id == import_id for each in self.rows.sources], np.bool_)
        told = np.zeros(len(self), np.bool_)
        told[self.found.movement[ours[self.rows.source]]] = True
        return told

    def movements_of_imports(self) -> dict[str, int]:
        """By import: how many movements that move money its rows tell of, alone or beside others."""
        imports = sorted({source.import_id for source in self.rows.sources})
        number = {each: at for at, each in enumerate(imports)}
        of_source = np.array([number[source.import_id] for source in self.rows.sources], np.int64)
        moving = self.found.movements.moving[self.found.movement]
        pairs = of_source[self.rows.source[moving]] * len(self) + self.found.movement[moving]
        counted = np.bincount(np.unique(pairs) // max(len(self), 1), minlength=len(imports))
        return dict(zip(imports, counted.tolist(), strict=True))

    def duplicates_of_imports(self) -> dict[str, int]:
        """By import: how many of its rows tell again what another row told."""
        repeated = np.bincount(self.rows.source[np.isin(self.found.fate, DUPLICATES)], minlength=len(self.rows.sources))
        counted: Counter[str] = Counter()
        for source, rows in zip(self.rows.sources, repeated.tolist(), strict=True):
            counted[source.import_id] += rows
        return dict(counted)

    def fates(self) -> dict[str, SheetFates]:
        """By source key: what the rows of each sheet repeat, for sheets whose rows tell of transactions."""
        counted = np.zeros((len(self.rows.sources), len(Fate)), np.int64)
        np.add.at(counted, (self.rows.source, self.found.fate), 1)
        return {
            source.key: SheetFates(
                duplicate_entries=int(counted[number, Fate.DUPLICATE_ENTRY]),
                duplicate_tellings=int(counted[number, Fate.DUPLICATE_TELLING]),
            )
            for number, source in enumerate(self.rows.sources)
            if counted[number].any()
        }

    def name(self, node: int) -> str:
        """The holder's name as first seen, empty where nobody tells it."""
        return "" if node == UNKNOWN_NODE else next(iter(self.found.accounts.names[node]), "")

    def _bank(self, told_by: Sequence[int], *, of_payer: bool) -> str:
        """What the first row that names it calls the bank of a movement's party; a row names the other party's."""
        named = (row for row in told_by if bool(self.rows.side[row] == Side.RECEIVED) == of_payer)
        return next(filter(None, (value_at(self.rows.other_bank, row) for row in named)), "")

    def _primary(self, node: int) -> str:
        return "" if node == UNKNOWN_NODE else self.found.accounts.primary[node]

    def _identifiers(self, node: int) -> tuple[str, ...]:
        return () if node == UNKNOWN_NODE else self.found.accounts.spellings(node)


def movement_id(value: int) -> str:
    """A movement's id as people and URLs carry it: 16 hexadecimal digits."""
    return f"{value:016x}"


def value_at(column: Coded, row: int) -> str:
    """The text of a coded column in one row, empty where the file is silent."""
    code = int(column.codes[row])
    return "" if code == ABSENT else column.values[code]


def instant(at_us: int) -> datetime | None:
    """An instant of the arrays, None where nobody tells it."""
    return None if at_us == UNKNOWN_US else from_micros(at_us)


def _precision(at_us: int, precision: int) -> str:
    return "" if at_us == UNKNOWN_US else Precision(precision).name.lower()
