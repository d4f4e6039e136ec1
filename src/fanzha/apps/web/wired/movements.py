"""Movements and the rows that tell of them, as the console shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from fanzha.adapters.ledger.reading import Evidence, read_evidence
from fanzha.adapters.store.imports import import_of, sheets_of
from fanzha.apps.web.views.movements import Cell, MovementEvidence, MovementLine, Telling
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import masked_cell, masked_place, source_mark
from fanzha.apps.web.wired.opening import opened, sealed_import
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.kernel.clock import from_micros, micros
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor
from fanzha.records.statements.rows import Precision, Side
from fanzha.tracing.movements.movements import Doubt, Exit, Fate
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import instant, movement_id, value_at

_ROLES = {Side.PAID: "payer", Side.RECEIVED: "payee", Side.THIRD_PARTY: "third_party"}


class WiredMovements(HouseParts):
    """Movements of a case."""

    def movements(self, actor: Actor, ref: str, query: Query) -> Page[MovementLine]:
        """Movements that move money, filtered, sorted, a page of them."""
        shown, fitting = self._fitting_movements(actor, ref, query)
        page = fitting[query.offset : query.offset + query.size]
        rows = [movement_line(shown, int(number)) for number in page]
        return Page(rows=rows, total=len(fitting), page=query.page, size=query.size)

    def every_movement(self, actor: Actor, ref: str, query: Query) -> Listing[MovementLine]:
        """All of them, made as they are asked for."""
        shown, fitting = self._fitting_movements(actor, ref, query)
        return Listing(total=len(fitting), rows=(movement_line(shown, int(number)) for number in fitting))

    def _fitting_movements(self, actor: Actor, ref: str, query: Query) -> tuple[ShownLedger, NDArray[np.intp]]:
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
        return shown, _sorted(shown, _fitting(shown, query), query)

    def movement(self, actor: Actor, ref: str, movement: str) -> MovementEvidence:
        """One movement with every row that tells of it, as it lay."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            number = shown.ledger.number(movement)
            rows = shown.ledger.rows_of(number)
            lay = self._as_they_lay(connection, shown, rows)
        tellings = tuple(_telling(shown, row, *lay[row]) for row in rows)
        return MovementEvidence(movement=movement_line(shown, number), tellings=tellings)

    def _as_they_lay(
        self, connection: Connection, shown: ShownLedger, rows: Sequence[int]
    ) -> dict[int, tuple[Evidence, Mapping[str, str]]]:
        """The raw row behind each row of the ledger, and which field its sheet's headers mean."""
        by_import: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            by_import[shown.ledger.place(row).source.import_id].append(row)
        found: dict[int, tuple[Evidence, Mapping[str, str]]] = {}
        for import_id, some in by_import.items():
            each = import_of(connection, ImportId(UUID(import_id)))
            fields = {sheet.key: sheet.mapping for sheet in sheets_of(connection, each.id)}
            cited = [shown.ledger.place(row) for row in some]
            lay = read_evidence(
                sealed_import(self.house, connection, each), [(place.source.key, place.row) for place in cited]
            )
            for row, place, evidence in zip(some, cited, lay, strict=True):
                found[row] = (evidence, fields.get(place.source.key, {}))
        return found


def movement_line(shown: ShownLedger, number: int) -> MovementLine:
    """One movement as a table row."""
    m, rows = shown.ledger.found.movements, shown.ledger.rows
    told_by_payer = instant(int(m.payer_at_us[number])) is not None
    precision = m.payer_precision if told_by_payer else m.payee_precision
    return MovementLine(
        id=movement_id(int(m.id[number])),
        at=from_micros(int(shown.at_us[number])),
        exact=Precision(int(precision[number])).name.lower(),
        payer_at=instant(int(m.payer_at_us[number])),
        payee_at=instant(int(m.payee_at_us[number])),
        payer=shown.account(int(m.payer[number])),
        payee=shown.account(int(m.payee[number])),
        amount_fen=int(m.amount_fen[number]),
        currency=value_at(rows.currency, int(m.evidence[number, 0])) or "CNY",
        exit=Exit(int(m.exit[number])).name.lower(),
        doubts=tuple(each.name.lower() for each in Doubt(int(m.doubts[number])) if each.name),
        tellings=int(shown.tellings[number]),
    )


def _fitting(shown: ShownLedger, query: Query) -> NDArray[np.intp]:
    """The numbers of the movements that pass the query's filters."""
    m, some = shown.ledger.found.movements, shown.moving
    keep = np.ones(len(some), np.bool_)
    at_us = shown.at_us[some]
    if (after := query.moment("after")) is not None:
        keep &= at_us >= micros(after)
    if (until := query.moment("until")) is not None:
        keep &= at_us < micros(until)
    if (least := query.fen("at_least")) is not None:
        keep &= m.amount_fen[some] >= least
    if (most := query.fen("at_most")) is not None:
        keep &= m.amount_fen[some] <= most
    if key := query.word("account"):
        keep &= _of_account(shown, some, shown.node(key), query.word("direction"))
    if exit_code := query.word("exit"):
        keep &= m.exit[some] == Exit[exit_code.upper()]
    if import_id := query.word("import"):
        keep &= shown.ledger.told_by(import_id)[some]
    if doubt := query.word("doubt"):
        keep &= (m.doubts[some] != 0) if doubt == "any" else (m.doubts[some] & Doubt[doubt.upper()]) != 0
    return some[keep]


def _of_account(shown: ShownLedger, some: NDArray[np.intp], node: int, direction: str) -> NDArray[np.bool_]:
    m = shown.ledger.found.movements
    pays, gets = m.payer[some] == node, m.payee[some] == node
    kept: NDArray[np.bool_] = {"out": pays, "in": gets}.get(direction, pays | gets)
    return kept


def _sorted(shown: ShownLedger, numbers: NDArray[np.intp], query: Query) -> NDArray[np.intp]:
    m = shown.ledger.found.movements
    by: dict[str, NDArray[np.int64]] = {
        "at": shown.at_us,
        "payer": shown.ranks[m.payer],
        "payee": shown.ranks[m.payee],
        "amount_fen": m.amount_fen,
        "exit": m.exit.astype(np.int64),
        "doubts": np.bitwise_count(m.doubts).astype(np.int64),
        "tellings": shown.tellings,
    }
    order = np.argsort(by[query.sort][numbers], kind="stable")
    return numbers[order[::-1] if query.descending else order]


def _telling(shown: ShownLedger, row: int, lay: Evidence, fields: Mapping[str, str]) -> Telling:
    place = shown.ledger.place(row)
    again = place.fate is Fate.DUPLICATE_ENTRY
    mark = source_mark(place.source.key)
    cells = tuple(
        Cell(header=header, value=masked_cell(fields.get(header, ""), text, f"c{mark}-{place.row}-{at}"))
        for at, (header, text) in enumerate(lay.cells)
        if text.strip()
    )
    role = "again" if again else _ROLES[Side(int(shown.ledger.rows.side[row]))]
    return Telling(place=masked_place(shown.keys, place.source.path, place.row), role=role, cells=cells)
