"""What banks answer and push becomes movements of the order's case, as if it had come in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import text

from fanzha.adapters.ledger.reconciled import to_arrays
from fanzha.adapters.store.case_messages import facts_of_case, messages_of_order
from fanzha.adapters.store.cases import case_by_ref, require_writable
from fanzha.adapters.store.imports import included_imports, list_imports, set_excluded, sheets_of
from fanzha.adapters.store.sharing import NewShare, share_case
from fanzha.adapters.store.told_imports import keep_told
from fanzha.adapters.store.work_handling import Wished
from fanzha.cases.case import Case
from fanzha.cases.told import HolderTold, Holding
from fanzha.kernel.clock import SHANGHAI, SetClock
from fanzha.kernel.errors import Forbidden, NotFound
from fanzha.kernel.ids import ImportId
from fanzha.orders.effects import OrderKind
from fanzha.protocol.facts import HeldAccount, Holder, PriorFreeze, Side
from fanzha.protocol.parties import HolderClass
from fanzha.protocol.wire import fingerprint
from fanzha.records.statements.joining import empty_rows
from fanzha.records.statements.rows import CODED_COLUMNS, NUMBER_COLUMNS, Source
from fanzha.wiring import answers, ledgers
from fanzha.wiring.clocks import CLOCK_WORK
from fanzha.wiring.desk import DELIVERY_WORK
from fanzha.wiring.handling import READ, listed
from fanzha.wiring.held_ledgers import FRESH_SECONDS, SHEET_ROWS, Fresh, FreshImports, HeldLedgers, Part, SourcedAccount
from fanzha.wiring.house import CENTRE, House
from fanzha.wiring.institution_mail import MESSAGE_WORK
from fanzha.wiring.ledgers import case_counts, case_ledger, ledger_alone, places
from fanzha.wiring.statements import import_files
from fanzha.workflows.case_ledger import CaseLedger, value_at
from tests.conftest import CITY, OTHER_COUNTY, person
from tests.registers.institutions import BANK
from tests.wiring.answers import MULE, answer, asked, hear, keep, ledger, line, moved, push
from tests.wiring.orders import Staffed, staffed
from tests.wiring.statement import CARD, HEADER, PAYER


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(house, clock, case)


def test_an_answers_lines_are_movements_that_name_bank_message_and_row(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    came = line(now - timedelta(hours=2), 5_000_000, Side.CREDIT, PAYER, balance_after_fen=5_001_230)
    left = line(now - timedelta(hours=1), 4_900_000, Side.DEBIT, MULE, balance_after_fen=101_230)
    said = answer(desk, order, [came, left])
    hear(desk, said)
    assert moved(desk) == [(CARD, MULE, 4_900_000), (PAYER, CARD, 5_000_000)]
    told = ledger(desk)
    (place,) = told.told(0).evidence
    assert place.source.path == f"/{BANK.name_zh}/{order.number}/{said.answer_id}/transactions"
    assert (place.row, place.sha256) == (1, fingerprint(said))
    assert told.told(0).payee_at == came.at


@pytest.mark.parametrize("told", ["- 'application'", "|| jsonb_build_object('application', CAST(:other AS text))"])
def test_a_message_is_heard_about_what_it_names_itself_whatever_its_row_of_work_tells(desk: Staffed, told: str) -> None:
    order, other, now = asked(desk), asked(desk, number=MULE), desk.house.now()
    keep(desk, answer(desk, order, [line(now - timedelta(hours=2), 5_000_000, Side.CREDIT, PAYER)]))
    with desk.house.act_as_house() as connection:
        change = text(f"UPDATE work SET payload = payload {told} WHERE kind = '{MESSAGE_WORK}'")
        connection.execute(change, {"other": str(other.instructions[-1].id)} if ":other" in told else {})
    hear(desk)
    assert moved(desk) == [(PAYER, CARD, 5_000_000)]


def test_what_a_statement_told_already_is_one_movement(desk: Staffed, tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 9, 12, 5, tzinfo=SHANGHAI)
    row = f"{CARD},测试·甲,2026-03-01 09:12:05,50000.00,50012.30,进,{PAYER},测试·乙,转账,成功\n"
    (tmp_path / "a.csv").write_text(HEADER + row, "utf-8")
    import_files(desk.house, desk.drafter, desk.case.ref, [tmp_path / "a.csv"])
    order = asked(desk)
    hear(desk, answer(desk, order, [line(at, 5_000_000, Side.CREDIT, PAYER, balance_after_fen=5_001_230)]))
    assert moved(desk) == [(PAYER, CARD, 5_000_000)]
    assert len(ledger(desk).rows) == 2


def test_pushes_come_twice_late_and_out_of_order(desk: Staffed) -> None:
    order, now = asked(desk, OrderKind.MONITOR), desk.house.now()
    lines = [line(now - timedelta(minutes=9 - at), 1_000 + at, Side.DEBIT) for at in range(4)]
    first, second = push(desk, order, lines[:2], 1), push(desk, order, lines[1:], 2)
    again = replace(first, push_id=str(uuid4()))
    hear(desk, second, first, again, second)
    assert [fen for *_, fen in moved(desk)] == [1_000, 1_001, 1_002, 1_003]


def test_an_answer_that_is_taken_out_is_out_and_can_come_back(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    hear(desk, answer(desk, order, [line(now, 700, Side.DEBIT)]))
    assert moved(desk)
    with desk.house.act(desk.drafter) as connection:
        (made,) = list_imports(connection, desk.case.id)
        set_excluded(connection, made.id, True, "测试:撤销", desk.drafter, now)
    assert not moved(desk)
    with desk.house.act(desk.drafter) as connection:
        set_excluded(connection, made.id, False, "测试:恢复", desk.drafter, now)
    assert moved(desk)


def test_rows_that_nobody_can_stand_by_are_kept_with_a_reason(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    told = [
        line(now, 100, Side.DEBIT),
        line(now, 200, Side.DEBIT, number=MULE),
        line(now + timedelta(days=400), 300, Side.DEBIT),
        line(datetime(1980, 1, 1, tzinfo=SHANGHAI), 400, Side.DEBIT),
        line(now, 500, Side.DEBIT, success=False),
    ]
    hear(desk, answer(desk, order, told))
    assert [fen for *_, fen in moved(desk)] == [100]
    with desk.house.act(desk.drafter) as connection:
        (made,) = list_imports(connection, desk.case.id)
        (sheet,) = sheets_of(connection, made.id)
    assert sheet.reasons == {"other_account": 1, "future_time": 1, "bad_time": 1, "failed": 1}
    assert (sheet.counts.accepted, sheet.counts.rejected) == (1, 4)


def test_books_of_another_account_than_asked_count_for_nothing(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    hear(desk, answer(desk, order, [line(now, 100, Side.DEBIT)], number=MULE))
    assert not moved(desk)


def test_lines_alone_need_no_records_and_records_that_were_lost_are_missed(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "FRESH", FreshImports())  # as another process, which sealed nothing itself
    order, now = asked(desk), desk.house.now()
    hear(desk, answer(desk, order, [line(now, 700, Side.DEBIT)]))
    assert moved(desk)
    holder = Holder(
        name="测试·别人", holder_class=HolderClass.PERSON, document_type="01", document_number="990101199001011234"
    )
    hear(desk, answer(desk, asked(desk), [line(now, 800, Side.DEBIT)], holder=holder))
    with desk.house.act(desk.drafter) as connection:
        records = [places(desk.house).records(each.id) for each in list_imports(connection, desk.case.id)]
    (kept,) = (each for each in records if each.exists())
    assert len(records) == 2
    kept.unlink()
    with pytest.raises(NotFound, match="missing"):
        moved(desk)


def test_what_this_process_sealed_is_what_another_reads_back(desk: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    now = desk.house.now()
    holder = Holder(name="测试·别人", holder_class=HolderClass.PERSON, phones=("12900000001",))
    held = HeldAccount(number=MULE, currency="CNY", state="normal", card=CARD, balance_fen=12)
    some = [line(now, 900, Side.DEBIT), line(now + timedelta(days=1), 1, Side.DEBIT), line(now, 800, Side.CREDIT, CARD)]
    hear(desk, answer(desk, asked(desk), some, holder=holder, accounts=(held,)))
    hear(desk, answer(desk, asked(desk), [line(now, 700, Side.DEBIT, summary="转账")]))
    here, kept = _ledger_alone(desk, monkeypatch, lambda path: path.rename(path.with_name("aside")))
    there, read = _ledger_alone(desk, monkeypatch, lambda path: path.with_name("aside").rename(path))
    assert kept == read and len(kept) == 1
    assert here.rows.sources == there.rows.sources and len(here.rows) == 3
    for name in ("source", *NUMBER_COLUMNS):
        assert getattr(here.rows, name).dtype == getattr(there.rows, name).dtype
        assert np.array_equal(getattr(here.rows, name), getattr(there.rows, name))
    for name in CODED_COLUMNS:
        told = [[value_at(getattr(each.rows, name), row) for row in range(3)] for each in (here, there)]
        assert told[0] == told[1]
    for name, each in to_arrays(here.found).items():
        assert np.array_equal(each, to_arrays(there.found)[name])


def _ledger_alone(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch, first: Callable[[Path], Path]
) -> tuple[CaseLedger, tuple[SourcedAccount, ...]]:
    """The case's ledger and the accounts that its imports tell of, after something is done with the files of rows."""
    held = HeldLedgers()
    monkeypatch.setattr(ledgers, "HELD", held)
    with desk.house.act(desk.drafter) as connection:
        imports = included_imports(connection, desk.case.id)
        for each in imports:
            first(places(desk.house).rows(each.id))
        found = ledger_alone(desk.house, connection, desk.case, imports)
    whole = held.get(desk.case.id, frozenset((each.id, each.sha256) for each in imports))
    assert whole is not None and whole.accounts is not None
    return found, whole.accounts


def test_an_import_that_is_sealed_anew_is_not_the_one_that_was_taken_back(
    desk: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, fails = list[Part](), [RuntimeError]
    said = [answer(desk, asked(desk), [line(desk.house.now(), fen, Side.DEBIT)]) for fen in (700, 800)]

    class Recorded(FreshImports):
        def put(self, part: Part, fresh: Fresh) -> None:
            sealed.append(part)
            FreshImports.put(self, part, fresh)

    def kept(*told: Any) -> None:
        keep_told(*told)
        if fails:
            raise fails.pop()

    monkeypatch.setattr(answers, "FRESH", Recorded())
    monkeypatch.setattr(answers, "keep_told", kept)
    hear(desk, *said)
    with desk.house.act(desk.drafter) as connection:
        stands = {(each.id, each.sha256) for each in included_imports(connection, desk.case.id)}
    assert {each for each, _ in sealed} == {each for each, _ in stands} and len(sealed) == 4
    assert stands == set(sealed[2:]) and stands.isdisjoint(sealed[:2])


def test_so_many_rows_of_imports_lie_ready(desk: Staffed) -> None:
    source = Source(key="k", import_id="i", path="p", format_id="f")
    fresh = Fresh(rows=(empty_rows(source), empty_rows(source)), accounts=())
    ready, parts = FreshImports(rows=4 * SHEET_ROWS), [(ImportId(uuid4()), "") for _ in range(3)]
    for each in parts:
        ready.put(each, fresh)
    assert [ready.take(each) for each in parts] == [None, fresh, fresh]
    assert [ready.take(each) for each in parts] == [None, None, None]


def test_what_nobody_takes_lies_in_clear_for_a_while_only() -> None:
    source, now = Source(key="k", import_id="i", path="p", format_id="f"), [0.0]
    fresh = Fresh(rows=(empty_rows(source),), accounts=())
    ready, parts = FreshImports(now=lambda: now[0]), [(ImportId(uuid4()), "") for _ in range(2)]
    ready.put(parts[0], fresh)
    now[0] = FRESH_SECONDS
    ready.put(parts[1], fresh)
    now[0] += 1
    assert [ready.take(each) for each in parts] == [None, fresh]
    assert ready._rows == 0


def test_a_flood_of_lines_stays_sealed_and_the_order_says_so(desk: Staffed) -> None:
    small = desk.house.settings.model_copy(update={"order_rows": 3})
    flooded = replace(desk, house=replace(desk.house, settings=small))
    order, now = asked(flooded), desk.house.now()
    hear(flooded, answer(flooded, order, [line(now, at, Side.DEBIT) for at in range(1, 3)], parts=2, final=False))
    hear(flooded, answer(flooded, order, [line(now, at, Side.DEBIT) for at in range(3, 6)], parts=2, part=2))
    assert [fen for *_, fen in moved(flooded)] == [1, 2]
    assert "too_many_rows" in flooded.seen(order).contradicted


def test_holder_and_accounts_are_facts_with_their_source(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    holder = Holder(
        name="测试·别人", holder_class=HolderClass.PERSON, document_type="01", document_number="990101199001011234"
    )
    other = HeldAccount(number=MULE, currency="CNY", state="normal", balance_fen=77, available_fen=70)
    frozen = PriorFreeze(organ="测试公安局", currency="CNY", amount_fen=5)
    hear(
        desk,
        answer(
            desk,
            order,
            [],
            holder=holder,
            accounts=(other,),
            balance_fen=900,
            available_fen=800,
            prior_freezes=(frozen,),
        ),
    )
    with desk.house.act(desk.drafter) as connection:
        facts = [each.fact for each in facts_of_case(connection, desk.case.id)]
        (part,) = messages_of_order(connection, order.id)
    named, there, beside = [each.told for each in facts]
    assert isinstance(named, HolderTold) and named.agrees is False
    assert there == Holding(balance_fen=900, available_fen=800, others_fen=5)
    assert beside == Holding(balance_fen=77, available_fen=70, state="normal")
    assert part.import_id is not None and {each.at for each in facts} == {now}


def test_who_may_only_read_a_shared_case_sees_an_answer_first(desk: Staffed) -> None:
    order, now = asked(desk), desk.house.now()
    reader = person(OTHER_COUNTY, 77)
    with desk.house.act(desk.drafter) as connection:
        new = NewShare(to_unit=OTHER_COUNTY, purpose="case_work", until=now + timedelta(days=1), reason="测试:协查")
        share_case(connection, desk.case.id, new, desk.drafter, now)
    hear(desk, answer(desk, order, [line(now, 700, Side.DEBIT)]))
    with desk.house.act(reader) as connection:
        assert case_counts(desk.house, connection, desk.case)["movements"] == 1
        assert len(case_ledger(desk.house, connection, desk.case)) == 1
        with pytest.raises(Forbidden):
            require_writable(case_by_ref(connection, desk.case.ref), reader)


def test_work_says_for_whom_it_is_to_whoever_reads_it(desk: Staffed) -> None:
    """Messages lie out of sight of people: their rows name the bank, clocks and deliveries the order."""
    order = asked(desk)
    hear(desk, answer(desk, order, []))
    named = set()
    for unit in (CENTRE, CITY):
        reader = replace(person(unit, 9), permissions=frozenset({READ}))
        rows = listed(desk.house, reader, Wished())[1]
        named |= {(row.kind, about.kind, about.name) for row, _, about in rows}
    assert (MESSAGE_WORK, "institution", BANK.name) in named
    assert (DELIVERY_WORK, "order", order.number) in named and (CLOCK_WORK, "order", order.number) in named
