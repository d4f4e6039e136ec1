"""Institutions are heard only as themselves: forged, replayed, changed, oversized and false messages are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, text
from starlette.types import Receive, Scope, Send

from fanzha.adapters.store.institution_messages import open_message
from fanzha.adapters.store.institutions import Profile, enter_profile
from fanzha.adapters.store.schema.institutions import institution_message, institution_refusal
from fanzha.adapters.store.schema.work import work
from fanzha.apps.web.app import create_app
from fanzha.apps.web.console_data import HouseData, way_in
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.throttle import Throttle
from fanzha.kernel.clock import SetClock, rfc3339
from fanzha.kernel.errors import Forbidden
from fanzha.protocol.answer import Receipt
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.messages import BankReport, ClockReading, Push, Refusal
from fanzha.protocol.signing import Envelope, content_digest, seal, verify
from fanzha.protocol.wire import as_json, canonical, read
from fanzha.wiring.house import House
from fanzha.wiring.institutions import refused_calls
from tests.apps.web.client import Client
from tests.conftest import CITY, person
from tests.docs.schemas import assert_valid
from tests.protocol.messages import ANSWER, EXAMPLES
from tests.registers.institutions import BANK, BANK_KEY

AUTHORITY = "127.0.0.1:8610"
TOLERANCE = timedelta(seconds=5)
OTHER_KEY = SigningKey(key_id="other-bank-1", private=bytes(range(2, 34)))
PUSH = next(each for each in EXAMPLES if isinstance(each, Push))
REPORT = next(each for each in EXAMPLES if isinstance(each, BankReport))
OLD_KEY = SigningKey(key_id="test-bank-0", private=bytes(range(3, 35)))


@dataclass
class Line:
    """A centre, and an institution that calls it."""

    house: House
    client: Client
    clock: SetClock
    throttle: Throttle
    calls: int = 0

    def envelope(self, path: str, body: bytes, method: str = "POST") -> Envelope:
        plain = {"content-type": "application/json"}
        return Envelope(method=method, authority=AUTHORITY, path=path, headers=plain, body=body)

    def sealed(self, envelope: Envelope, key: SigningKey = BANK_KEY) -> dict[str, str]:
        """The headers of a call, signed now with a nonce of its own."""
        self.calls += 1
        added = seal(envelope, key, self.clock.now(), f"nonce-{self.calls:016d}")
        return {**envelope.headers, **added}

    def say(self, kind: str, message: object, key: SigningKey = BANK_KEY) -> httpx.Response:
        """Send one message, whole and signed."""
        envelope = self.envelope(f"/institutions/v1/{kind}", canonical(message))
        return self.sent(envelope, self.sealed(envelope, key))

    def sent(self, envelope: Envelope, headers: dict[str, str]) -> httpx.Response:
        """Send exactly this."""
        return self.client.request(envelope.method, envelope.path, content=envelope.body, headers=headers)

    def kept(self) -> int:
        with self.house.act_as_house() as connection:
            return len(connection.scalars(select(institution_message.c.id)).all())

    def marks(self) -> list[str]:
        """The codes of the refusals on record, in their order."""
        with self.house.act_as_house() as connection:
            return list(connection.scalars(select(institution_refusal.c.code).order_by(institution_refusal.c.id)))


@pytest.fixture
def line(house: House, clock: SetClock, engine: Engine) -> Iterator[Line]:
    actor, now = person(CITY, 9), clock.now()
    keys = (
        PublicKey(key_id=BANK_KEY.key_id, public=BANK_KEY.public, since=now - timedelta(days=1)),
        PublicKey(
            key_id=OLD_KEY.key_id, public=OLD_KEY.public, since=now - timedelta(days=90), until=now - timedelta(days=1)
        ),
    )
    other = replace(
        BANK,
        name="other-bank",
        code="999900000002",
        keys=(PublicKey(key_id=OTHER_KEY.key_id, public=OTHER_KEY.public, since=now - timedelta(days=1)),),
    )
    with house.act(actor) as connection:
        for profile in (replace(BANK, keys=keys), other):
            enter_profile(connection, profile, actor, "接入", now, unit=CITY)
    data = HouseData(house)
    app = create_app(data, way_in(house), WebSettings(uploads=house.uploads), clock)
    with Client(app, base_url=f"http://{AUTHORITY}", headers={}) as client:
        yield Line(house, client, clock, app.state.console.calls)


def refusal(answer: httpx.Response) -> str:
    """The code of a refusal, whose status is one."""
    assert answer.status_code >= 400
    return read(Refusal, answer.content).code.value


@pytest.mark.parametrize(("kind", "message"), [("answers", ANSWER), ("pushes", PUSH), ("reports", REPORT)])
def test_a_signed_message_is_kept_and_work_is_wished_for(line: Line, kind: str, message: object) -> None:
    answer = line.say(kind, message)
    assert answer.status_code == 202
    assert not read(Receipt, answer.content).repeated
    assert read(Receipt, line.say(kind, message).content).repeated
    with line.house.act_as_house() as connection:
        (row,) = connection.execute(select(work.c.key).where(work.c.kind == "institution_message"))
        kept = connection.scalars(select(institution_message.c.id)).one()
        assert row.key == str(kept)
        opened = open_message(connection, line.house.keys, kept)
    assert opened.body == canonical(message) and set(opened.seal) == {"content-digest", "signature-input", "signature"}


def test_a_receipt_is_signed_by_the_centre_for_this_call(line: Line) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = line.sealed(envelope)
    answer = line.sent(envelope, headers)
    ((since, key),) = line.house.keys.institution_keys()
    public = PublicKey(key_id=key.key_id, public=key.public, since=since)
    told = Envelope(
        status=answer.status_code,
        headers={name.lower(): each for name, each in answer.headers.items()},
        body=answer.content,
        request=replace(envelope, headers=headers),
    )
    assert verify(told, (public,), line.clock.now(), TOLERANCE).key_id == key.key_id


def test_the_clock_is_told_to_institutions_only(line: Line) -> None:
    envelope = line.envelope("/institutions/v1/clock", b"", "GET")
    told = line.sent(envelope, line.sealed(envelope))
    assert told.status_code == 200 and read(ClockReading, told.content).exercise
    assert refusal(line.sent(envelope, {})) == "no_signature"


@pytest.mark.parametrize("covered", ["method", "path", "host", "body", "content-digest", "signature", "nonce"])
def test_whatever_is_changed_on_the_way_is_refused(line: Line, covered: str) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = line.sealed(envelope)
    other = canonical(replace(ANSWER, held_fen=1))
    match covered:
        case "method":
            answer = line.client.request("GET", "/institutions/v1/clock", headers=headers)
        case "path":
            answer = line.sent(replace(envelope, path="/institutions/v1/pushes"), headers)
        case "host":
            answer = line.sent(envelope, headers | {"host": "localhost:8610"})
        case "body":
            answer = line.sent(replace(envelope, body=other), headers)
        case "content-digest":
            changed = headers | {"content-digest": content_digest(other)}
            answer = line.sent(replace(envelope, body=other), changed)
        case "signature":
            answer = line.sent(envelope, headers | {"signature": "fanzha=:AAAA:"})
        case _:
            told = headers["signature-input"].replace("nonce-", "other-")
            answer = line.sent(envelope, headers | {"signature-input": told})
    assert refusal(answer) in {"bad_signature", "bad_digest"}
    assert line.kept() == 0 and len(line.marks()) == 1


def test_a_replayed_call_is_refused_though_it_is_signed(line: Line) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = line.sealed(envelope)
    assert line.sent(envelope, headers).status_code == 202
    assert refusal(line.sent(envelope, headers)) == "replayed"
    line.clock.move(timedelta(minutes=7))
    assert refusal(line.sent(envelope, headers)) == "out_of_time"
    assert line.marks() == ["protocol.replayed", "protocol.out_of_time"]


def test_nobody_speaks_for_another(line: Line) -> None:
    assert refusal(line.say("answers", ANSWER, OTHER_KEY)) == "not_yours"
    forged = SigningKey(key_id=BANK_KEY.key_id, private=OTHER_KEY.private)
    assert refusal(line.say("answers", ANSWER, forged)) == "bad_signature"
    assert refusal(line.say("answers", ANSWER, replace(OTHER_KEY, key_id="nobody-1"))) == "unknown_sender"
    assert refusal(line.say("answers", ANSWER, OLD_KEY)) == "unknown_sender"
    assert line.kept() == 0 and len(line.marks()) == 4


def test_a_known_id_with_other_content_is_refused_and_the_first_stays(line: Line) -> None:
    line.say("answers", ANSWER)
    assert refusal(line.say("answers", replace(ANSWER, held_fen=1))) == "other_content"
    assert line.kept() == 1


def test_the_same_id_of_two_institutions_is_two_messages(line: Line) -> None:
    line.say("answers", ANSWER)
    assert line.say("answers", replace(ANSWER, institution_code="999900000002"), OTHER_KEY).status_code == 202
    assert line.kept() == 2


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"held_fen": 1.5}, None),
        ({"held_fen": "1"}, "held_fen"),
        ({"answered_at": "2026-11-22T08:30:00"}, "answered_at"),
        ({"result": "9"}, "result"),
    ],
)
def test_a_signed_message_that_is_none_is_refused_at_its_field(
    line: Line, change: dict[str, Any], path: str | None
) -> None:
    body = json.dumps(as_json(ANSWER) | change).encode()
    envelope = line.envelope("/institutions/v1/answers", body)
    answer = line.sent(envelope, line.sealed(envelope))
    assert refusal(answer) == "format" and read(Refusal, answer.content).path == path
    assert ANSWER.number is not None and ANSWER.number.encode() not in answer.content


def test_an_exercises_message_never_meets_life(line: Line) -> None:
    assert refusal(line.say("answers", replace(ANSWER, exercise=False))) == "exercise"
    live = replace(line.house, instance=replace(line.house.instance, birth="live"))
    app = create_app(HouseData(live), way_in(live), WebSettings(uploads=live.uploads), line.clock)
    with Client(app, base_url=f"http://{AUTHORITY}", headers={}) as client:
        assert refusal(replace(line, client=client).say("answers", ANSWER)) == "exercise"


def test_a_huge_call_is_turned_away_before_it_is_read(line: Line) -> None:
    path = "/institutions/v1/answers"
    declared = line.client.post(path, content=b"{}", headers={"content-length": str(MAX_MESSAGE_BYTES + 1)})
    assert declared.status_code == 413
    pieces = (b"x" * 2**20 for _ in range(MAX_MESSAGE_BYTES // 2**20 + 1))
    assert line.client.post(path, content=pieces).status_code == 413
    assert line.kept() == 0


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_page_in_a_browser_cannot_call_for_an_institution(line: Line, headers: dict[str, str]) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    assert line.sent(envelope, line.sealed(envelope) | headers).status_code == 403
    assert line.kept() == 0


def test_a_fault_of_ours_is_told_without_a_word_of_it(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(ANSWER.number)

    monkeypatch.setattr(HouseData, "hear", broken)
    answer = line.say("answers", ANSWER)
    assert answer.status_code == 500 and ANSWER.number is not None and ANSWER.number not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"


def test_a_call_passes_nothing_that_only_pages_need(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(HouseData(line.house), way_in(line.house), WebSettings(uploads=line.house.uploads), line.clock)
    pages, reached = app.router.middleware_stack, list[str]()

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(f"{scope['method']} {scope['path']}")
        await pages(scope, receive, send)

    monkeypatch.setattr(app.router, "middleware_stack", noting)
    with Client(app, base_url=f"http://{AUTHORITY}", headers={}) as client:
        assert replace(line, client=client).say("answers", ANSWER).status_code == 202
        assert client.get("/institutions/v1/answers").status_code == 405
    assert reached == ["GET /institutions/v1/answers"]


def test_a_query_lies_outside_the_signature_and_is_refused(line: Line) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    answer = line.sent(replace(envelope, path=envelope.path + "?a=b"), line.sealed(envelope))
    assert refusal(answer) == "bad_signature"


def test_pushes_may_come_in_any_order(line: Line) -> None:
    for number in (3, 1, 2):
        push_id = f"0192aaaa-0000-7000-8000-00000000000{number}"
        assert line.say("pushes", replace(PUSH, push_id=push_id, sequence=number)).status_code == 202
    assert line.kept() == 3


def test_what_is_refused_leaves_no_word_of_it_in_the_database(line: Line) -> None:
    line.say("answers", ANSWER, OTHER_KEY)
    with line.house.act_as_house() as connection:
        told = str(connection.execute(text("SELECT * FROM institution_refusal")).all())
    assert ANSWER.number is not None and ANSWER.number not in told


def test_a_profile_without_keys_is_heard_no_more(line: Line, house: House) -> None:
    actor = person(CITY, 9)
    with house.act(actor) as connection:
        retired = replace(BANK, keys=(replace(BANK.keys[0], key_id="test-bank-9"),))
        found: Profile = enter_profile(connection, retired, actor, "换钥", line.clock.now(), unit=CITY)
    assert found.version == 2
    assert refusal(line.say("answers", ANSWER)) == "unknown_sender"


@pytest.mark.parametrize("header", ["signature", "signature-input", "content-digest"])
@pytest.mark.parametrize("value", ["\xff", "fanzha", 'fanzha=("', "x" * 5_000, "fanzha=:\u00e9:"])
def test_no_header_is_worse_than_refused(line: Line, header: str, value: str) -> None:
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = {name: each.encode("latin-1") for name, each in (line.sealed(envelope) | {header: value}).items()}
    answer = line.client.post(envelope.path, content=envelope.body, headers=headers)
    assert answer.status_code == 401 and refusal(answer) in {"no_signature", "bad_signature", "bad_digest"}


def test_one_institutions_flood_is_its_own_trouble(line: Line) -> None:
    line.throttle.tries = 3
    told = [line.say("answers", ANSWER) for _ in range(5)]
    assert [each.status_code for each in told] == [202, 202, 202, 429, 429]
    full = read(Refusal, told[-1].content)
    assert (full.code.value, full.retry_after_seconds) == ("too_many", 1)
    assert line.marks() == ["institutions.too_many_calls"] * 2
    assert line.say("answers", replace(ANSWER, institution_code="999900000002"), OTHER_KEY).status_code == 202
    line.clock.move(timedelta(seconds=1))
    assert line.say("answers", ANSWER).status_code == 202


def test_whoever_cannot_prove_it_uses_up_nothing_of_an_institution(line: Line) -> None:
    line.throttle.tries = 2
    forged = SigningKey(key_id=BANK_KEY.key_id, private=OTHER_KEY.private)
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = line.sealed(envelope)
    assert line.sent(envelope, headers).status_code == 202
    for _ in range(5):
        assert refusal(line.say("answers", ANSWER, forged)) == "bad_signature"
        assert refusal(line.sent(envelope, headers)) == "replayed"
    assert line.say("answers", ANSWER).status_code == 202


def test_a_call_that_came_too_often_may_come_again_as_it_is(line: Line) -> None:
    line.throttle.tries = 0
    envelope = line.envelope("/institutions/v1/answers", canonical(ANSWER))
    headers = line.sealed(envelope)
    assert refusal(line.sent(envelope, headers)) == "too_many"
    line.throttle.tries = 1
    line.clock.move(timedelta(seconds=1))
    assert line.sent(envelope, headers).status_code == 202


def test_what_was_refused_is_there_for_a_person_to_see(line: Line) -> None:
    line.say("answers", ANSWER, OTHER_KEY)
    line.say("answers", ANSWER, replace(OTHER_KEY, key_id="nobody-1"))
    unknown, known = sorted(refused_calls(line.house, person(CITY, 9)), key=lambda each: each.institution)
    assert (known.institution, known.code, known.place) == ("other-bank", "protocol.not_yours", "institution_code")
    assert_valid("institution_refusals", [asdict(known) | {"at": rfc3339(known.at)}])
    assert (unknown.institution, unknown.code) == ("", "protocol.unknown_key")
    with pytest.raises(Forbidden):
        refused_calls(line.house, person(CITY, 8, frozenset({"orders.see"})))
