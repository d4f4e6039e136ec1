"""The console over a real house: what was imported is what pages show, to those who may see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from starlette.datastructures import QueryParams

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.instance import found_instance
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.roles import role
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.apps.web.console_data import HouseData, way_in
from fanzha.apps.web.pages.accounts import ACCOUNTS
from fanzha.apps.web.pages.case import LOG, PEOPLE
from fanzha.apps.web.pages.cases import CASES
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.pages.quality import DUPLICATES, REJECTED
from fanzha.apps.web.picture_lines import picture_lines
from fanzha.apps.web.views.cases import NewCase, NewPerson
from fanzha.apps.web.views.imports import ConfirmedMapping, UploadedFile
from fanzha.apps.web.views.picture import PictureQuestion, read_picture
from fanzha.apps.web.views.staff import NewStaff
from fanzha.apps.web.views.tables import read_query
from fanzha.apps.web.wired.masks import masked_cell
from fanzha.apps.worker.jobs import do_due_work
from fanzha.cases.file_names import hide_numbers
from fanzha.cases.subjects import likeliest
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Forbidden, Illegal, Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor
from fanzha.settings import Settings
from fanzha.wiring.house import House
from fanzha.wiring.statements import import_files
from tests.conftest import COUNTY, OTHER_COUNTY, person
from tests.docs.schemas import assert_valid

CARD, PAYER = "9999990000000000017", "9999990000000000025"
HEADER = "交易卡号,交易户名,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,摘要说明,交易是否成功\n"
ROWS = (
    f"{CARD},测试·甲,2026-03-01 09:12:05,50000.00,50012.30,进,{PAYER},测试·乙,转账,成功\n"
    f"{CARD},测试·甲,2026-03-01 09:14:40,30000.00,20012.30,出,9999990000000000033,测试·丙,转账,成功\n"
    f"{CARD},测试·甲,2026-03-01 23:30:00,10000.00,10012.30,出,,,ATM取款,成功\n"
    f"{CARD},测试·甲,2026-03-02 10:00:00,5000.00,10012.30,出,9999990000000000033,测试·丙,转账,失败\n"
)
OTHER_SIDE = f"{PAYER},测试·乙,2026-03-01 09:12:01,50000.00,100.00,出,{CARD},测试·甲,转账,成功\n"


@dataclass
class Desk:
    """A console's data over a house of its own, and a case with two parties' files."""

    data: HouseData
    house: House
    ref: str


@pytest.fixture
def desk(
    engine: Engine, tree: None, settings: Settings, keys: Keys, clock: SetClock, county_actor: Actor, tmp_path: Path
) -> Desk:
    with unit_of_work(engine, county_actor, clock.now()) as connection:
        instance = found_instance(connection, "exercise", keys.fingerprint(), clock.now())
    house = House(settings=settings, engine=engine, keys=keys, instance=instance, clock=clock, wall=clock)
    data = HouseData(house)
    ref = data.open_case(county_actor, NewCase(title="测试案件", retention="criminal", unit=COUNTY))
    files = []
    for name, rows in (("甲_9999990000000000017.csv", ROWS), ("乙.csv", OTHER_SIDE)):
        files.append(tmp_path / name)
        files[-1].write_text(HEADER + rows, "utf-8")
    import_files(house, county_actor, ref, files)
    return Desk(data=data, house=house, ref=ref)


def test_a_transfer_in_both_files_is_one_movement_with_both_rows(desk: Desk, county_actor: Actor) -> None:
    page = desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, {}))
    assert [each.amount_fen for each in page.rows] == [5_000_000, 3_000_000, 1_000_000]
    first = page.rows[0]
    assert first.tellings == 2 and first.payer_at != first.payee_at
    evidence = desk.data.movement(county_actor, desk.ref, first.id)
    assert sorted(each.place.row for each in evidence.tellings) == [2, 2]
    assert {each.role for each in evidence.tellings} == {"payer", "payee"}


def test_nothing_shown_is_clear_and_what_is_revealed_leaves_a_mark(desk: Desk, county_actor: Actor) -> None:
    movement = desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, {})).rows[0]
    evidence = desk.data.movement(county_actor, desk.ref, movement.id)
    shown = repr((movement, evidence, desk.data.quality(county_actor, desk.ref, None), desk.data.home(county_actor)))
    for clear in (CARD, PAYER, "测试·甲", "测试·乙"):
        assert clear not in shown
    assert movement.payer is not None and movement.payer.number.ref
    cell = next(each.value for each in evidence.tellings[0].cells if each.value.ref)
    asked = [movement.payer.number.ref, str(cell.ref)]
    clear_values = desk.data.reveal(county_actor, desk.ref, asked, "evidence")
    assert clear_values[asked[0]].replace(" ", "") == PAYER and clear_values[asked[1]] in (CARD, PAYER)
    with desk.house.act(county_actor) as connection:
        case = case_by_ref(connection, desk.ref)
        marks = entries_of(connection, "case", str(case.id), 10)
    assert [each.act.purpose for each in marks if each.act.action.endswith(".revealed")] == ["evidence"] * 2


def test_other_units_see_no_case_and_only_whom_to_call(desk: Desk, other_actor: Actor) -> None:
    for read in (desk.data.case, desk.data.imports, desk.data.notes):
        with pytest.raises(NotFound):
            read(other_actor, desk.ref)
    with pytest.raises(NotFound):
        desk.data.reveal(other_actor, desk.ref, ["s1"], "evidence")
    found = desk.data.search(other_actor, CARD)
    assert found.hits == () and [each.unit.code for each in found.elsewhere] == [COUNTY]


def test_a_case_is_found_by_number_name_and_title(desk: Desk, county_actor: Actor) -> None:
    by_number = desk.data.search(county_actor, f"{CARD[:4]} {CARD[4:]}")
    assert [(each.case, each.kind) for each in by_number.hits] == [(desk.ref, "account")]
    account = by_number.hits[0].account
    assert account is not None
    assert desk.data.account(county_actor, desk.ref, account).line.proof == "proven"
    assert desk.data.find_account(county_actor, desk.ref, CARD) == account
    assert [each.kind for each in desk.data.search(county_actor, "测试·丙").hits] == ["name"]
    assert [each.kind for each in desk.data.search(county_actor, "测试案件").hits] == ["case"]


def test_every_row_is_accounted_for(desk: Desk, county_actor: Actor) -> None:
    report = desk.data.quality(county_actor, desk.ref, None)
    assert (report.rows.data, report.rows.accepted, report.rows.duplicates, report.rows.rejected) == (5, 3, 1, 1)
    rejected = desk.data.rejected(county_actor, desk.ref, read_query(REJECTED, {}))
    assert [(each.row, each.reason) for each in rejected.rows] == [(5, "failed")]
    repeated = desk.data.duplicates(county_actor, desk.ref, read_query(DUPLICATES, {}))
    assert [each.fate for each in repeated.rows] == ["duplicate_telling"]
    for source in report.sources:
        narrowed = desk.data.rejected(county_actor, desk.ref, read_query(REJECTED, {"source": source.key}))
        assert narrowed.total == source.rows.rejected


def test_excluding_an_import_takes_its_movements_away_and_back(desk: Desk, county_actor: Actor) -> None:
    [line] = desk.data.imports(county_actor, desk.ref)
    desk.data.set_excluded(county_actor, desk.ref, [line.id], True, "another case")
    assert desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, {})).total == 0
    assert desk.data.imports(county_actor, desk.ref)[0].exclusion_reason == "another case"
    desk.data.set_excluded(county_actor, desk.ref, [line.id], False, "it belongs here")
    assert desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, {})).total == 3


@pytest.mark.parametrize(
    ("params", "total"),
    [
        ({"exit": "cash"}, 1),
        ({"at_least": "30000"}, 2),
        ({"at_most": "30000"}, 2),
        ({"after": "2026-03-01", "until": "2026-03-01"}, 3),
        ({"after": "2026-03-02"}, 0),
        ({"doubt": "any"}, 0),
    ],
)
def test_movements_are_filtered(desk: Desk, county_actor: Actor, params: dict[str, str], total: int) -> None:
    assert desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, params)).total == total


def test_an_accounts_direction_is_its_own(desk: Desk, county_actor: Actor) -> None:
    account = desk.data.find_account(county_actor, desk.ref, CARD)
    for direction, total in (("in", 1), ("out", 2), ("", 3)):
        params = {"account": str(account), "direction": direction}
        assert desk.data.movements(county_actor, desk.ref, read_query(MOVEMENTS, params)).total == total
    view = desk.data.account(county_actor, desk.ref, str(account))
    assert (view.line.in_fen, view.line.out_fen, view.cash_out_fen) == (5_000_000, 4_000_000, 1_000_000)
    assert sum(each.in_fen for each in view.by_day) == sum(each.in_fen for each in view.by_hour) == 5_000_000
    accounts = desk.data.accounts(county_actor, desk.ref, read_query(ACCOUNTS, {"statement": "yes"}))
    assert accounts.total == 2


def test_uploads_are_imported_by_the_worker_and_a_strange_sheet_by_a_persons_mapping(
    desk: Desk, county_actor: Actor, tmp_path: Path
) -> None:
    sent = tmp_path / "0.data"
    sent.write_text("发生,户号,数目,给谁\n2026-04-01 10:00:00,9999990000000000017,12.50,9999990000000000041\n", "utf-8")
    added = desk.data.add_staff(county_actor, NewStaff(login="newcomer", name="测试·新", unit=COUNTY, role="analyst"))
    operator = Actor(
        user_id=UserId(UUID(added)), name="newcomer", scope=COUNTY, permissions=role("analyst").permissions
    )
    desk.data.start_import(operator, desk.ref, [UploadedFile(path=sent, name="怪.csv", bytes=1)])
    assert [each.state for each in desk.data.progress(operator)] == ["waiting"]
    assert do_due_work(desk.house) and not desk.data.progress(operator)
    [strange] = [each for each in desk.data.quality(operator, desk.ref, None).sources if each.state == "unrecognised"]
    draft = desk.data.mapping_draft(operator, desk.ref, strange.import_id, strange.key)
    assert [each.header for each in draft.columns] == ["发生", "户号", "数目", "给谁"]
    with pytest.raises(Invalid):
        desk.data.confirm_mapping(
            operator, desk.ref, strange.import_id, strange.key, ConfirmedMapping(fields={0: "time"})
        )
    fields = ConfirmedMapping(fields={0: "time", 1: "payer", 2: "amount", 3: "payee"})
    desk.data.confirm_mapping(operator, desk.ref, strange.import_id, strange.key, fields)
    assert do_due_work(desk.house)
    found = desk.data.movements(operator, desk.ref, read_query(MOVEMENTS, {"after": "2026-04-01"}))
    assert [each.amount_fen for each in found.rows] == [1_250]


def test_the_case_record_keeps_what_people_do(desk: Desk, county_actor: Actor, clock: SetClock) -> None:
    desk.data.add_note(county_actor, desk.ref, "asked the bank")
    desk.data.add_person(county_actor, desk.ref, NewPerson(text="测试·丁", reason="victim"))
    desk.data.set_retention(county_actor, desk.ref, "incident", "not filed")
    head = desk.data.case(county_actor, desk.ref)
    assert (head.retention.code, head.notes, head.people, head.movements) == ("incident", 1, 1, 3)
    [somebody] = desk.data.people(county_actor, desk.ref, read_query(PEOPLE, {})).rows
    assert somebody.name is not None and somebody.name.shown == "测*" and somebody.name.ref
    actions = [each.action for each in desk.data.log(county_actor, desk.ref, read_query(LOG, {})).rows]
    assert {"case.opened", "import.done", "case.note", "case.subject_linked", "case.retention"} <= set(actions)
    [line] = desk.data.cases(county_actor, read_query(CASES, {})).rows
    assert (line.files, line.movements, line.accounts) == (2, 3, head.accounts)


def test_what_people_did_to_a_case_can_be_undone_and_stays_on_record(desk: Desk, county_actor: Actor) -> None:
    desk.data.add_person(county_actor, desk.ref, NewPerson(text="测试·丁", reason="victim"))
    [somebody] = desk.data.people(county_actor, desk.ref, read_query(PEOPLE, {})).rows
    assert somebody.link
    desk.data.remove_person(county_actor, desk.ref, somebody.link, "somebody else")
    assert desk.data.people(county_actor, desk.ref, read_query(PEOPLE, {})).total == 0
    with pytest.raises(NotFound):
        desk.data.remove_person(county_actor, desk.ref, somebody.link, "again")
    desk.data.move(county_actor, desk.ref, "filed", "three victims")
    head = desk.data.case(county_actor, desk.ref)
    assert (head.state, head.moves) == ("filed", ("closed", "dismissed"))
    with pytest.raises(Illegal):
        desk.data.move(county_actor, desk.ref, "preliminary", "back")
    actions = [each.action for each in desk.data.log(county_actor, desk.ref, read_query(LOG, {})).rows]
    assert {"case.subject_unlinked", "case.moved"} <= set(actions)


def test_somebody_new_comes_in_by_a_link_and_chooses_a_password(desk: Desk, county_actor: Actor) -> None:
    added = desk.data.add_staff(county_actor, NewStaff(login="newcomer", name="测试·新", unit=COUNTY, role="analyst"))
    [line] = [each for each in desk.data.staff(county_actor) if each.id == added]
    assert (line.state, line.unit.code) == ("invited", COUNTY)
    assert [(held.role.code, held.unit.code) for held in line.roles] == [("analyst", COUNTY)]
    doors = way_in(desk.house)
    token = doors.enter(desk.data.staff_link(county_actor, added))
    found = doors.visitor(token)
    assert found is not None and not found.has_password and found.actor.may("cases.read")
    token = doors.change_password(token, "", "a sentence that one remembers")
    found = doors.visitor(token)
    assert found is not None and found.has_password
    desk.data.set_disabled(county_actor, added, True)
    assert doors.visitor(token) is None
    desk.data.set_disabled(county_actor, added, False)
    desk.data.take_role(county_actor, added, "analyst", COUNTY)
    [line] = [each for each in desk.data.staff(county_actor) if each.id == added]
    assert (line.state, line.roles) == ("active", ())


def test_staff_is_for_administrators_of_the_same_units(desk: Desk, county_actor: Actor, other_actor: Actor) -> None:
    added = desk.data.add_staff(county_actor, NewStaff(login="newcomer", name="测试·新", unit=COUNTY, role="analyst"))
    for trial in (
        lambda actor: desk.data.staff(actor),
        lambda actor: desk.data.give_role(actor, added, "reader", COUNTY),
        lambda actor: desk.data.set_disabled(actor, added, True),
        lambda actor: desk.data.staff_link(actor, added),
    ):
        with pytest.raises(Forbidden):
            trial(person(COUNTY, 9, frozenset({"cases.read"})))
    assert added not in [each.id for each in desk.data.staff(other_actor)]
    with pytest.raises(NotFound):
        desk.data.staff_link(other_actor, added)
    with pytest.raises(Forbidden):
        desk.data.give_role(county_actor, added, "analyst", OTHER_COUNTY)


def test_a_role_without_the_right_is_refused(desk: Desk) -> None:
    reader = person(COUNTY, 9, frozenset({"cases.read"}))
    assert desk.data.case(reader, desk.ref).movements == 3
    for act in (
        lambda: desk.data.add_note(reader, desk.ref, "x"),
        lambda: desk.data.reveal(reader, desk.ref, ["s1"], "evidence"),
        lambda: desk.data.open_case(reader, NewCase(title="x", retention="criminal", unit=COUNTY)),
        lambda: desk.data.set_excluded(reader, desk.ref, ["1"], True, "x"),
    ):
        with pytest.raises(Forbidden):
            act()
    nobody = person(COUNTY, 10, frozenset())
    with pytest.raises(Forbidden):
        desk.data.case(nobody, desk.ref)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("测试·丁", "name"),
        ("12012345678", "phone"),
        (CARD, "account"),
        ("990000199001010011", "document"),
        ("ACME Ltd", "name"),
    ],
)
def test_who_is_added_is_understood_as_a_person_means_it(text: str, kind: str) -> None:
    assert likeliest(text)[0] == kind


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x9999990000000000017y.csv", "x9999****0017y.csv"),
        ("12012345678", "1201****5678"),
        ("1201234", "***34"),
        ("测试转 9999 0000 1234 5678 货款", "测试转 9999****5678 货款"),
        ("call 120-1234-5678 now", "call 1201****5678 now"),
    ],
)
def test_long_numbers_in_free_text_are_hidden_however_their_digits_are_set_apart(text: str, shown: str) -> None:
    assert hide_numbers(text) == shown
    assert masked_cell("remark", text, "c1").shown == shown


@pytest.mark.parametrize(
    "text", ["还款 2024-03-01", "20240301-20240531 工资", "测试 12.50", "no 01936571-2840-7123-8456-123456789012 here"]
)
def test_dates_and_words_in_free_text_stay_readable(text: str) -> None:
    assert hide_numbers(text) == text


def test_a_cell_nobody_understood_shows_its_first_character_only() -> None:
    assert masked_cell("", "测试·甲", "c1").shown == "测***"
    assert masked_cell("amount", "12.50", "c1").ref is None
    assert masked_cell("ip", "192.0.2.10", "c1").shown == "192.0.****"


def _picture(desk: Desk, actor: Actor, **more: str) -> PictureQuestion:
    start = desk.data.movements(actor, desk.ref, read_query(MOVEMENTS, {})).rows[0].id
    return read_picture(QueryParams({"from": start, "floor_fen": "1", **more}))


def test_a_picture_draws_what_the_trace_tells(desk: Desk, county_actor: Actor) -> None:
    question = _picture(desk, county_actor, beside="lifo")
    told = picture_lines(
        desk.ref,
        desk.data.picture(county_actor, desk.ref, question),
        desk.data.marks(county_actor, desk.ref, question.picture),
        "zh",
    )
    assert_valid("trace_picture", told)
    assert CARD not in str(told) and PAYER not in str(told) and "测试·" not in str(told)
    line = desk.data.accounts(county_actor, desk.ref, read_query(ACCOUNTS, {})).rows[0]
    assert f"{line.account.key}@1" in [each["id"] for each in told["nodes"]]  # type: ignore[attr-defined]


def test_a_picture_leaves_masked_or_for_a_purpose_and_leaves_a_mark(desk: Desk, county_actor: Actor) -> None:
    question = _picture(desk, county_actor)
    masked = desk.data.picture_svg(county_actor, desk.ref, question, "", "zh")
    whole = desk.data.picture_svg(county_actor, desk.ref, question, "evidence", "zh")
    assert CARD in whole and "测试·甲" in whole and CARD not in masked and "测试·甲" not in masked
    assert "演练" in masked and "已掩码" in masked and "已掩码" not in whole
    log = desk.data.log(county_actor, desk.ref, read_query(LOG, {"action": "table.exported"})).rows
    assert [(each.object, each.purpose) for each in log] == [("trace_picture", "evidence"), ("trace_picture", "")]
    with pytest.raises(Forbidden):
        reader = replace(county_actor, permissions=county_actor.permissions - {"statements.reveal"})
        desk.data.picture_svg(reader, desk.ref, question, "evidence", "zh")
