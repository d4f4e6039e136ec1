"""The HTTP connector believes only its institution, repeats only what is safe, and bounds what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from fanzha.adapters.connectors.http import HttpConnector, Limits, Pace, endpoint_of
from fanzha.adapters.connectors.port import InstitutionUnusable, RequestFailed
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Invalid
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.messages import Collected, Refusal, RefusalCode
from fanzha.registers.institutions import Institution
from tests.adapters.connectors.bank import CENTRE_KEY, Bank, other_body, other_status, tampered
from tests.protocol.messages import AT, OTHER, STOP
from tests.registers.institutions import BANK

Change = Callable[[httpx.Response], httpx.Response]


def at_once(seconds: float) -> None:
    """Nobody waits in a test."""


@pytest.fixture
def wall() -> SetClock:
    return SetClock(AT)


@pytest.fixture
def bank(wall: SetClock) -> Bank:
    return Bank(wall=wall, since=AT - timedelta(days=1))


def reached(bank: Bank, transport: httpx.BaseTransport | None = None, profile: Institution = BANK) -> HttpConnector:
    """The bank's connector, over its own transport or another."""
    return HttpConnector(
        institution=profile,
        key=lambda: CENTRE_KEY,
        wall=bank.wall,
        pace=Pace(1_000_000, sleep=at_once),
        line=transport or bank.transport(),
    )


def failing(error: Exception, times: int, then: httpx.BaseTransport) -> tuple[httpx.MockTransport, list[int]]:
    """A transport that fails so often, then works."""
    tried: list[int] = []

    def handle(call: httpx.Request) -> httpx.Response:
        tried.append(1)
        if len(tried) <= times:
            raise error
        return then.handle_request(call)

    return httpx.MockTransport(handle), tried


def test_a_request_is_answered_at_once_or_received(bank: Bank) -> None:
    reply = reached(bank).send(STOP)
    assert isinstance(reply.message, Answer) and reply.message.held_fen == STOP.amount_fen
    assert reply.key_id == "test-bank-1" and set(reply.seal) == {"content-digest", "signature-input", "signature"}
    bank.later = True
    later = reached(bank).send(replace(STOP, application_id=OTHER))
    assert isinstance(later.message, Receipt) and not later.message.repeated
    again = reached(bank).send(replace(STOP, application_id=OTHER))
    assert isinstance(again.message, Receipt) and again.message.repeated
    assert len(bank.effects) == 2


def test_an_application_is_asked_after(bank: Bank) -> None:
    unknown = reached(bank).ask(STOP.application_id).message
    assert isinstance(unknown, Status) and unknown.progress is Progress.NOT_KNOWN
    reached(bank).send(STOP)
    done = reached(bank).ask(STOP.application_id).message
    assert isinstance(done, Status) and done.progress is Progress.DONE and done.answers[0].result == "0000"
    with pytest.raises(Invalid):
        reached(bank).ask("../../admin")


def test_what_waits_is_collected_until_it_was_taken(bank: Bank) -> None:
    reached(bank).send(STOP)
    first = reached(bank).collect(()).message
    assert isinstance(first, Collected) and len(first.answers) == 1
    rest = reached(bank).collect((first.answers[0].answer_id,)).message
    assert isinstance(rest, Collected) and rest.answers == ()


def test_a_refusal_is_an_answer(bank: Bank, wall: SetClock) -> None:
    reached(bank).send(STOP)
    other = replace(STOP, remark="另一内容")
    refused = reached(bank).send(other).message
    assert isinstance(refused, Refusal) and refused.code is RefusalCode.OTHER_CONTENT
    assert len(bank.effects) == 1


@pytest.mark.parametrize(("change", "reason"), [(other_body, "bad_digest"), (other_status, "bad_signature")])
def test_an_answer_changed_on_the_way_is_not_believed(bank: Bank, change: Change, reason: str) -> None:
    with pytest.raises(RequestFailed) as failed:
        reached(bank, tampered(bank, change)).send(STOP)
    assert failed.value.fields["reason"] == reason


@pytest.mark.parametrize(
    ("breaks", "reason"), [("answers_unsigned", "no_signature"), ("speaks_for_others", "other_institution")]
)
def test_an_institution_that_breaks_the_protocol_is_not_believed(bank: Bank, breaks: str, reason: str) -> None:
    bank.breaks = breaks
    with pytest.raises(RequestFailed) as failed:
        reached(bank).send(STOP)
    assert failed.value.fields["reason"] == reason


def test_an_answer_to_another_application_is_none(bank: Bank) -> None:
    reached(bank).send(replace(STOP, application_id=OTHER))
    bank.answers[STOP.application_id] = bank.answers[OTHER]
    bank.requests[STOP.application_id] = STOP
    with pytest.raises(RequestFailed) as failed:
        reached(bank).send(STOP)
    assert failed.value.fields["reason"] == "other_application"


def test_an_answer_kept_from_another_exchange_is_not_believed(bank: Bank) -> None:
    kept: list[httpx.Response] = []

    def first_again(answer: httpx.Response) -> httpx.Response:
        kept.append(answer)
        return kept[0]

    connector = reached(bank, tampered(bank, first_again))
    connector.send(STOP)
    with pytest.raises(RequestFailed) as failed:
        connector.send(STOP)
    assert failed.value.fields["reason"] == "bad_signature"


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x")])
def test_what_never_left_is_tried_again_then_unusable(bank: Bank, error: Exception) -> None:
    transport, tried = failing(error, 2, bank.transport())
    assert isinstance(reached(bank, transport).send(STOP).message, Answer)
    assert len(tried) == 3
    transport, tried = failing(error, 99, bank.transport())
    with pytest.raises(InstitutionUnusable) as unusable:
        reached(bank, transport).send(STOP)
    assert unusable.value.code == "connectors.institution_unusable" and len(tried) == Limits().tries


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.WriteTimeout("x"), "timeout"),
        (httpx.ReadError("x"), "broken_off"),
        (httpx.RemoteProtocolError("x"), "broken_off"),
    ],
)
def test_what_may_have_arrived_is_never_sent_again(bank: Bank, error: Exception, reason: str) -> None:
    transport, tried = failing(error, 1, bank.transport())
    with pytest.raises(RequestFailed) as failed:
        reached(bank, transport).send(STOP)
    assert (failed.value.fields["reason"], len(tried)) == (reason, 1)


def test_a_question_is_asked_again(bank: Bank) -> None:
    transport, tried = failing(httpx.ReadTimeout("x"), 2, bank.transport())
    assert isinstance(reached(bank, transport).ask(STOP.application_id).message, Status)
    assert len(tried) == 3


def canned(status: int, body: bytes, **headers: str) -> httpx.MockTransport:
    """Always the same unsigned answer."""
    return httpx.MockTransport(lambda call: httpx.Response(status, content=body, headers=dict(headers)))


@pytest.mark.parametrize(
    ("transport", "reason"),
    [
        (canned(302, b"", location="http://127.0.0.1:2/"), "redirect"),
        (canned(500, b"<html>"), "no_signature"),
        (canned(200, b"{}"), "no_signature"),
        (canned(200, b"x" * (MAX_MESSAGE_BYTES + 1)), "too_large"),
    ],
)
def test_strange_answers_fail_this_request(bank: Bank, transport: httpx.MockTransport, reason: str) -> None:
    with pytest.raises(RequestFailed) as failed:
        reached(bank, transport).send(STOP)
    assert failed.value.fields["reason"] == reason


def test_a_slow_dripping_answer_ends(bank: Bank) -> None:
    seconds = iter(range(0, 10_000, 7))
    pace = Pace(1_000_000, monotonic=lambda: next(seconds), sleep=at_once)
    drip = httpx.MockTransport(lambda call: httpx.Response(200, content=iter([b"x"] * 100)))
    connector = replace(reached(bank, drip), pace=pace)
    with pytest.raises(RequestFailed, match="too_slow"):
        connector.send(STOP)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://bank.test/x",
        "https://user:secret@bank.test/",
        "https://bank.test/?a=b",
        "https://bank.test/?",
        "https://bank.test/#x",
        "ftp://bank.test/",
        "file:///etc/passwd",
        "https://",
        "http://127.0.0.1.bank.test/",
        "bank.test",
    ],
)
def test_an_address_that_is_not_safe_is_not_called(bank: Bank, endpoint: str) -> None:
    with pytest.raises(Invalid, match="bad_endpoint"):
        reached(bank, profile=replace(BANK, endpoint=endpoint)).send(STOP)
    assert bank.calls == 0


@pytest.mark.parametrize(
    "endpoint", ["https://bank.test", "https://bank.test:8443/fanzha", "http://127.0.0.1:8701", "http://[::1]:8701"]
)
def test_safe_addresses_are_called(endpoint: str) -> None:
    assert endpoint_of(replace(BANK, endpoint=endpoint + "/")) == endpoint


def test_a_prefix_of_the_address_is_signed_too(bank: Bank) -> None:
    profile = replace(BANK, endpoint="https://bank.test/fanzha")
    assert isinstance(reached(bank, profile=profile).send(STOP).message, Answer)


def test_calls_keep_their_pace() -> None:
    waited: list[float] = []
    now = [100.0]
    pace = Pace(10, monotonic=lambda: now[0], sleep=waited.append)
    for _ in range(3):
        pace.wait()
    assert waited == pytest.approx([0.1, 0.2])
    now[0] = 200.0
    pace.wait()
    assert len(waited) == 2


def test_logs_say_whom_and_how_long_and_nothing_else(bank: Bank) -> None:
    with capture_logs() as logs:
        reached(bank).send(STOP)
        reached(bank).ask(STOP.application_id)
    said: Any = logs
    assert [each["path"] for each in said] == ["/v1/requests", "/v1/applications/ID"]
    told = str(said)
    for secret in (STOP.application_id, STOP.target.number, str(STOP.target.holder_name), "signature"):
        assert secret not in told
