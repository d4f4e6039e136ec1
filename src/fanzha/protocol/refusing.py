"""How an error becomes a refusal that the other side can act upon, and which HTTP status goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fanzha.kernel.errors import Broken, FanzhaError, Invalid, Unavailable
from fanzha.protocol.messages import Refusal, RefusalCode

STATUS: Mapping[RefusalCode, int] = {
    RefusalCode.FORMAT: 400,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.UNKNOWN_SENDER: 401,
    RefusalCode.NO_SIGNATURE: 401,
    RefusalCode.BAD_SIGNATURE: 401,
    RefusalCode.BAD_DIGEST: 401,
    RefusalCode.OUT_OF_TIME: 401,
    RefusalCode.REPLAYED: 401,
    RefusalCode.NOT_YOURS: 403,
    RefusalCode.OTHER_CONTENT: 409,
    RefusalCode.UNSUPPORTED: 404,
    RefusalCode.EXERCISE: 409,
    RefusalCode.CLOSED: 503,
    RefusalCode.TOO_MANY: 429,
    RefusalCode.FAULT: 500,
}
"""Statuses of 400 and above carry a refusal; the code in it decides, the status only tells proxies."""

_BY_ERROR: Mapping[str, RefusalCode] = {
    "protocol.too_large": RefusalCode.TOO_LARGE,
    "protocol.unknown_key": RefusalCode.UNKNOWN_SENDER,
    "protocol.key_not_in_force": RefusalCode.UNKNOWN_SENDER,
    "protocol.no_signature": RefusalCode.NO_SIGNATURE,
    "protocol.bad_signature": RefusalCode.BAD_SIGNATURE,
    "protocol.bad_digest": RefusalCode.BAD_DIGEST,
    "protocol.out_of_time": RefusalCode.OUT_OF_TIME,
    "protocol.replayed": RefusalCode.REPLAYED,
    "protocol.not_yours": RefusalCode.NOT_YOURS,
    "protocol.exercise": RefusalCode.EXERCISE,
    "protocol.no_such_address": RefusalCode.UNSUPPORTED,
    "institutions.other_content": RefusalCode.OTHER_CONTENT,
    "institutions.too_many_calls": RefusalCode.TOO_MANY,
}
LONGEST_PATH, LONGEST_DETAIL = 200, 32
PAUSE_SECONDS = 30
"""When to try again after something that may pass."""


def refusal_of(error: FanzhaError, at: datetime) -> Refusal:
    """The refusal that tells an error of ours to the other side: the field where it is, never what stood in it."""
    code = _BY_ERROR.get(error.code) or _by_kind(error)
    path = str(error.fields.get("path", "")) or None
    return Refusal(
        code=code,
        at=at,
        path=path[:LONGEST_PATH] if path and code is RefusalCode.FORMAT else None,
        detail=error.code[:LONGEST_DETAIL],
        retry_after_seconds=_pause(code, error),
    )


def _pause(code: RefusalCode, error: FanzhaError) -> int | None:
    told = error.fields.get("seconds")
    if code is RefusalCode.TOO_MANY and isinstance(told, int):
        return max(1, told)
    return PAUSE_SECONDS if code is RefusalCode.CLOSED else None


def _by_kind(error: FanzhaError) -> RefusalCode:
    match error:
        case Invalid():
            return RefusalCode.FORMAT
        case Unavailable():
            return RefusalCode.CLOSED
        case Broken():
            return RefusalCode.FAULT
    return RefusalCode.UNSUPPORTED
