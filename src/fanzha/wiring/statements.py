"""Statement files into a case: read, cleaned and sealed outside, recorded in one transaction."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.files.reader import FileReader, Leaf
from fanzha.adapters.ledger.originals import keep_original
from fanzha.adapters.ledger.reading import SealedImport, read_rows
from fanzha.adapters.ledger.records import Told, write_records
from fanzha.adapters.ledger.writing import ImportDigest, ImportRowsWriter
from fanzha.adapters.store.cases import case_by_ref, case_of
from fanzha.adapters.store.imports import (
    Import,
    ImportedFile,
    ImportResult,
    KnownLeaf,
    begin_import,
    fail_import,
    finish_import,
    import_key,
    known_leaves,
)
from fanzha.adapters.store.mentions import note_mentions
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.cases.subjects import mentions_in
from fanzha.kernel.errors import Broken, Conflict, FanzhaError, Invalid, NotFound
from fanzha.kernel.units import Actor
from fanzha.records.statements.cleaning import AccountRecord, PersonRecord
from fanzha.records.statements.formats import Format, FormatBook
from fanzha.rulebook import load_formats
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places, reconcile_and_keep
from fanzha.workflows.import_statements import SheetOutcome, clean_sheet

Progress = Callable[[str, int], None]


def unseen(path: str, rows: int) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A file whose rows the case holds already, and where."""

    path: str
    known: KnownLeaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to; `made` is None when the case held everything already and nothing changed."""

    case: Case
    made: Import | None
    sheets: Sequence[SheetOutcome]
    faults: Sequence[Fault]
    repeats: Sequence[Repeat]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    digest: ImportDigest
    sheets: Sequence[SheetOutcome]
    told: Sequence[Told]


def import_files(
    house: House,
    actor: Actor,
    ref: str,
    paths: Sequence[Path],
    *,
    mapping: Format | None = None,
    progress: Progress = unseen,
) -> Imported:
    """Import files and packages into a case; a file that cannot be used is a fault, the others come in.

    `Invalid` with the place when nothing that was given can be used at all.
    """
    require(actor, "statements.import")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
    faults: list[Fault] = []
    with _reader(house, faults) as reader:
        leaves = _leaves(reader, paths, faults)
        fresh, repeats = _not_known(house, actor, case, leaves)
        if not fresh:
            if not repeats and faults:
                raise faults[0].error()
            return Imported(case=case, made=None, sheets=(), faults=faults, repeats=repeats)
        with _begun(house, actor, case) as (begun, key), ThreadPoolExecutor(1, thread_name_prefix="keep") as keeper:
            keeping = [keeper.submit(_kept, house, begun, key, path) for path in paths]
            read = _read(house, begun, key, reader, fresh, faults, mapping, progress)
            files = [each.result() for each in keeping]
            result = ImportResult(digest=read.digest, files=files, sheets=read.sheets, faults=faults)
            made = _record(house, actor, begun, key, result, read)
    return Imported(case=case, made=made, sheets=read.sheets, faults=faults, repeats=repeats)


@contextmanager
def _reader(house: House, faults: list[Fault]) -> Iterator[FileReader]:
    """A reader whose scratch folder lies on the data's own disk, closed to everybody else."""
    scratch = house.settings.home / "scratch"
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileReader(scratch=scratch, on_fault=faults.append) as reader:
        yield reader


def _leaves(reader: FileReader, paths: Sequence[Path], faults: list[Fault]) -> list[Leaf]:
    found: list[Leaf] = []
    for path in paths:
        try:
            found += reader.leaves(path)
        except (Invalid, NotFound) as error:
            faults.append(Fault.of(error))
    return found


def _not_known(house: House, actor: Actor, case: Case, leaves: Sequence[Leaf]) -> tuple[list[Leaf], list[Repeat]]:
    """Leaves whose rows the case does not hold, and those it does: importing twice changes nothing."""
    with house.act(actor) as connection:
        known = known_leaves(connection, case.id, {leaf.sha256 for leaf in leaves})
    repeats = [Repeat(path=leaf.path_in_package, known=known[leaf.sha256]) for leaf in leaves if leaf.sha256 in known]
    return [leaf for leaf in leaves if leaf.sha256 not in known], repeats


@contextmanager
def _begun(house: House, actor: Actor, case: Case) -> Iterator[tuple[Import, bytes]]:
    """A running import with its key; whatever goes wrong, it ends as failed and leaves no files."""
    with house.act(actor) as connection:
        begun = begin_import(connection, house.keys, case.id, actor, house.now())
        key = import_key(connection, house.keys, begun.id)
    places(house).originals(begun.id).mkdir(mode=0o700, parents=True)
    try:
        yield begun, key
    except BaseException as error:
        told = error if isinstance(error, FanzhaError) else Broken("statements.import_broke", kind=type(error).__name__)
        shutil.rmtree(places(house).rows(begun.id).parent, ignore_errors=True)
        with house.act(actor) as connection:
            fail_import(connection, begun.id, told, actor, house.now())
        raise


def _read(  # noqa: PLR0913  # one step of one procedure, nobody else calls it
    house: House,
    begun: Import,
    key: bytes,
    reader: FileReader,
    leaves: Sequence[Leaf],
    faults: list[Fault],
    mapping: Format | None,
    progress: Progress,
) -> _Read:
    book = FormatBook.from_tables(load_formats())
    sheets: list[SheetOutcome] = []
    told: list[Told] = []
    with ImportRowsWriter(places(house).rows(begun.id), key) as sink:
        for leaf in leaves:
            try:
                for sheet in reader.sheets(leaf):
                    cleaned = clean_sheet(
                        sheet, str(begun.id), book=book, sink=sink, progress=progress, mapping=mapping
                    )
                    sheets.append(cleaned.outcome)
                    records: list[AccountRecord | PersonRecord] = [*cleaned.accounts, *cleaned.persons]
                    told += [Told(cleaned.outcome.key, record) for record in records]
            except Invalid as error:
                faults.append(Fault.of(error))
        digest = sink.close()
    write_records(places(house).records(begun.id), key, told)
    return _Read(digest=digest, sheets=sheets, told=told)


def _kept(house: House, begun: Import, key: bytes, path: Path) -> ImportedFile:
    with path.open("rb") as source:
        original = keep_original(places(house).originals(begun.id), key, source)
    return ImportedFile(name=path.name, sha256=original.sha256, size=original.size)


def _record(house: House, actor: Actor, begun: Import, key: bytes, result: ImportResult, read: _Read) -> Import:
    """All that the database learns of an import, and the case's ledger with it, in one transaction."""
    rows = read_rows([SealedImport(path=places(house).rows(begun.id), key=key)])
    accounts = [each.record for each in read.told if isinstance(each.record, AccountRecord)]
    persons = [each.record for each in read.told if isinstance(each.record, PersonRecord)]
    mentions = mentions_in(rows, accounts, persons)
    with house.act(actor) as connection:
        case_of(connection, begun.case_id, lock=True)  # one import of a case after the other from here on
        _require_still_fresh(connection, begun, read)
        made = finish_import(connection, begun.id, result, actor, house.now())
        note_mentions(connection, house.keys, begun.id, mentions, house.now())
        reconcile_and_keep(house, connection, begun.case_id, {begun.id: rows})
    return made


def _require_still_fresh(connection: Connection, begun: Import, read: _Read) -> None:
    """`Conflict` when somebody imported one of these files into the case while this import read them."""
    known = known_leaves(connection, begun.case_id, {sheet.leaf_sha256 for sheet in read.sheets})
    if known:
        raise Conflict("statements.imported_meanwhile", place=next(iter(known.values())).path)
