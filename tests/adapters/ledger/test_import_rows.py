"""Rows written are rows read back, whatever the sheets looked like and in whatever order imports are named."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.ledger import writing
from fanzha.adapters.ledger.reading import Rejected, SealedImport, read_evidence, read_rejections, read_rows
from fanzha.adapters.ledger.writing import ImportRowsWriter
from fanzha.kernel.errors import Broken, NotFound
from fanzha.records.statements.cleaning import CleanBatch, RawColumns
from fanzha.records.statements.rows import CODED_COLUMNS, Source, StatementRows
from tests.adapters.ledger.batches import NUMBERS, batch_of, clean_batches, source, texts_of

KEY = bytes(32)
HEADERS = [("交易卡号", "交易时间", "交易金额"), ("卡号", "备注", "备注"), tuple(f"列{each}" for each in range(70))]


@st.composite
def packages(draw: st.DrawFn) -> list[list[CleanBatch]]:
    """Up to two imports of up to three sheets of up to three batches."""
    imports = []
    keys = draw(st.permutations([f"{each:064x}" for each in range(6)]))
    for number in range(draw(st.integers(1, 2))):
        batches: list[CleanBatch] = []
        for _ in range(draw(st.integers(0, 3))):
            of, header, row = source(keys.pop(), f"import-{number}"), draw(st.sampled_from(HEADERS)), 0
            for _ in range(draw(st.integers(1, 3))):
                batches.append(draw(clean_batches(of, row, header)))
                row += 100
        imports.append(batches)
    return imports


def write(folder: Path, imports: list[list[CleanBatch]]) -> list[SealedImport]:
    written = []
    for number, batches in enumerate(imports):
        path = folder / f"{number}" / "rows"
        with ImportRowsWriter(path, KEY) as out:
            for batch in batches:
                out.write(batch)
            digest = out.close()
        assert digest.rows == sum(batch.counts.data for batch in batches)
        written.append(SealedImport(path=path, key=KEY))
    return written


def told(rows: StatementRows) -> list[tuple[object, ...]]:
    """Every row as one tuple, its source by key: what must be equal before and after."""
    columns: list[list[object]] = [
        [rows.sources[each] for each in rows.source],
        rows.row.tolist(),
        *(getattr(rows, name).tolist() for name in NUMBERS),
    ]
    columns += [list(texts_of(getattr(rows, name))) for name in CODED_COLUMNS]
    return list(zip(*columns, strict=True))


def place_of(row: tuple[object, ...]) -> tuple[str, int]:
    of, number = row[0], row[1]
    assert isinstance(of, Source)
    assert isinstance(number, int)
    return of.key, number


@settings(deadline=None, max_examples=60)
@given(imports=packages(), small_groups=st.booleans())
def test_rows_written_are_rows_read(imports: list[list[CleanBatch]], small_groups: bool) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        if small_groups:
            patch.setattr(writing, "ROWS_PER_GROUP", 4)
        written = write(Path(folder), imports)
        rows, backwards = read_rows(written), read_rows(written[::-1])
    expected = sorted((each for batches in imports for batch in batches for each in told(batch.rows)), key=place_of)
    assert told(rows) == expected
    assert told(backwards) == expected
    for name in CODED_COLUMNS:
        column, again = getattr(rows, name), getattr(backwards, name)
        assert column.values == tuple(dict.fromkeys(text for text in texts_of(column) if text is not None))
        assert column.values == again.values
    for name, (dtype, _) in NUMBERS.items():
        assert getattr(rows, name).dtype == dtype
        assert getattr(rows, name).flags.writeable


@settings(deadline=None, max_examples=40)
@given(imports=packages(), small_groups=st.booleans())
def test_every_data_row_can_be_shown_as_it_lay(imports: list[list[CleanBatch]], small_groups: bool) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        if small_groups:
            patch.setattr(writing, "ROWS_PER_GROUP", 4)
        for batches, written in zip(imports, write(Path(folder), imports), strict=True):
            places = [(batch.rows.sources[0].key, row) for batch in batches for row in batch.raw.row]
            found = read_evidence(written, places[::-1])[::-1]
            lay = [each for batch in batches for each in zip(*batch.raw.columns, strict=True)]
            assert [(each.source.key, each.row) for each in found] == places
            assert [tuple(text for _, text in each.cells) for each in found] == lay
            assert [each.reason for each in found] == [reason for batch in batches for reason in batch.raw.reason]
            headers = [batch.raw.header for batch in batches for _ in batch.raw.row]
            assert [tuple(header for header, _ in each.cells) for each in found] == headers


@settings(deadline=None, max_examples=40)
@given(imports=packages(), limit=st.integers(1, 7))
def test_every_rejection_is_on_exactly_one_page(imports: list[list[CleanBatch]], limit: int) -> None:
    with TemporaryDirectory() as folder:
        for batches, written in zip(imports, write(Path(folder), imports), strict=True):
            expected = [(batch.rows.sources[0], each) for batch in batches for each in batch.rejections]
            found: list[Rejected] = []
            while True:
                total, page = read_rejections(written, offset=len(found), limit=limit)
                assert total == len(expected)
                found += page
                if not page:
                    break
            assert [(each.source, each.row, each.column, each.reason) for each in found] == [
                (of, each.row, each.column, each.reason) for of, each in expected
            ]


def test_no_imports_are_no_rows() -> None:
    rows = read_rows([])
    assert len(rows) == 0
    assert rows.own_card.values == ()


def test_a_row_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    (written,) = write(tmp_path, [[]])
    with pytest.raises(NotFound, match=r"ledger\.no_such_row"):
        read_evidence(written, [("0" * 64, 1)])


def test_a_clean_row_without_evidence_is_refused(tmp_path: Path) -> None:
    batch = batch_of(source("0" * 64), 0, HEADERS[0], ["", ""], Random(1))
    cut = RawColumns(
        header=batch.raw.header,
        row=batch.raw.row[:1],
        reason=batch.raw.reason[:1],
        columns=[column[:1] for column in batch.raw.columns],
    )
    broken = CleanBatch(rows=batch.rows, accounts=[], persons=[], rejections=[], counts=batch.counts, raw=cut, notes={})
    with pytest.raises(Broken, match=r"ledger\.rows_without_evidence"), ImportRowsWriter(tmp_path / "rows", KEY) as out:
        out.write(broken)
    assert list(tmp_path.iterdir()) == []


def test_an_import_left_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), ImportRowsWriter(tmp_path / "rows", KEY):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    assert np.all(read_rows([]).row == 0)
