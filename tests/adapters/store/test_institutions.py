"""Profiles and messages of institutions: every version stays, keys and codes have one owner, messages lie sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.institution_messages import (
    MOST_MARKS,
    NewMessage,
    Nonce,
    Refused,
    keep_message,
    open_message,
    record_refusal,
    take_nonce,
)
from fanzha.adapters.store.institutions import (
    Profile,
    enter_profile,
    every_institution,
    institution_called,
    institution_of_key,
    the_institution,
    versions_of,
)
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.schema.institutions import institution_message, institution_refusal
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.adapters.store.work import work_in
from fanzha.kernel.errors import Conflict, Forbidden, NotFound
from fanzha.kernel.units import Actor
from fanzha.protocol.keys import PublicKey
from fanzha.protocol.wire import canonical, fingerprint
from tests.conftest import CITY
from tests.protocol.messages import ANSWER
from tests.registers.institutions import BANK

OTHER = replace(
    BANK,
    name="other-bank",
    code="999900000002",
    keys=(PublicKey(key_id="other-bank-1", public=bytes(32), since=BANK.keys[0].since),),
)
SEAL = {"signature": "fanzha=:AAAA:"}


@pytest.fixture
def bank(engine: Engine, tree: None, city_actor: Actor, now: datetime) -> Profile:
    with unit_of_work(engine, city_actor, now) as connection:
        return enter_profile(connection, BANK, city_actor, "接入", now, unit=CITY)


@pytest.fixture
def message(bank: Profile) -> NewMessage:
    return NewMessage(
        institution_id=bank.id,
        kind="answer",
        message_id=ANSWER.answer_id,
        application_id=UUID(ANSWER.application_id),
        key_id="test-bank-1",
        fingerprint=fingerprint(ANSWER),
        body=canonical(ANSWER),
        seal=SEAL,
    )


def test_every_version_of_a_profile_stays(
    engine: Engine, bank: Profile, city_actor: Actor, county_actor: Actor, now: datetime
) -> None:
    changed = replace(BANK, tolerance_seconds=120)
    with unit_of_work(engine, city_actor, now) as connection:
        assert enter_profile(connection, changed, city_actor, "放宽", now, unit=CITY).version == 2
        with pytest.raises(Conflict, match="unchanged"):
            enter_profile(connection, changed, city_actor, "再来", now, unit=CITY)
        assert [(each.version, each.reason) for each in versions_of(connection, bank.id)] == [(2, "放宽"), (1, "接入")]
        assert versions_of(connection, bank.id)[1].institution == BANK
    with unit_of_work(engine, county_actor, now) as connection:  # everybody may know whom the centre asks
        for name in (BANK.name, BANK.code):
            assert institution_called(connection, name).institution == changed
        assert [each.version for each in every_institution(connection)] == [2]
        with pytest.raises(NotFound):
            institution_called(connection, "nobody")


def test_a_digest_that_begins_with_digits_is_nobody_s_number(
    engine: Engine, bank: Profile, city_actor: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One profile in a few hundred has one, and the audit takes no number of somebody."""
    monkeypatch.setattr("fanzha.adapters.store.institutions.fingerprint", lambda told: "1234567890123456" + 24 * "af")
    with unit_of_work(engine, city_actor, now) as connection:
        assert enter_profile(connection, OTHER, city_actor, "x", now, unit=CITY).version == 1


def test_a_code_and_a_key_have_one_owner(engine: Engine, bank: Profile, city_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, city_actor, now) as connection:
        with pytest.raises(Conflict, match="code_taken"):
            enter_profile(connection, replace(OTHER, code=BANK.code), city_actor, "x", now, unit=CITY)
        with pytest.raises(Conflict, match="code_changed"):
            enter_profile(connection, replace(BANK, code=OTHER.code), city_actor, "x", now, unit=CITY)
    with pytest.raises(Conflict, match="key_taken"), unit_of_work(engine, city_actor, now) as connection:
        enter_profile(connection, replace(OTHER, keys=BANK.keys), city_actor, "x", now, unit=CITY)
    with unit_of_work(engine, city_actor, now) as connection:
        enter_profile(connection, OTHER, city_actor, "x", now, unit=CITY)
        retired = replace(BANK, keys=(replace(BANK.keys[0], key_id="test-bank-2"),))
        enter_profile(connection, retired, city_actor, "换钥", now, unit=CITY)
        found = institution_of_key(connection, "test-bank-1")
        assert found is not None and found.institution == retired, (
            "an old key still names its owner, whose profile no longer lists it"
        )
        other = institution_of_key(connection, "other-bank-1")
        assert other is not None and the_institution(connection, other.id).institution == OTHER
        assert institution_of_key(connection, "nobody-1") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE institution_profile SET version = 9",
        "DELETE FROM institution",
        "DELETE FROM institution_message",
        "UPDATE institution_message SET body = ''",
        "DELETE FROM institution_refusal",
    ],
)
def test_nothing_of_it_is_edited_or_deleted(engine: Engine, now: datetime, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), system_unit_of_work(engine, now) as connection:
        connection.execute(text(statement))


def test_what_institutions_said_is_the_houses_alone(
    engine: Engine, message: NewMessage, keys: Keys, city_actor: Actor, now: datetime
) -> None:
    with system_unit_of_work(engine, now) as connection:
        assert keep_message(connection, keys, message, now, CITY)
    with unit_of_work(engine, city_actor, now) as connection:
        assert connection.scalars(select(institution_message.c.id)).all() == []
    with engine.begin() as connection:
        assert connection.scalars(select(institution_message.c.id)).all() == []


def test_a_message_is_kept_once_and_wished_for_once(
    engine: Engine, message: NewMessage, keys: Keys, city_actor: Actor, now: datetime
) -> None:
    with system_unit_of_work(engine, now) as connection:
        assert keep_message(connection, keys, message, now, CITY)
        assert not keep_message(connection, keys, message, now + timedelta(hours=1), CITY)
        other = replace(message, fingerprint="0" * 64)
        with pytest.raises(Conflict, match="other_content"):
            keep_message(connection, keys, other, now, CITY)
        (row,) = work_in(connection, ["waiting"], 10)
        assert row.kind == "institution_message"
        opened = open_message(connection, keys, UUID(str(row.payload["message"])))
        assert (opened.body, opened.kind, opened.seal) == (canonical(ANSWER), "answer", SEAL)
        stored = connection.scalar(select(institution_message.c.body))
        assert ANSWER.number.encode() not in bytes(stored or b"") if ANSWER.number else True


def test_a_message_whose_key_is_gone_is_never_read_again(
    engine: Engine, message: NewMessage, keys: Keys, now: datetime
) -> None:
    with system_unit_of_work(engine, now) as connection:
        keep_message(connection, keys, message, now, CITY)
        (row,) = work_in(connection, ["waiting"], 10)
        message_id = UUID(str(row.payload["message"]))
        connection.execute(text("DELETE FROM institution_message_key"))
        with pytest.raises(NotFound, match="no_message"):
            open_message(connection, keys, message_id)
        assert not keep_message(connection, keys, message, now, CITY), "that it came stays known"


def test_what_comes_with_a_nonce_that_is_taken_is_not_kept(
    engine: Engine, message: NewMessage, keys: Keys, now: datetime
) -> None:
    """The same call twice at once: neither was seen when it was looked at, and one of them is heard."""
    nonce = Nonce(key_id="k", nonce="n", keep_until=now + timedelta(minutes=5), wall=now)
    with system_unit_of_work(engine, now) as connection:
        assert keep_message(connection, keys, message, now, CITY, nonce)
    other = replace(message, message_id="another")
    with pytest.raises(Forbidden, match="replayed"), system_unit_of_work(engine, now) as connection:
        keep_message(connection, keys, other, now, CITY, nonce)
    with system_unit_of_work(engine, now) as connection:
        assert connection.scalars(select(institution_message.c.message_id)).all() == [message.message_id]
        assert len(work_in(connection, ["waiting"], 10)) == 1


def test_a_nonce_is_taken_once_for_its_time(engine: Engine, now: datetime) -> None:
    until = now + timedelta(minutes=5)

    def took(key_id: str, nonce: str, wall: datetime) -> bool:
        return take_nonce(connection, Nonce(key_id=key_id, nonce=nonce, keep_until=until, wall=wall))

    with system_unit_of_work(engine, now) as connection:
        assert took("k", "n", now)
        assert not took("k", "n", until)
        assert took("other", "n", now)
        assert took("k", "m", until + timedelta(seconds=1))
        assert connection.scalar(text("SELECT count(*) FROM institution_nonce")) == 1, "old ones are forgotten"


def test_a_refusal_leaves_a_mark_without_what_was_said(engine: Engine, now: datetime) -> None:
    refused = Refused(institution_id=None, address="/institutions/v1/answers", code="bad_digest", place="", body=b"x")
    with system_unit_of_work(engine, now) as connection:
        record_refusal(connection, refused, now)
        row = connection.execute(select(institution_refusal)).one()
        assert (row.code, row.size, len(row.sha256)) == ("bad_digest", 1, 64)


def test_under_one_name_so_many_marks_a_minute_are_left_and_no_more(
    engine: Engine, bank: Profile, now: datetime
) -> None:
    stranger = Refused(institution_id=None, address="/", code="protocol.unknown_key", place="", body=b"")

    def marks(by: Refused, at: datetime, times: int) -> int:
        with system_unit_of_work(engine, at) as connection:
            for _ in range(times):
                record_refusal(connection, by, at)
            return len(connection.scalars(select(institution_refusal.c.id)).all())

    assert marks(stranger, now, MOST_MARKS + 5) == MOST_MARKS
    assert marks(replace(stranger, institution_id=bank.id), now, 2) == MOST_MARKS + 2
    assert marks(stranger, now + timedelta(minutes=2), 1) == MOST_MARKS + 3
