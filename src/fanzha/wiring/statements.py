"""Statement files into a case: read, cleaned and sealed outside, recorded in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from fanzha.adapters.files.faults import Fault
from fanzha.adapters.files.reader import FileReader, Leaf
from fanzha.adapters.ledger.originals import keep_original
from fanzha.adapters.ledger.reading import SealedImport, read_rows
from fanzha.adapters.ledger.records import Told, write_records
from fanzha.adapters.ledger.writing import ImportDigest, ImportRowsWriter
from fanzha.adapters.store.cases import case_by_ref, case_of
from fanzha.adapters.store.import_leases import Lease, begin_lease, end_lease, keep_lease
from fanzha.adapters.store.imports import (
    TOO_SLOW,
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
from fanzha.wiring.beats import Beat
from fanzha.wiring.broken_off import IMPORT_LEASE, clear_broken_off, interrupted, scratch_folder
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places, reconcile_and_keep
from fanzha.wiring.reading import Progress, Reading, unseen
from fanzha.workflows.import_statements import SheetOutcome, clean_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A file that the case holds already, and where; one that was not understood is not tried again by itself."""

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
class _Given:
    """A leaf, and the number (from 1) of the given file in which it lay."""

    leaf: Leaf
    file: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A running import, the key of its files, and the beat that says it is alive."""

    made: Import
    key: bytes = field(repr=False)
    beat: Beat


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

    `NotFound` before anything is done when one of them is not there; `Invalid` with the place when nothing that was
    given can be used at all.
    """
    require(actor, "statements.import")
    for path in paths:
        if not path.is_file():
            raise NotFound("files.not_a_file", place=path.name)
    clear_broken_off(house)
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
    faults: list[Fault] = []
    reading = Reading(house.settings, house.wall, progress)
    with scratch_folder(house) as scratch, FileReader(scratch=scratch, on_fault=faults.append) as reader:
        given = _leaves(reader, reading, paths, faults)
        fresh, repeats = _not_known(house, actor, case, given, mapping)
        if not fresh:
            if not repeats and faults:
                raise faults[0].error()
            return Imported(case=case, made=None, sheets=(), faults=faults, repeats=repeats)
        with _begun(house, actor, case) as begun, ThreadPoolExecutor(1, thread_name_prefix="keep") as keeper:
            reading.start(begun.made.id, sum(each.leaf.size for each in fresh))
            keeping = [keeper.submit(_kept, house, begun, path) for path in paths]
            read = _read(house, begun, reader, reading, fresh, faults, mapping)
            files = [each.result() for each in keeping]
            reading.reconcile()
            result = ImportResult(digest=read.digest, files=files, sheets=read.sheets, faults=faults)
            made = _record(house, actor, begun, result, read)
    return Imported(case=case, made=made, sheets=read.sheets, faults=faults, repeats=repeats)


def _leaves(reader: FileReader, reading: Reading, paths: Sequence[Path], faults: list[Fault]) -> list[_Given]:
    found: list[_Given] = []
    for file, path in enumerate(paths, start=1):
        try:
            reading.open(file, path.name)
            for leaf in reader.leaves(path):
                reading.check(path.name)
                found.append(_Given(leaf=leaf, file=file))
        except (Invalid, NotFound) as error:
            faults.append(Fault.of(error))
    return found


def _not_known(
    house: House, actor: Actor, case: Case, given: Sequence[_Given], mapping: Format | None
) -> tuple[list[_Given], list[Repeat]]:
    """Leaves that the case does not hold, and those it does: importing twice changes nothing.

    What nobody understood comes again only with a mapping.
    """
    with house.act(actor) as connection:
        known = known_leaves(connection, case.id, {each.leaf.sha256 for each in given})
    known = {sha256: each for sha256, each in known.items() if each.understood or mapping is None}
    fresh = [each for each in given if each.leaf.sha256 not in known]
    return fresh, [
        Repeat(path=each.leaf.path_in_package, known=known[each.leaf.sha256])
        for each in given
        if each.leaf.sha256 in known
    ]


@contextmanager
def _begun(house: House, actor: Actor, case: Case) -> Iterator[_Begun]:
    """A running import with its key; whatever goes wrong, it ends as failed and leaves no files.

    Killed before it can do so, its lease lapses, and `clear_broken_off` does it instead.
    """
    with house.act(actor) as connection:
        made = begin_import(connection, house.keys, case.id, actor, house.now())
        key = import_key(connection, house.keys, made.id)
        begin_lease(connection, Lease(import_id=made.id, unit_path=made.unit_path), house.wall.now() + IMPORT_LEASE)
    try:
        with Beat(partial(_keep, house, made)) as beat:
            places(house).originals(made.id).mkdir(mode=0o700, parents=True)
            yield _Begun(made=made, key=key, beat=beat)
    except BaseException as error:
        places(house).remove_import(made.id)
        with house.act(actor) as connection:
            if end_lease(connection, made.id):
                fail_import(connection, made.id, _why(error), actor, house.now())
        raise


def _keep(house: House, made: Import) -> bool:
    with house.act_as_house() as connection:
        return keep_lease(connection, made.id, house.wall.now() + IMPORT_LEASE)


def _why(error: BaseException) -> FanzhaError:
    """What is told of an import that this ended: our own fault, or that somebody ended the process."""
    if isinstance(error, FanzhaError):
        return error
    is_fault = isinstance(error, Exception)
    return Broken("statements.import_broke", kind=type(error).__name__) if is_fault else interrupted()


def _read(  # noqa: PLR0913  # one step of one procedure, nobody else calls it
    house: House,
    begun: _Begun,
    reader: FileReader,
    reading: Reading,
    given: Sequence[_Given],
    faults: list[Fault],
    mapping: Format | None,
) -> _Read:
    book = FormatBook.from_tables(load_formats())
    sheets: list[SheetOutcome] = []
    told: list[Told] = []
    with ImportRowsWriter(places(house).rows(begun.made.id), begun.key) as sink:
        for each in given:
            try:
                reading.begin(each.leaf, each.file)
                for sheet in reader.sheets(each.leaf):
                    _require_held(begun)
                    cleaned = clean_sheet(
                        reading.followed(sheet, each.leaf),
                        str(begun.made.id),
                        book=book,
                        sink=sink,
                        progress=lambda path, rows: _require_held(begun),
                        mapping=mapping,
                    )
                    sheets.append(cleaned.outcome)
                    records: list[AccountRecord | PersonRecord] = [*cleaned.accounts, *cleaned.persons]
                    told += [Told(cleaned.outcome.key, record) for record in records]
                    if cleaned.outcome.fault == TOO_SLOW:
                        break
            except Invalid as error:
                faults.append(Fault.of(error))
        digest = sink.close()
    write_records(places(house).records(begun.made.id), begun.key, told)
    return _Read(digest=digest, sheets=sheets, told=told)


def _require_held(begun: _Begun) -> None:
    """`Unavailable` when this import was given up meanwhile: this process did not say for long that it is alive."""
    if begun.beat.lost:
        raise interrupted()


def _kept(house: House, begun: _Begun, path: Path) -> ImportedFile:
    with path.open("rb") as source:
        original = keep_original(places(house).originals(begun.made.id), begun.key, source)
    return ImportedFile(name=path.name, sha256=original.sha256, size=original.size)


def _record(house: House, actor: Actor, begun: _Begun, result: ImportResult, read: _Read) -> Import:
    """All that the database learns of an import, and the case's ledger with it, in one transaction."""
    import_id, case_id = begun.made.id, begun.made.case_id
    rows = read_rows([SealedImport(path=places(house).rows(import_id), key=begun.key)])
    accounts = [each.record for each in read.told if isinstance(each.record, AccountRecord)]
    persons = [each.record for each in read.told if isinstance(each.record, PersonRecord)]
    mentions = mentions_in(rows, accounts, persons)
    begun.beat.end()  # from here on the transaction itself holds the lease: it is locked until all is kept or nothing
    with house.act(actor) as connection:
        if not end_lease(connection, import_id):
            raise interrupted()
        case_of(connection, case_id, lock=True)  # one import of a case after the other from here on
        _require_still_fresh(connection, begun.made, read)
        made = finish_import(connection, import_id, result, actor, house.now())
        note_mentions(connection, house.keys, import_id, mentions, house.now())
        reconcile_and_keep(house, connection, case_id, {import_id: rows})
    return made


def _require_still_fresh(connection: Connection, begun: Import, read: _Read) -> None:
    """`Conflict` when somebody imported one of these files into the case while this import read them."""
    understood = {sheet.leaf_sha256 for sheet in read.sheets if sheet.format_id}
    known = [each for each in known_leaves(connection, begun.case_id, understood).values() if each.understood]
    if known:
        raise Conflict("statements.imported_meanwhile", place=known[0].path)
