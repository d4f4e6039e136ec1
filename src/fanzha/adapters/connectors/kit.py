"""The contract kit: what an institution must do to be asked by the centre, tried one by one over its own address.

A simulated institution (`exercise`) is asked for every trade it says it can do; a real one is asked for nothing that
could have an effect, only whether it knows its caller, refuses what is false, and tells what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fanzha.adapters.connectors.http import HttpConnector
from fanzha.adapters.connectors.kit_requests import Subject, request_of
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.ids import uuid7
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.codes import Ending, Outcome, meaning
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import Collected, Refusal, RefusalCode
from fanzha.protocol.request import Request
from fanzha.protocol.signing import Envelope
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import as_json, read

LIVES = ((Trade.STOP, Trade.EXTEND_STOP, Trade.LIFT_STOP), (Trade.FREEZE, Trade.RENEW, Trade.RELEASE),
         (Trade.MONITOR_ON, Trade.MONITOR_OFF), (Trade.BLOCK, Trade.UNBLOCK))  # fmt: skip
"""Trades in the order in which they follow each other in the life of one order."""
ALONE = (Trade.QUERY_DETAILS, Trade.QUERY_HOLDER, Trade.QUERY_ACCOUNTS)
_UNSIGNED = frozenset({RefusalCode.NO_SIGNATURE, RefusalCode.BAD_SIGNATURE, RefusalCode.UNKNOWN_SENDER})
_CHANGED = frozenset({RefusalCode.BAD_SIGNATURE, RefusalCode.BAD_DIGEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one trial showed: `holds` is none where it could not be tried; `said` is the other side's code."""

    check: str
    holds: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One institution under trial; `now` is business time, `patience` how often an answer is asked after."""

    connector: HttpConnector
    subject: Subject
    now: Callable[[], datetime]
    patience: int = 60
    pause: float = 0.5


def run_kit(trial: Trial) -> Iterator[Finding]:
    """Every finding, in order; an institution that cannot be reached at all raises `InstitutionUnusable`."""
    trial.connector.transfer(_question(trial))
    answered: dict[Trade, Request] = {}
    for life in (*LIVES, *((each,) for each in ALONE)):
        for trade in life:
            yield _trade(trial, trade, answered)
    for name, check in CHECKS.items():
        try:
            holds, said = check(trial)
        except FanzhaError as error:
            holds, said = False, _short(error)
        yield Finding(check=name, holds=holds, said=said)


def _trade(trial: Trial, trade: Trade, answered: dict[Trade, Request]) -> Finding:
    """A trade is done, or refused by a code of the catalogue, in a final answer to its own application."""
    name, institution = f"trade.{trade}", trial.connector.institution
    before = answered.get(trade.changes) if trade.changes else None
    if not institution.exercise or not institution.can(trade) or (trade.changes and before is None):
        return Finding(check=name, holds=None, said="")
    request = request_of(trade, institution, trial.subject, trial.now(), before.application_id if before else None)
    try:
        final = _final(trial, request)
    except FanzhaError as error:
        return Finding(check=name, holds=False, said=_short(error))
    if final is None:
        return Finding(check=name, holds=False, said="no_answer")
    told = meaning(final.result)
    if told.ending in {Ending.EFFECT, Ending.WAITS}:
        answered[trade] = request
    # The first of a life may be refused (another account would do); what follows an effect must be done, too.
    holds = told.outcome is not Outcome.UNKNOWN and (before is None or told.ending in {Ending.EFFECT, Ending.WAITS})
    return Finding(check=name, holds=holds and final.trade is trade, said=final.result)


def _final(trial: Trial, request: Request) -> Answer | None:
    """The final answer, at once or after asking; `None` when patience ends."""
    reply = trial.connector.send(request).message
    if isinstance(reply, Refusal):
        raise _Refused(reply)
    for _ in range(trial.patience):
        if isinstance(reply, Answer) and reply.final:
            return reply
        found = trial.connector.ask(request.application_id).message
        answers = found.answers if isinstance(found, Status) else ()
        final = [each for each in answers if each.final]
        if final:
            return final[0]
        trial.connector.pace.sleep(trial.pause)
    return None


def _same_twice(trial: Trial) -> tuple[bool | None, str]:
    """The same application twice is one: the receipt says so, or the same answer comes, and never two final ones."""
    request = _harmless(trial)
    if request is None:
        return None, ""
    first, again = trial.connector.send(request).message, trial.connector.send(request).message
    _final(trial, request)
    told = trial.connector.ask(request.application_id).message
    finals = {each.answer_id for each in told.answers if each.final} if isinstance(told, Status) else set()
    match first, again:
        case _, Receipt(repeated=True):
            same = True
        case Answer() as one, Answer() as other:
            same = one.answer_id == other.answer_id
        case Receipt(), Answer():
            same = True
        case _:
            same = False
    return same and len(finals) == 1, f"{len(finals)}"


def _other_content(trial: Trial) -> tuple[bool | None, str]:
    """A known application with another content is refused."""
    request = _harmless(trial)
    if request is None:
        return None, ""
    trial.connector.send(request)
    return _refuses(trial.connector.send(replace(request, remark="TEST-2")).message, {RefusalCode.OTHER_CONTENT})


def _inquiry_unknown(trial: Trial) -> tuple[bool, str]:
    """An application that never came is not known."""
    told = trial.connector.ask(str(uuid7(trial.now()))).message
    return isinstance(told, Status) and told.progress is Progress.NOT_KNOWN, _said(told)


def _inquiry_known(trial: Trial) -> tuple[bool | None, str]:
    """An application that came is known, and stays the same however often it is asked after."""
    request = _harmless(trial)
    if request is None:
        return None, ""
    trial.connector.send(request)
    told = trial.connector.ask(request.application_id).message
    return isinstance(told, Status) and told.progress is not Progress.NOT_KNOWN, _said(told)


def _collected_twice(trial: Trial) -> tuple[bool | None, str]:
    """What was not yet taken is given again; what was taken is not."""
    if not trial.connector.institution.collects or _settled(trial) is None:
        return None, ""
    first, again = trial.connector.collect(()).message, trial.connector.collect(()).message
    if not isinstance(first, Collected) or not isinstance(again, Collected):
        return False, _said(first)
    ids = tuple(each.answer_id for each in first.answers)
    rest = trial.connector.collect(ids).message
    gone = isinstance(rest, Collected) and not set(ids) & {each.answer_id for each in rest.answers}
    return gone and set(ids) <= {each.answer_id for each in again.answers}, str(len(ids))


def _settled(trial: Trial) -> Answer | None:
    request = _harmless(trial)
    return None if request is None else _final(trial, request)


def _unsigned(trial: Trial) -> tuple[bool, str]:
    """A call without a signature is refused."""
    call = _question(trial)
    plain = {name: each for name, each in call.headers.items() if not name.startswith("signature")}
    return _refused(trial, replace(call, headers=plain), _UNSIGNED)


def _forged(trial: Trial) -> tuple[bool, str]:
    """A call signed with another key under our key's id is refused."""
    stranger = SigningKey(key_id=trial.connector.key().key_id, private=bytes(range(32)))
    return _refused(trial, _question(trial, replace(trial.connector, key=lambda: stranger)), _UNSIGNED)


def _stranger(trial: Trial) -> tuple[bool, str]:
    """A call by a key that nobody registered is refused."""
    stranger = SigningKey(key_id="stranger-1", private=bytes(range(32)))
    return _refused(trial, _question(trial, replace(trial.connector, key=lambda: stranger)), _UNSIGNED)


def _other_path(trial: Trial) -> tuple[bool, str]:
    """A signature for one application does not open another."""
    call = _question(trial)
    other = call.path.rpartition("/")[0] + "/" + str(uuid7(trial.now()))
    return _refused(trial, replace(call, path=other), _CHANGED)


def _other_body(trial: Trial) -> tuple[bool, str]:
    """A body that was changed after it was signed is refused."""
    call = trial.connector.sealed("POST", "/v1/requests", b'{"nothing":0}')
    return _refused(trial, replace(call, body=b'{"nothing": 0}'), _CHANGED)


def _replayed(trial: Trial) -> tuple[bool, str]:
    """The same signed call is taken once."""
    call = _question(trial)
    trial.connector.transfer(call)
    return _refused(trial, call, {RefusalCode.REPLAYED})


def _at(trial: Trial, by: timedelta) -> tuple[bool, str]:
    clock = SetClock(trial.connector.wall.now() + by)
    return _refused(trial, _question(trial, replace(trial.connector, wall=clock)), {RefusalCode.OUT_OF_TIME})


def _too_large(trial: Trial) -> tuple[bool, str]:
    """A call beyond the limit is refused; cutting the line is no answer."""
    body = b"{" + b" " * MAX_MESSAGE_BYTES + b"}"
    return _refused(trial, trial.connector.sealed("POST", "/v1/requests", body), {RefusalCode.TOO_LARGE})


def _unknown_field(trial: Trial) -> tuple[bool, str]:
    """A request with a field that the protocol does not have is refused, and the field named."""
    return _malformed(trial, {"colour": "red"}, "colour")


def _float_money(trial: Trial) -> tuple[bool, str]:
    """Money that is not whole fen is refused."""
    return _malformed(trial, {"amount_fen": 0.5}, None)


def _naive_time(trial: Trial) -> tuple[bool, str]:
    """A time without its offset is refused."""
    return _malformed(trial, {"applied_at": "2026-11-22T08:30:00"}, "applied_at")


def _malformed(trial: Trial, change: dict[str, object], path: str | None) -> tuple[bool, str]:
    institution = trial.connector.institution
    trade = next(iter(institution.trades), Trade.QUERY_HOLDER)
    whole = as_json(request_of(Trade.QUERY_HOLDER if trade.changes else trade, institution, trial.subject, trial.now()))
    body = json.dumps(whole | change).encode()
    call = trial.connector.sealed("POST", "/v1/requests", body)
    answer = trial.connector.transfer(call)
    holds, said = _refused_by(answer, {RefusalCode.FORMAT})
    named = path is None or (holds and read(Refusal, answer.body).path == path)
    return holds and named, said


def _harmless(trial: Trial) -> Request | None:
    """A request that restricts nobody, of a trade that this institution can do; none for a real one."""
    institution = trial.connector.institution
    able = [each for each in (*ALONE, Trade.BLOCK, Trade.STOP) if institution.can(each)]
    if not institution.exercise or not able:
        return None
    return request_of(able[0], institution, trial.subject, trial.now())


def _question(trial: Trial, connector: HttpConnector | None = None) -> Envelope:
    """A signed inquiry after an application that does not exist: whatever happens to it, nothing happens."""
    return (connector or trial.connector).sealed("GET", f"/v1/applications/{uuid7(trial.now())}", b"")


def _refused(trial: Trial, call: Envelope, wanted: set[RefusalCode] | frozenset[RefusalCode]) -> tuple[bool, str]:
    return _refused_by(trial.connector.transfer(call), wanted)


def _refused_by(answer: Envelope, wanted: set[RefusalCode] | frozenset[RefusalCode]) -> tuple[bool, str]:
    status = answer.status or 0
    try:
        told = read(Refusal, answer.body)
    except FanzhaError:
        return False, str(status)
    return status >= 400 and told.code in wanted, told.code.value


def _refuses(told: object, wanted: set[RefusalCode]) -> tuple[bool, str]:
    return isinstance(told, Refusal) and told.code in wanted, _said(told)


def _said(told: object) -> str:
    match told:
        case Refusal():
            return told.code.value
        case Status():
            return told.progress.value
        case Answer():
            return told.result
    return type(told).__name__.lower()


def _short(error: FanzhaError) -> str:
    return str(error.fields.get("reason", error.code))


class _Refused(FanzhaError):
    """The institution refused a request that nothing is wrong with."""

    def __init__(self, told: Refusal) -> None:
        super().__init__("connectors.request_failed", institution="", reason=told.code.value)


CHECKS: Mapping[str, Callable[[Trial], tuple[bool | None, str]]] = {
    "once.same_application": _same_twice,
    "once.other_content": _other_content,
    "inquiry.unknown": _inquiry_unknown,
    "inquiry.known": _inquiry_known,
    "collect.until_taken": _collected_twice,
    "signature.none": _unsigned,
    "signature.forged": _forged,
    "signature.stranger": _stranger,
    "signature.other_path": _other_path,
    "signature.other_body": _other_body,
    "signature.replayed": _replayed,
    "signature.too_old": lambda trial: _at(trial, -timedelta(hours=1)),
    "signature.too_early": lambda trial: _at(trial, timedelta(hours=1)),
    "format.too_large": _too_large,
    "format.unknown_field": _unknown_field,
    "format.float_money": _float_money,
    "format.naive_time": _naive_time,
}
"""By name, in the order in which they are tried; what each means stands in the guide."""
