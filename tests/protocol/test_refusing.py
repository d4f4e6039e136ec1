"""Every error becomes a refusal that can be sent, with the field where it is and nothing that stood in it."""

from __future__ import annotations

import pytest

from fanzha.kernel.errors import Broken, Conflict, FanzhaError, Forbidden, Illegal, Invalid, NotFound, Unavailable
from fanzha.protocol.messages import RefusalCode
from fanzha.protocol.refusing import STATUS, refusal_of
from fanzha.protocol.wire import canonical
from tests.protocol.messages import AT


@pytest.mark.parametrize(
    ("error", "code", "path"),
    [
        (Invalid("protocol.wrong_form", path="target.number"), RefusalCode.FORMAT, "target.number"),
        (Invalid("protocol.wrong_form", path="a" * 500), RefusalCode.FORMAT, "a" * 200),
        (Invalid("protocol.not_json", path=""), RefusalCode.FORMAT, None),
        (Invalid("protocol.too_large", path="", limit_bytes=1), RefusalCode.TOO_LARGE, None),
        (Forbidden("protocol.key_not_in_force"), RefusalCode.UNKNOWN_SENDER, None),
        (Forbidden("protocol.not_yours", path="institution_code"), RefusalCode.NOT_YOURS, None),
        (NotFound("protocol.no_such_address"), RefusalCode.UNSUPPORTED, None),
        (Conflict("institutions.other_content", kind="answer"), RefusalCode.OTHER_CONTENT, None),
        (Unavailable("store.somewhere_far_beyond_the_longest_code"), RefusalCode.CLOSED, None),
        (Broken("store.x"), RefusalCode.FAULT, None),
        (Illegal("orders.x"), RefusalCode.UNSUPPORTED, None),
    ],
)
def test_an_error_is_told_so_that_it_can_be_acted_upon(error: FanzhaError, code: RefusalCode, path: str | None) -> None:
    told = refusal_of(error, AT)
    assert (told.code, told.path) == (code, path)
    assert canonical(told) and 400 <= STATUS[told.code] < 600
    assert (told.retry_after_seconds is not None) == (code is RefusalCode.CLOSED)


def test_every_refusal_has_its_status() -> None:
    assert set(STATUS) == set(RefusalCode)
