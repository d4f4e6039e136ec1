"""Files of a package become clean, sealed rows of a case's evidence, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

from fanzha.kernel.errors import Invalid
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.cleaning import AccountRecord, CleanBatch, PersonRecord, RowCounts
from fanzha.records.statements.formats import Format, FormatBook
from fanzha.records.statements.plan import SheetPlan, Told
from fanzha.records.statements.planning import draft_format, plan_sheet
from fanzha.records.statements.rows import Source
from fanzha.records.statements.sheet import RowBatch, Sheet, at_once, to_the_end


class RowsSink(Protocol):
    """Where cleaned batches go as they are made: the import's sealed rows."""

    def write(self, batch: CleanBatch) -> None:
        """Keep one batch; accepted and rejected rows alike."""
        ...


Progress = Callable[[str, int], None]
"""Told after each batch: the sheet's path and the data rows read from it so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOutcome:
    """What became of one sheet: how it was understood, and its row account.

    `fault` is empty for a sheet that was cleaned; otherwise the code that says why nothing was taken from it,
    with `fault_fields` for its sentence and `draft`, where one could be made, for a person to confirm.
    """

    key: str
    path: str
    leaf_sha256: str
    encoding: str
    format_id: str = ""
    certainty: float = 0.0
    mapping: Mapping[str, str] = field(default_factory=dict)
    counts: RowCounts = field(default_factory=RowCounts)
    reasons: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    fault_fields: Mapping[str, object] = field(default_factory=dict)
    draft: str = ""
    unread_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedSheet:
    """A sheet's outcome with what its rows said about accounts and people."""

    outcome: SheetOutcome
    accounts: tuple[AccountRecord, ...] = ()
    persons: tuple[PersonRecord, ...] = ()


def clean_sheet(
    sheet: Sheet, import_id: str, *, book: FormatBook, sink: RowsSink, progress: Progress, mapping: Format | None = None
) -> CleanedSheet:
    """The sheet's rows cleaned into the sink; a sheet nobody understands is an outcome with a draft, not an error."""
    base = SheetOutcome(
        key=f"{sheet.sha256}:{sheet.path}", path=sheet.path, leaf_sha256=sheet.sha256, encoding=sheet.encoding
    )
    batches = to_the_end(sheet.batches)
    first: RowBatch | None = None
    try:
        first = next(batches, None)
        if first is None:
            return CleanedSheet(outcome=replace(base, fault="files.empty_sheet", fault_fields={"place": sheet.path}))
        plan = plan_sheet(first, path=sheet.path, book=book, mapping=mapping)
    except Invalid as error:
        return CleanedSheet(outcome=_not_understood(base, error, first, batches, book))
    source = Source(key=base.key, import_id=import_id, path=sheet.path, format_id=plan.format.id)
    whole = chain([first], batches)
    if plan.conventions.told is Told.BALANCE:  # each row's direction lies in the row before it or after it
        return _clean_batches(base, plan, source, at_once(whole), sink, progress)
    return _clean_batches(base, plan, source, whole, sink, progress)


def _clean_batches(
    base: SheetOutcome,
    plan: SheetPlan,
    source: Source,
    batches: Iterable[RowBatch],
    sink: RowsSink,
    progress: Progress,
) -> CleanedSheet:
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    accounts: list[AccountRecord] = []
    persons: list[PersonRecord] = []
    fault: Invalid | None = None
    try:
        for batch in batches:
            cleaned = clean_batch(plan, batch, source)
            plan = cleaned.plan or plan  # a header or own account that changed on the way holds for what follows
            sink.write(cleaned)
            counts.update(_counted(cleaned.counts))
            reasons.update(each.reason for each in cleaned.rejections)
            notes.update(cleaned.notes)
            accounts += cleaned.accounts
            persons += cleaned.persons
            progress(base.path, counts["accepted"] + counts["rejected"])
    except Invalid as error:  # the file broke off while it was read: what came before stands, and says so
        fault = error
    outcome = replace(
        base,
        format_id=plan.format.id,
        certainty=plan.certainty,
        mapping={each.header: each.field for each in plan.columns},
        counts=RowCounts(**counts),
        reasons=dict(reasons),
        notes=dict(notes),
        fault=fault.code if fault else "",
        fault_fields=fault.fields if fault else {},
    )
    return CleanedSheet(outcome=outcome, accounts=tuple(accounts), persons=tuple(persons))


def _counted(counts: RowCounts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in RowCounts.__slots__}


def _not_understood(
    base: SheetOutcome, error: Invalid, first: RowBatch | None, rest: Iterator[RowBatch], book: FormatBook
) -> SheetOutcome:
    draft = ""
    unread = 0
    if first is not None:
        draft = draft_format(first, path=base.path, book=book).to_toml()
        unread = len(first.rows) + sum(len(batch.rows) for batch in rest)
    return replace(base, fault=error.code, fault_fields=error.fields, draft=draft, unread_rows=unread)
