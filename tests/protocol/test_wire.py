"""Messages survive JSON both ways, byte for byte, and nothing that is not exactly a message is taken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Invalid
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.parties import Document, TargetKind
from fanzha.protocol.request import NEEDS, Request
from fanzha.protocol.trades import ASKED, Trade
from fanzha.protocol.wire import as_json, canonical, fingerprint, from_json, read
from tests.protocol.messages import ANSWER, EXAMPLES, KINDS, STOP, messages


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_whatever_is_written_is_read_back(kind: type) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(messages(kind))
    def holds(message: Any) -> None:
        text = canonical(message)
        again: Any = read(kind, text)
        assert again == message
        assert canonical(again) == text

    holds()


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda each: type(each).__name__)
def test_the_order_of_fields_and_spaces_change_no_fingerprint(message: object) -> None:
    turned = json.dumps(dict(reversed(as_json(message).items())), indent=3).encode()
    assert fingerprint(read(type(message), turned)) == fingerprint(message)


def test_times_leave_with_shanghais_offset_and_arrive_with_any() -> None:
    told = as_json(STOP) | {"applied_at": "2026-11-22T08:30:00Z"}
    assert as_json(STOP)["applied_at"] == "2026-11-22T16:30:00+08:00"
    assert from_json(Request, told) == STOP


def changed(path: str, value: object) -> dict[str, Any]:
    """The stop as JSON, with one field set to something else, or taken out by `...`."""
    told: dict[str, Any] = json.loads(canonical(STOP))
    *outer, last = path.split(".")
    place: Any = told
    for name in outer:
        place = place[int(name)] if name.isdigit() else place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return told


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("colour", "red", "unknown_field"),
        ("payer.colour", "red", "unknown_field"),
        ("exercise", ..., "missing_field"),
        ("target.number", ..., "missing_field"),
        ("exercise", None, "wrong_type"),
        ("exercise", 1, "wrong_type"),
        ("exercise", "true", "wrong_type"),
        ("amount_fen", "100", "wrong_type"),
        ("amount_fen", True, "wrong_type"),
        ("amount_fen", -1, "out_of_bounds"),
        ("amount_fen", 10**15 + 1, "out_of_bounds"),
        ("amount_fen", 0, "no_amount"),
        ("amount_fen", None, "wrong_type"),
        ("transfer_at", "2026-11-22T08:30:00", "bad_time"),
        ("transfer_at", "2026-11-22 08:30:00+08:00", "bad_time"),
        ("transfer_at", "2026-02-30T08:30:00+08:00", "bad_time"),
        ("transfer_at", "0001-01-01T00:00:00+23:00", "bad_time"),
        ("transfer_at", "9999-12-31T16:00:00Z", "bad_time"),
        ("transfer_at", 1_700_000_000, "wrong_type"),
        ("trade", "steal", "not_among"),
        ("trade", ["stop"], "not_among"),
        ("trade", "activate", "not_asked"),
        ("application_id", "0192AAAA-0000-7000-8000-000000000001", "wrong_form"),
        ("application_id", "1", "wrong_length"),
        ("target.institution_code", "31300000000", "wrong_length"),
        ("target.institution_code", "３１３０００００００００", "wrong_form"),
        ("target.kind", "phone", "wrong_target"),
        ("target.holder_name", ..., "needed_by_trade"),
        ("target", [], "wrong_type"),
        ("reason", "a\u0000b", "unclean_text"),
        ("reason", " a", "unclean_text"),
        ("reason", "\ud800", "unclean_text"),
        ("reason", "", "wrong_length"),
        ("reason", "很" * 1001, "wrong_length"),
        ("reason", ..., "needed_by_trade"),
        ("original_application_id", STOP.application_id, "original_misplaced"),
        ("expires_at", "2026-11-22T08:30:00Z", "backwards"),
        ("documents.0.sha256", "0" * 64, "other_hash"),
        ("documents.0.content", "!!!!", "wrong_form"),
        ("documents.0.content", "YWFh\n", "unclean_text"),
        ("documents.0.content", 1, "wrong_type"),
        ("documents.0.content", "", "too_large"),
        ("documents.0.content", "A" * 1_500_000, "too_large"),
        ("documents.0.name", "../x.pdf", "wrong_form"),
        ("documents", {}, "wrong_type"),
    ],
)
def test_what_is_wrong_is_told_by_its_path(path: str, value: object, code: str) -> None:
    with pytest.raises(Invalid) as told:
        read(Request, json.dumps(changed(path, value)).encode())
    assert told.value.code == f"protocol.{code}"
    assert told.value.fields["path"] == path.replace(".0.", "[0].")


def test_more_documents_than_agreed_are_refused() -> None:
    told = changed("documents", [as_json(STOP.documents[0])] * 6)
    with pytest.raises(Invalid, match="too_many"):
        from_json(Request, told)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        b"\xff\xfe",
        b'{"a":1,"a":2}',
        b'{"amount_fen":1.0}',
        b'{"amount_fen":1e3}',
        b'{"amount_fen":NaN}',
        b'{"amount_fen":Infinity}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5_000 + b"}",
        b"{} {}",
    ],
)
def test_what_is_not_json_as_agreed_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"protocol\.not_json"):
        read(Request, data)


def test_a_message_beyond_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(Invalid, match="too_large"):
        read(Request, b" " * (MAX_MESSAGE_BYTES + 1))


def test_an_unknown_field_that_could_be_anything_is_not_repeated() -> None:
    with pytest.raises(Invalid) as told:
        from_json(Request, as_json(STOP) | {"6222 0000 张三": 1})
    assert told.value.fields["path"] == "?"


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(as_json(STOP))), inner),
        max_leaves=8,
    )
)
def test_no_json_value_does_worse_than_be_refused(told: Any) -> None:
    for kind in KINDS:
        with pytest.raises(Invalid):
            from_json(kind, told)


def test_nothing_leaves_that_the_other_side_would_refuse() -> None:
    with pytest.raises(Invalid, match="wrong_length"):
        canonical(replace(STOP, reason="很" * 1001))


@pytest.mark.parametrize("trade", sorted(ASKED))
def test_every_trade_says_what_it_needs(trade: Trade) -> None:
    kind = TargetKind.PHONE if trade in {Trade.BLOCK, Trade.UNBLOCK} else TargetKind.ACCOUNT
    whole = replace_trade(trade, kind)
    assert read(Request, canonical(whole)) == whole
    for name in NEEDS[trade]:
        with pytest.raises(Invalid, match="needed_by_trade"):
            from_json(Request, {key: each for key, each in as_json(whole).items() if key != name})
    if trade.changes:
        with pytest.raises(Invalid, match="original_misplaced"):
            replace(whole, original_application_id=None)


def replace_trade(trade: Trade, kind: TargetKind) -> Request:
    """The example stop as a request of another trade, with everything any trade needs."""
    told = as_json(STOP) | {
        "trade": trade.value,
        "case_number": "A1",
        "limit_fen": 1,
        "include_interest": False,
        "monitor_days": 30,
        "period": {"since": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"},
        "target": dict(as_json(STOP)["target"]) | {"kind": kind.value},
    }
    if trade.changes:
        told["original_application_id"] = "0192aaaa-0000-7000-8000-000000000002"
    return from_json(Request, told)


def test_the_last_part_is_the_final_one() -> None:
    assert replace(ANSWER, part=2, parts=2).final
    for part, parts, final in ((1, 2, True), (2, 2, False), (3, 2, True)):
        with pytest.raises(Invalid, match="parts_contradict"):
            replace(ANSWER, part=part, parts=parts, final=final)


def test_a_status_tells_only_of_its_own_application() -> None:
    status = next(each for each in EXAMPLES if isinstance(each, Status))
    with pytest.raises(Invalid, match="other_application"):
        replace(status, application_id="0192aaaa-0000-7000-8000-00000000000f")


def test_an_error_inside_is_told_with_the_whole_path() -> None:
    status = next(each for each in EXAMPLES if isinstance(each, Status))
    told = json.loads(canonical(status))
    told["answers"][0]["ends_at"] = told["answers"][0]["started_at"]
    with pytest.raises(Invalid) as error:
        from_json(Status, told)
    assert error.value.fields["path"] == "answers[0].ends_at"
    assert isinstance(ANSWER, Answer)
    assert ANSWER.ends_at == STOP.applied_at + timedelta(hours=48)


def test_a_document_is_what_its_hash_says() -> None:
    with pytest.raises(Invalid, match="other_hash"):
        Document(name="a.pdf", media_type="application/pdf", sha256="0" * 64, content=b"x")
