"""Files carry the same messages: whole or not at all, signed, once however often they lie there, never as formulas."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fanzha.adapters.connectors.folder import FolderConnector, Said, file_name
from fanzha.adapters.connectors.port import InstitutionUnusable
from fanzha.adapters.connectors.tables import csv_bytes, from_rows, read_table, rows_of, xlsx_bytes
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Invalid
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.file_seal import seal_file, verify_file
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import BankReport, Collected, Push, Refusal, RefusalCode
from fanzha.protocol.request import Request
from fanzha.protocol.wire import read
from fanzha.registers.institutions import ConnectorKind, TableFormat
from tests.adapters.connectors.bank import CENTRE_KEY
from tests.protocol.messages import ANSWER, AT, EXAMPLES, STOP, messages
from tests.registers.institutions import BANK, BANK_KEY

PUSH = next(each for each in EXAMPLES if isinstance(each, Push))
REPORT = replace(
    next(each for each in EXAMPLES if isinstance(each, BankReport)), report_id="0192aaaa-0000-7000-8000-000000000003"
)
LATER = AT + timedelta(hours=1)


@pytest.fixture(params=list(TableFormat))
def connector(request: pytest.FixtureRequest, tmp_path: Path) -> FolderConnector:
    profile = replace(BANK, connector=ConnectorKind.FOLDER, endpoint=str(tmp_path), table=request.param)
    return FolderConnector(institution=profile, key=lambda: CENTRE_KEY, wall=SetClock(LATER))


def top(connector: FolderConnector) -> Path:
    return Path(str(connector.institution.endpoint))


def lay(connector: FolderConnector, said: Said, key: SigningKey = BANK_KEY, name: str = "") -> Path:
    """Lay a message down as the institution does, an hour ago."""
    folder = top(connector) / "from-institution"
    folder.mkdir(exist_ok=True)
    write = csv_bytes if connector.institution.table is TableFormat.CSV else xlsx_bytes
    path = folder / f"{name or file_name(said)}.{connector.institution.table.value}"
    path.write_bytes(write(rows_of(said)))
    Path(f"{path}.sig").write_bytes(seal_file(path.name, path.read_bytes(), key, AT))
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    return path


def collected(connector: FolderConnector, *taken: str) -> list[Any]:
    """What lies there and is believed."""
    told = connector.collect(taken).message
    assert isinstance(told, Collected)
    return [*told.answers, *told.pushes, *told.reports]


def refusals(connector: FolderConnector) -> list[RefusalCode]:
    """Why files were refused."""
    folder = top(connector) / "from-institution" / "refused"
    return [read(Refusal, each.read_bytes()).code for each in sorted(folder.glob("*.refusal.json"))]


def test_a_request_is_laid_down_once_signed_with_its_documents(connector: FolderConnector) -> None:
    first, again = connector.send(STOP).message, connector.send(STOP).message
    assert isinstance(first, Receipt) and not first.repeated
    assert isinstance(again, Receipt) and again.repeated
    other = connector.send(replace(STOP, remark="另一内容")).message
    assert isinstance(other, Refusal) and other.code is RefusalCode.OTHER_CONTENT
    folder = top(connector) / "to-institution"
    (path,) = (each for each in folder.iterdir() if each.suffix in (".csv", ".xlsx"))
    public = replace(BANK.keys[0], key_id=CENTRE_KEY.key_id, public=CENTRE_KEY.public)
    assert verify_file(path.name, path.read_bytes(), Path(f"{path}.sig").read_bytes(), [public]) == CENTRE_KEY.key_id
    documents = {each.name: b64encode(each.read_bytes()).decode() for each in (folder / "documents").iterdir()}
    assert from_rows(Request, read_table(path.read_bytes(), path.suffix), documents) == STOP
    assert not list(folder.rglob(".*"))


def test_where_a_file_lies_says_how_far_it_is(connector: FolderConnector) -> None:
    def progress() -> Progress:
        told = connector.ask(STOP.application_id).message
        assert isinstance(told, Status)
        return told.progress

    assert progress() is Progress.NOT_KNOWN
    connector.send(STOP)
    assert progress() is Progress.RECEIVED
    folder = top(connector) / "to-institution"
    (folder / "taken").mkdir()
    for each in folder.glob("request_*"):
        each.rename(folder / "taken" / each.name)
    assert progress() is Progress.WORKING
    assert isinstance(connector.send(STOP).message, Receipt), "a request that was taken is not laid down again"
    assert not list(folder.glob("request_*"))
    lay(connector, ANSWER)
    assert progress() is Progress.DONE
    assert collected(connector, ANSWER.answer_id) == [] and progress() is Progress.DONE


def test_messages_are_collected_until_they_were_taken(connector: FolderConnector) -> None:
    for said in (ANSWER, PUSH, REPORT):
        lay(connector, said)
    assert collected(connector) == [ANSWER, PUSH, REPORT]
    assert collected(connector) == [ANSWER, PUSH, REPORT]
    assert collected(connector, ANSWER.answer_id, PUSH.push_id) == [REPORT]
    lay(connector, ANSWER)
    assert collected(connector) == [ANSWER, REPORT], "the same file again is harmless"


def test_unfinished_files_are_nobodys_business(connector: FolderConnector) -> None:
    path = lay(connector, ANSWER)
    whole = path.read_bytes()
    path.rename(path.with_name(f".{path.name}.part"))
    (path.parent / "answer.txt").write_text("x")
    (path.parent / "answer_folder.csv").mkdir()
    assert collected(connector) == []
    path.write_bytes(whole[:100])
    os.utime(path, (LATER.timestamp(), LATER.timestamp()))
    assert collected(connector) == [] and path.exists() and refusals(connector) == []
    path.write_bytes(whole)
    assert collected(connector) == [ANSWER]


def test_what_is_false_is_moved_away_with_its_reason(connector: FolderConnector) -> None:
    stranger = SigningKey(key_id=BANK_KEY.key_id, private=bytes(32))
    lay(connector, ANSWER, stranger)
    assert collected(connector) == []
    lay(connector, replace(ANSWER, institution_code="999900000002"))
    assert collected(connector) == []
    path = lay(connector, ANSWER)
    path.write_bytes(path.read_bytes() + b" ")
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    assert collected(connector) == []
    unsigned = lay(connector, PUSH)
    Path(f"{unsigned}.sig").unlink()
    assert collected(connector) == []
    assert len(refusals(connector)) == 2, "of the same name the last one stays"
    lay(connector, REPORT, name="report_something-else")
    assert collected(connector) == [] and RefusalCode.FORMAT in refusals(connector)


def test_a_link_is_not_followed(connector: FolderConnector, tmp_path: Path) -> None:
    path = lay(connector, ANSWER)
    real = tmp_path / "elsewhere"
    path.rename(real)
    path.symlink_to(real)
    assert collected(connector) == [] and refusals(connector) == []


def test_without_the_folder_the_institution_is_unusable(connector: FolderConnector) -> None:
    gone = replace(connector, institution=replace(connector.institution, endpoint=str(top(connector) / "gone")))
    for call in (lambda: gone.send(STOP), lambda: gone.ask(STOP.application_id), lambda: gone.collect(())):
        with pytest.raises(InstitutionUnusable):
            call()


@pytest.mark.parametrize("kind", [Answer, Push, BankReport, Request], ids=lambda kind: kind.__name__)
def test_whatever_is_said_survives_both_kinds_of_table(kind: type) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(messages(kind))
    def holds(said: Any) -> None:
        papers = getattr(said, "documents", ())
        documents = {each.sha256: b64encode(each.content).decode() for each in papers}
        rows = rows_of(said)
        assert from_rows(kind, read_table(csv_bytes(rows), ".csv"), documents) == said
        assert from_rows(kind, read_table(xlsx_bytes(rows), ".xlsx"), documents) == said

    holds()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@a", "'=1", "'a", "=HYPERLINK(0)"])
def test_no_value_is_a_formula_and_every_value_comes_back(text: str) -> None:
    data = csv_bytes([("remark", text)])
    assert not data.decode("utf-8-sig").splitlines()[1].partition(",")[2].startswith(("=", "+", "-", "@"))
    for suffix, written in ((".csv", data), (".xlsx", xlsx_bytes([("remark", text)]))):
        assert read_table(written, suffix) == [("remark", text)]


def test_a_table_saved_by_a_chinese_spreadsheet_is_read() -> None:
    assert read_table("field,value\r\nremark,已止付\r\n".encode("gb18030"), ".csv") == [("remark", "已止付")]


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"", ".csv"),
        (b"a,b\n1,2\n", ".csv"),
        (b"field,value\na,1\na,2\n", ".csv"),
        (b"\xff\xff\xff", ".csv"),
        (b"PK\x03\x04", ".xlsx"),
        (b"field,value\n", ".xlsx"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, suffix: str) -> None:
    with pytest.raises(Invalid):
        read_table(data, suffix)


@pytest.mark.parametrize(
    "rows",
    [
        [("a b", "1")],
        [("__class__", "1")],
        [("transactions[5].serial", "1")],
        [("application_id", "x"), ("application_id.y", "1")],
        [("transactions[0]", "x")],
        [("held_fen", "1.5")],
        [("final", "yes")],
    ],
)
def test_rows_that_describe_no_message_are_refused(rows: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid):
        from_rows(Answer, rows_of(ANSWER) + rows if "held" not in rows[0][0] else rows, {})
