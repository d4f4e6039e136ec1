"""Erasure takes two, destroys keys for good, waits for live evidence, and is done again after a restore."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import (
    add_note,
    case_of,
    move_case,
    open_case,
    set_hold,
    set_retention,
)
from fanzha.adapters.store.erasures import (
    ask_erasure,
    asked_erasure,
    erase_case,
    erasures,
    refuse_erasure,
    replay_erasures,
)
from fanzha.adapters.store.imports import (
    begin_import,
    files_of,
    import_key,
    import_of,
    included_imports,
    list_imports,
    sheets_of,
)
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import NewLink, case_links, find_cases, link_subject
from fanzha.adapters.store.subjects import Identifier, masked, subject_id
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case, CaseState
from fanzha.cases.subjects import Mention, Role, SubjectKind
from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, NotFound
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor
from tests.adapters.store.evidence import CARD, CLASSES, MENTIONS, imported, plant
from tests.conftest import COUNTY, person
from tests.databases import TestServer

CARD_ID = Identifier(SubjectKind.ACCOUNT, CARD)
PHONE = Mention(SubjectKind.PHONE, "12000000001", Role.PERSON)
LONG_AFTER = timedelta(days=365 * 4)
SECOND = person(COUNTY, 22)


@pytest.fixture
def case(engine: Engine, county_actor: Actor, now: datetime) -> Case:
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        return open_case(connection, "测试·甲被骗案", "incident", county_actor, now)


@pytest.fixture
def ended(engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime) -> ImportId:
    """The import of a case that was dismissed, with somebody added by hand."""
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        new = NewLink(case_id=case.id, mention=PHONE, reason="the victim's number")
        link_subject(connection, keys, new, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
    return done.id


def erase(engine: Engine, case: Case, actor: Actor, after: datetime) -> None:
    with unit_of_work(engine, actor, after) as connection:
        ask_erasure(connection, case.id, CLASSES, "retention ran out", actor, after)
    with unit_of_work(engine, SECOND, after) as connection:
        erase_case(connection, case.id, CLASSES, SECOND, after)


def test_live_evidence_waits_and_says_for_which_case(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)

        def refused(code: str, at: datetime) -> None:
            with pytest.raises(Illegal, match=code) as caught:
                ask_erasure(connection, case.id, CLASSES, "asked", county_actor, at)
            assert caught.value.fields["ref"] == case.ref
            with pytest.raises(Illegal, match=code):
                erase_case(connection, case.id, CLASSES, SECOND, at)

        refused("erasure_live", now + LONG_AFTER)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
        refused("erasure_kept", now + timedelta(days=30))
        set_retention(connection, case.id, "criminal", "after all", county_actor, now)
        refused("erasure_undecided", now + LONG_AFTER)
        set_retention(connection, case.id, "incident", "not after all", county_actor, now)
        set_hold(connection, case.id, True, "appeal", county_actor, now)
        refused("erasure_held", now + LONG_AFTER)
        assert import_key(connection, keys, done.id)
        assert masked(connection, keys, [subject_id(keys, CARD_ID)])


def test_it_takes_a_second_person(
    engine: Engine, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, after) as connection:
        with pytest.raises(Illegal, match="erasure_not_asked"):
            erase_case(connection, case.id, CLASSES, county_actor, after)
        ask_erasure(connection, case.id, CLASSES, "retention ran out", county_actor, after)
        with pytest.raises(Illegal, match="erasure_asked"):
            ask_erasure(connection, case.id, CLASSES, "again", county_actor, after)
        with pytest.raises(Forbidden, match="erasure_own"):
            erase_case(connection, case.id, CLASSES, county_actor, after)
    with unit_of_work(engine, SECOND, after) as connection:
        refuse_erasure(connection, case.id, "the prosecutor asks for it", SECOND, after)
        with pytest.raises(Illegal, match="erasure_not_asked"):
            refuse_erasure(connection, case.id, "again", SECOND, after)
        with pytest.raises(Illegal, match="erasure_not_asked"):
            erase_case(connection, case.id, CLASSES, SECOND, after)
        assert case_of(connection, case.id).state is CaseState.DISMISSED


def test_a_request_lapses_when_the_case_is_taken_up_again(
    engine: Engine, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, after) as connection:
        ask_erasure(connection, case.id, CLASSES, "retention ran out", county_actor, after)
        assert asked_erasure(connection, case.id) is not None
        move_case(connection, case.id, CaseState.FILED, "a second victim", county_actor, after)
        move_case(connection, case.id, CaseState.CLOSED, "nothing came of it", county_actor, after)
        assert asked_erasure(connection, case.id) is None
        with pytest.raises(Illegal, match="erasure_not_asked"):
            erase_case(connection, case.id, CLASSES, SECOND, after + LONG_AFTER)


def test_a_held_or_running_case_is_not_erased_though_it_was_asked_for(
    engine: Engine, keys: Keys, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, after) as connection:
        ask_erasure(connection, case.id, CLASSES, "retention ran out", county_actor, after)
        begin_import(connection, keys, case.id, county_actor, after)
        with pytest.raises(Illegal, match="erasure_running"):
            erase_case(connection, case.id, CLASSES, SECOND, after)
        set_hold(connection, case.id, True, "appeal", county_actor, after)
        with pytest.raises(Illegal, match="erasure_held"):
            erase_case(connection, case.id, CLASSES, SECOND, after)


def test_an_erased_case_is_gone_with_everybody_whom_it_alone_mentions(
    server: TestServer, engine: Engine, keys: Keys, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    erase(engine, case, county_actor, after)
    with unit_of_work(engine, county_actor, after) as connection:
        with pytest.raises(Illegal, match="import_erased"):
            import_key(connection, keys, ended)
        assert (case_of(connection, case.id).state, case_of(connection, case.id).title) == ("erased", case.ref)
        assert find_cases(connection, keys, CARD) == []
        assert case_links(connection, keys, case.id) == []
        assert included_imports(connection, case.id) == []
        assert import_of(connection, ended).erased_at == after
        assert [each.name for each in files_of(connection, ended)] == [""]
        (blank,) = sheets_of(connection, ended)
        assert (blank.path, blank.mapping, blank.counts.accepted) == ("", {}, 4), "the account of rows stays"
        (logged,) = erasures(connection)
        assert (logged.object_id, logged.reason, logged.actor_name) == (str(case.id), "retention ran out", SECOND.name)
        told = {each.act.action: each.actor_name for each in entries_of(connection, "case", str(case.id), 10)}
        assert (told["case.erasure_asked"], told["case.erased"]) == (county_actor.name, SECOND.name)
    with server.superuser(str(engine.url.database)).connect() as connection:
        left = "SELECT count(*), count(wrapped_key), count(identifier) FROM subject"
        assert connection.execute(text(left)).one() == (len(MENTIONS) + 1, 0, 0), "looked at past row security"


def test_an_erased_case_takes_nothing_any_more(
    engine: Engine, keys: Keys, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    erase(engine, case, county_actor, after)

    def refused(what: object, *given: object) -> None:
        with (
            unit_of_work(engine, county_actor, after) as connection,
            pytest.raises(FanzhaError, match="case_erased"),
        ):
            what(connection, *given)  # type: ignore[operator]

    refused(add_note, case.id, "a note", county_actor, after)
    refused(begin_import, keys, case.id, county_actor, after)
    refused(link_subject, keys, NewLink(case_id=case.id, mention=PHONE, reason="x"), county_actor, after)
    refused(move_case, case.id, CaseState.FILED, "x", county_actor, after)
    refused(set_retention, case.id, "criminal", "x", county_actor, after)
    refused(set_hold, case.id, True, "x", county_actor, after)
    refused(ask_erasure, case.id, CLASSES, "x", county_actor, after)


def test_who_is_mentioned_elsewhere_too_stays(
    engine: Engine, keys: Keys, case: Case, ended: ImportId, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    """In another case of the unit, or of a unit out of sight."""
    with unit_of_work(engine, county_actor, now) as connection:
        other = open_case(connection, "y", "incident", county_actor, now)
        imported(connection, keys, other, county_actor, now)
    with unit_of_work(engine, other_actor, now) as connection:
        far = open_case(connection, "z", "incident", other_actor, now)
        link_subject(connection, keys, NewLink(case_id=far.id, mention=PHONE, reason="seen here too"), other_actor, now)
    erase(engine, case, county_actor, now + LONG_AFTER)
    with unit_of_work(engine, county_actor, now) as connection:
        assert [hit.case.id for hit in find_cases(connection, keys, CARD)] == [other.id]
        assert masked(connection, keys, [subject_id(keys, CARD_ID)])
    with unit_of_work(engine, other_actor, now) as connection:
        assert masked(connection, keys, [subject_id(keys, Identifier(PHONE.kind, PHONE.text))])


def test_nobody_erases_a_case_that_is_another_units(
    engine: Engine, case: Case, ended: ImportId, other_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, other_actor, after) as connection, pytest.raises(NotFound):
        ask_erasure(connection, case.id, CLASSES, "x", other_actor, after)


def test_a_restore_forgets_nothing_that_was_erased(
    engine: Engine, keys: Keys, case: Case, ended: ImportId, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, after) as connection:
        ask_erasure(connection, case.id, CLASSES, "retention ran out", county_actor, after)
    try:
        with unit_of_work(engine, SECOND, after) as connection:
            erase_case(connection, case.id, CLASSES, SECOND, after)
            log = erasures(connection)
            raise RestoreError
    except RestoreError:
        pass  # the database is as it was before the erasure, as after a restore
    with unit_of_work(engine, county_actor, after) as connection:
        assert import_key(connection, keys, ended)
        assert replay_erasures(connection, log, county_actor) == log
        assert replay_erasures(connection, log, county_actor) == []
        assert erasures(connection) == log
        with pytest.raises(Illegal, match="import_erased"):
            import_key(connection, keys, ended)
        assert case_of(connection, case.id).state is CaseState.ERASED
        assert all(each.erased_at for each in list_imports(connection, case.id))


class RestoreError(Exception):
    """Takes a transaction back."""


def test_everybody_in_the_test_is_synthetic() -> None:
    assert all(each.text.startswith(("999999", "测试", "120")) for each in [*MENTIONS, PHONE])
