"""A case is found by anybody in it, shown masked, revealed with a purpose, and in another unit only by whom to call."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import open_case
from fanzha.adapters.store.elsewhere import find_elsewhere
from fanzha.adapters.store.imports import begin_import
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import (
    NewLink,
    case_links,
    case_victims,
    find_cases,
    link_subject,
    link_to,
    mark_victim,
    note_mentions,
    unlink_subject,
)
from fanzha.adapters.store.subjects import Identifier, Reveal, keep_subjects, masked, reveal, subject_id, subject_ids
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case
from fanzha.cases.subjects import Mention, Role, SubjectKind, cleaned
from fanzha.kernel.errors import Broken, Conflict, Invalid, NotFound
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.units import Actor
from tests.adapters.store.evidence import CARD, MENTIONS, NAME, OTHER_CARD, imported, plant
from tests.conftest import COUNTY

CARD_ID = Identifier(SubjectKind.ACCOUNT, CARD)


@pytest.fixture
def case(engine: Engine, keys: Keys, county_actor: Actor, now: datetime) -> Case:
    """A county's case with one import."""
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        case = open_case(connection, "x", "incident", county_actor, now)
        imported(connection, keys, case, county_actor, now)
        return case


@pytest.mark.parametrize(
    "typed", [CARD, f"'{CARD}\t", "9999 9900 0000 0000 011", "９９９９９９０００００００００００１１"]
)
def test_a_case_is_found_by_an_account_however_it_is_typed(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime, typed: str
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        (hit,) = find_cases(connection, keys, typed)
        assert (hit.case, hit.roles, hit.subject_id) == (case, (Role.HOLDER,), subject_id(keys, CARD_ID))


def test_a_case_is_found_by_name_and_counterparty_and_not_by_parts(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        assert [hit.case for hit in find_cases(connection, keys, NAME)] == [case]
        assert [hit.roles for hit in find_cases(connection, keys, OTHER_CARD)] == [(Role.COUNTERPARTY,)]
        for typed in (CARD[:-1], "测试", "", "   ", "*"):
            assert find_cases(connection, keys, typed) == []


def test_another_unit_learns_whom_to_call_and_no_more(
    engine: Engine, keys: Keys, case: Case, other_actor: Actor, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, other_actor, now) as connection:
        assert find_cases(connection, keys, CARD) == []
        (found,) = find_elsewhere(connection, keys, CARD, other_actor, now)
        assert (found.path, found.contact, found.name_en) == (COUNTY, "12345", f"Test {COUNTY}")
        assert find_elsewhere(connection, keys, "9999990000000000037", other_actor, now) == []
        actions = [each.act.action for each in entries_of(connection, "unit", other_actor.scope, 9)]
        assert actions == ["subject.looked_for"] * 2, "that somebody looked is on record, found or not"
    with unit_of_work(engine, county_actor, now) as connection:
        assert find_elsewhere(connection, keys, CARD, county_actor, now) == [], "one's own unit is not elsewhere"


def test_the_narrow_door_is_closed_to_nobody_in_particular(engine: Engine, keys: Keys, case: Case) -> None:
    with engine.begin() as connection:
        ids = {"ids": [subject_id(keys, CARD_ID)]}
        assert connection.execute(text("SELECT * FROM subject_sightings(:ids)"), ids).all() == []
        assert connection.execute(text("SELECT * FROM subject_known(:ids)"), ids).all() == []


def test_identifiers_are_masked_until_revealed_with_a_purpose(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    ids = tuple(subject_id(keys, Identifier(each.kind, each.text)) for each in MENTIONS)
    with unit_of_work(engine, county_actor, now) as connection:
        assert list(masked(connection, keys, ids[:2]).values()) in (
            ["9999 **** **** 0011", "测*"],
            ["测*", "9999 **** **** 0011"],
        )
        found = reveal(connection, keys, Reveal(ids=ids, case=case, purpose="investigation"), county_actor, now)
        assert {each.text for each in found.values()} == {each.text for each in MENTIONS}
        newest = entries_of(connection, "case", str(case.id), 1)[0].act
        assert (newest.action, newest.purpose) == ("subject.revealed", "investigation")
        assert newest.detail == {"subjects": sorted(ids)}
        for bad in (Reveal(ids=ids, case=case, purpose=""), Reveal(ids=(), case=case, purpose="x")):
            with pytest.raises(Invalid, match="bad_reveal"):
                reveal(connection, keys, bad, county_actor, now)


def test_the_vault_opens_to_nobody_without_a_case(
    engine: Engine, keys: Keys, case: Case, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, other_actor, now) as connection:
        assert masked(connection, keys, [subject_id(keys, CARD_ID)]) == {}
        assert connection.scalar(text("SELECT count(*) FROM subject")) == 0
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        unit_of_work(engine, other_actor, now) as connection,
    ):
        connection.execute(text("DELETE FROM subject"))


def test_the_vault_holds_no_plain_identifier(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        for table in ("subject", "case_subject"):
            whole = connection.scalar(text(f"SELECT string_agg(t::text, '|') FROM {table} t"))
            for plain in (CARD, NAME, CARD.encode().hex(), NAME.encode().hex()):
                assert plain not in whole


def test_two_units_share_one_identifier_without_seeing_each_other(
    engine: Engine, keys: Keys, case: Case, other_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, other_actor, now) as connection:
        own = open_case(connection, "y", "incident", other_actor, now)
        imported(connection, keys, own, other_actor, now)
        assert [hit.case for hit in find_cases(connection, keys, CARD)] == [own]
        assert list(masked(connection, keys, [subject_id(keys, CARD_ID)]).values()) == ["9999 **** **** 0011"]


def test_a_collision_of_ids_is_refused(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Keys.subject_hash

    def colliding(self: Keys, kind: str, canonical: str) -> int:
        return honest(self, kind, CARD if kind == "account" else canonical)

    monkeypatch.setattr(Keys, "subject_hash", colliding)
    with unit_of_work(engine, county_actor, now) as connection:
        both = [Identifier(SubjectKind.ACCOUNT, text) for text in ("9999990000000000045", "9999990000000000052")]
        with pytest.raises(Broken, match="subject_collision"):
            keep_subjects(connection, keys, subject_ids(keys, both[:1]), now)
        with pytest.raises(Broken, match="subject_collision"):
            keep_subjects(connection, keys, subject_ids(keys, both), now)


def test_noting_the_same_again_changes_nothing(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    def rows() -> object:
        with unit_of_work(engine, county_actor, now) as connection:
            return connection.execute(text("SELECT * FROM subject ORDER BY id")).all()

    before = rows()
    with unit_of_work(engine, county_actor, now) as connection:
        begun = begin_import(connection, keys, case.id, county_actor, now)
        note_mentions(connection, keys, begun.id, MENTIONS, now)
        note_mentions(connection, keys, begun.id, MENTIONS, now)
        told = "SELECT count(*) FROM case_subject WHERE import_id = :import"
        assert connection.execute(text(told), {"import": begun.id}).scalar_one() == len(MENTIONS)
    assert rows() == before


def test_people_add_somebody_to_a_case_and_take_them_out(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    mention = cleaned(SubjectKind.PHONE, "+86 12000000001".replace("+86 ", ""), Role.PERSON)
    new = NewLink(case_id=case.id, mention=mention, reason="the victim's number")
    with unit_of_work(engine, county_actor, now) as connection:
        link = link_subject(connection, keys, new, county_actor, now)
        (shown,) = case_links(connection, keys, case.id)
        assert (shown.masked, shown.reason, shown.role) == ("120****0001", "the victim's number", Role.PERSON)
        assert [hit.case for hit in find_cases(connection, keys, "120-0000-0001")] == [case]
    with unit_of_work(engine, other_actor, now) as connection, pytest.raises(NotFound):
        unlink_subject(connection, link, "x", other_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        unlink_subject(connection, link, "misread", county_actor, now)
        assert case_links(connection, keys, case.id) == []
        assert find_cases(connection, keys, "12000000001") == []
        with pytest.raises(Conflict, match="link_ended"):
            unlink_subject(connection, link, "again", county_actor, now)
        with pytest.raises(NotFound):
            unlink_subject(connection, uuid4(), "x", county_actor, now)


def test_a_victim_is_named_taken_back_and_named_again(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    card = subject_id(keys, CARD_ID)
    with unit_of_work(engine, other_actor, now) as connection, pytest.raises(NotFound):
        mark_victim(connection, case.id, card, "x", other_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        with pytest.raises(NotFound, match="subject_not_told"):
            mark_victim(connection, case.id, SubjectId(card + 1), "x", county_actor, now)
        with pytest.raises(Invalid, match="empty_text"):
            mark_victim(connection, case.id, card, " ", county_actor, now)
        entry = mark_victim(connection, case.id, card, "report 7", county_actor, now)
        (victim,) = case_victims(connection, keys, case.id)
        assert (victim.id, victim.subject_id, victim.reason, victim.actor_name) == (
            entry,
            card,
            "report 7",
            county_actor.name,
        )
        with pytest.raises(Conflict, match="victim_already"):
            mark_victim(connection, case.id, card, "again", county_actor, now)
        unlink_subject(connection, entry, "misread", county_actor, now)
        assert case_victims(connection, keys, case.id) == []
        again = mark_victim(connection, case.id, card, "report 8", county_actor, now)
        assert again != entry and link_to(connection, keys, case.id, Mention(*CARD_ID, Role.VICTIM)) == again
        acts = [each.act.action for each in entries_of(connection, "case", str(case.id), 3)]
        assert sorted(acts) == ["case.victim_marked", "case.victim_marked", "case.victim_unmarked"]


def test_what_is_no_identifier_is_refused() -> None:
    with pytest.raises(Invalid, match="no_identifier"):
        cleaned(SubjectKind.PHONE, "abc", Role.PERSON)
    assert cleaned(SubjectKind.NAME, "测试 · 甲 ", Role.PERSON) == Mention(SubjectKind.NAME, "测试·甲", Role.PERSON)
