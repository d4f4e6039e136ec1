"""Erasure destroys keys for good, waits for live evidence, and is done again after a restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from fanzha.adapters.store.cases import case_of, move_case, open_case, set_hold, set_retention
from fanzha.adapters.store.erasures import erase_import, erase_subject, erasures, replay_erasures
from fanzha.adapters.store.imports import files_of, import_key, import_of, included_imports, sheets_of
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import find_cases
from fanzha.adapters.store.subjects import Identifier, masked, subject_id
from fanzha.adapters.store.unit_of_work import unit_of_work
from fanzha.cases.case import Case, CaseState
from fanzha.cases.subjects import SubjectKind
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.kernel.units import Actor
from tests.adapters.store.evidence import CARD, CLASSES, MENTIONS, NAME, imported, plant
from tests.databases import TestServer

CARD_ID = Identifier(SubjectKind.ACCOUNT, CARD)
LONG_AFTER = timedelta(days=365 * 4)


@pytest.fixture
def case(engine: Engine, county_actor: Actor, now: datetime) -> Case:
    plant(engine, now)
    with unit_of_work(engine, county_actor, now) as connection:
        return open_case(connection, "x", "incident", county_actor, now)


def test_live_evidence_waits_and_says_for_which_case(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)

        def refused(code: str, at: datetime) -> None:
            with pytest.raises(Illegal, match=code) as caught:
                erase_import(connection, done.id, CLASSES, "asked", county_actor, at)
            assert caught.value.fields["ref"] == case.ref
            with pytest.raises(Illegal, match=code) as caught:
                erase_subject(connection, subject_id(keys, CARD_ID), CLASSES, "asked", county_actor, at)
            assert caught.value.fields["ref"] == case.ref

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


def test_an_erased_import_is_gone_with_everybody_whom_it_alone_mentions(
    server: TestServer, engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
    with unit_of_work(engine, county_actor, after) as connection:
        erase_import(connection, done.id, CLASSES, "retention ran out", county_actor, after)
    with unit_of_work(engine, county_actor, after) as connection:
        with pytest.raises(Illegal, match="import_erased"):
            import_key(connection, keys, done.id)
        with pytest.raises(Illegal, match="import_erased"):
            erase_import(connection, done.id, CLASSES, "again", county_actor, after)
        assert find_cases(connection, keys, CARD) == []
        assert included_imports(connection, case.id) == []
        assert import_of(connection, done.id).erased_at == after
        assert [each.name for each in files_of(connection, done.id)] == [""]
        (blank,) = sheets_of(connection, done.id)
        assert (blank.path, blank.mapping, blank.counts.accepted) == ("", {}, 4), "the account of rows stays"
        assert [(each.object_kind, each.reason) for each in erasures(connection)] == [("import", "retention ran out")]
    with server.superuser(str(engine.url.database)).connect() as connection:
        left = "SELECT count(*), count(wrapped_key), count(identifier) FROM subject"
        assert connection.execute(text(left)).one() == (len(MENTIONS), 0, 0), "looked at past row security"


def test_who_is_mentioned_elsewhere_too_stays(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        other = open_case(connection, "y", "incident", county_actor, now)
        imported(connection, keys, other, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
        erase_import(connection, done.id, CLASSES, "retention ran out", county_actor, after)
        assert [hit.case.id for hit in find_cases(connection, keys, CARD)] == [other.id]
        assert masked(connection, keys, [subject_id(keys, CARD_ID)])


def test_a_subject_in_another_units_case_waits_for_them(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, other_actor, now) as connection:
        imported(connection, keys, open_case(connection, "y", "incident", other_actor, now), other_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        imported(connection, keys, case, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
        with pytest.raises(Illegal, match="erasure_elsewhere") as caught:
            erase_subject(connection, subject_id(keys, CARD_ID), CLASSES, "asked", county_actor, after)
        assert caught.value.fields == {"unit": other_actor.scope}


def test_an_erased_subject_is_unreadable_and_comes_back_only_with_new_evidence(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    after, card = now + LONG_AFTER, subject_id(keys, CARD_ID)
    with unit_of_work(engine, county_actor, now) as connection:
        imported(connection, keys, case, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
        with pytest.raises(NotFound):
            erase_subject(
                connection, subject_id(keys, CARD_ID._replace(text="9" * 16)), CLASSES, "x", county_actor, after
            )
        erase_subject(connection, card, CLASSES, "asked", county_actor, after)
        assert masked(connection, keys, [card]) == {}
        name = subject_id(keys, Identifier(SubjectKind.NAME, NAME))
        assert masked(connection, keys, [name]) == {name: "测*"}, "the others stay"
        assert [hit.case.id for hit in find_cases(connection, keys, CARD)] == [case.id], "the ledger stays valid"
        imported(connection, keys, case, county_actor, after + timedelta(days=1))
        assert masked(connection, keys, [card]) == {card: "9999 **** **** 0011"}


def test_a_restore_forgets_nothing_that_was_erased(
    engine: Engine, keys: Keys, case: Case, county_actor: Actor, now: datetime
) -> None:
    after = now + LONG_AFTER
    with unit_of_work(engine, county_actor, now) as connection:
        done = imported(connection, keys, case, county_actor, now)
        move_case(connection, case.id, CaseState.DISMISSED, "unfounded", county_actor, now)
    try:
        with unit_of_work(engine, county_actor, after) as connection:
            erase_import(connection, done.id, CLASSES, "retention ran out", county_actor, after)
            log = erasures(connection)
            raise RestoreError
    except RestoreError:
        pass  # the database is as it was before the erasure, as after a restore
    with unit_of_work(engine, county_actor, after) as connection:
        assert import_key(connection, keys, done.id)
        assert replay_erasures(connection, log, county_actor) == 1
        assert replay_erasures(connection, log, county_actor) == 0
        assert erasures(connection) == log
        with pytest.raises(Illegal, match="import_erased"):
            import_key(connection, keys, done.id)
        assert case_of(connection, case.id) == replace(case, state=CaseState.DISMISSED)


class RestoreError(Exception):
    """Takes a transaction back."""


def test_everybody_in_the_test_is_synthetic() -> None:
    assert all(each.text.startswith(("999999", "测试")) for each in MENTIONS)
