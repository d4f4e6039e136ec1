"""What accounts and persons files tell comes back as it was told."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.ledger.places import LedgerPlaces
from fanzha.adapters.ledger.records import Told, read_records, write_records
from fanzha.kernel.ids import ImportId
from fanzha.records.statements.cleaning import AccountRecord, PersonRecord

KEY = bytes(32)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ROW = st.integers(1, 2**31 - 1)
ACCOUNTS = st.builds(
    AccountRecord, row=ROW, card=TEXT, account=TEXT, name=TEXT, balance_fen=st.none() | st.integers(-(10**15), 10**15)
)
PERSONS = st.builds(PersonRecord, row=ROW, name=TEXT, id_number=TEXT, address=TEXT)


@settings(deadline=None, max_examples=40)
@given(accounts=st.lists(st.builds(Told, TEXT, ACCOUNTS)), persons=st.lists(st.builds(Told, TEXT, PERSONS)))
def test_records_come_back(accounts: list[Told], persons: list[Told]) -> None:
    with TemporaryDirectory() as folder:
        write_records(Path(folder) / "records", KEY, [*persons, *accounts])
        assert read_records(Path(folder) / "records", KEY) == [*accounts, *persons]


def test_an_erased_imports_files_are_taken_away_and_no_others(tmp_path: Path) -> None:
    places = LedgerPlaces(root=tmp_path)
    dying, staying = ImportId(UUID(int=1)), ImportId(UUID(int=2))
    for each in (dying, staying):
        write_records(places.records(each), KEY, [])
    places.remove_import(dying)
    places.remove_import(dying)
    assert not places.records(dying).exists()
    assert read_records(places.records(staying), KEY) == []
