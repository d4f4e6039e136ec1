"""Strangers with a machine: schemathesis finds nothing on any address that speaks JSON, of people or institutions."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanzha.apps.web.api.described import described
from fanzha.kernel.clock import SetClock
from fanzha.protocol.signing import Envelope, seal
from tests.conftest import COUNTY
from tests.docs.protocol import SEAL
from tests.registers.institutions import BANK, BANK_KEY
from tests.security.conftest import Place
from tests.security.fuzzing import BEYOND_A_SHAPE, findings
from tests.tidy.source import ROOT

WRITES = dict.fromkeys(("/api/v1/orders", "/api/v1/orders/{number}/instructions", "/api/v1/incidents"), BEYOND_A_SHAPE)
CENTRE_SIDE = ROOT / "docs" / "institutions-centre-side.openapi.json"
SAID = {f"/institutions/v1/{each}": ("2xx", "400", "401", "403", "409") for each in ("answers", "pushes", "reports")}
"""400 is also what contradicts itself: the last part that is not the last, a document that is not its hash's."""


class SignedByTheBank:
    """The application as its bank reaches it: whatever is sent carries the bank's seal of this instant."""

    def __init__(self, app: ASGIApp, clock: SetClock) -> None:
        self.app, self.clock, self.calls = app, clock, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Seal the call and pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.calls += 1
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = Envelope(
            method=scope["method"], authority=headers["host"], path=scope["path"], headers=headers, body=body
        )
        sealed = headers | seal(call, BANK_KEY, self.clock.now(), f"fuzz-{self.calls:016d}")
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sealed.items()]

        async def once() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app({**scope, "headers": raw}, once, send)


@pytest.mark.parametrize("role", ["commander", ""])
def test_nothing_is_found_on_the_api(place: Place, role: str) -> None:
    assert place.order.number
    token = place.token(place.people[role, COUNTY]) if role else ""
    found, answered = findings(
        described(place.app.openapi(), "en"),
        place.app,
        examples=4 if role else 1,
        auth={"session": token, "forms": place.csrf(token)} if role else None,
        beyond=WRITES if role else None,
    )
    assert not found, "\n".join(found)
    assert _reached(answered, 200 if role else 401)


def test_nothing_is_found_where_institutions_call_without_a_signature(place: Place) -> None:
    found, answered = findings(json.loads(CENTRE_SIDE.read_text("utf-8")), place.app, examples=4)
    assert not found, "\n".join(found)
    assert _reached(answered, 401)


def test_nothing_is_found_where_a_bank_calls_with_its_own_key(place: Place, clock: SetClock) -> None:
    told = _as_the_bank(json.loads(CENTRE_SIDE.read_text("utf-8")))
    found, answered = findings(told, SignedByTheBank(place.app, clock), examples=20, beyond=SAID)
    assert not found, "\n".join(found)
    assert _reached(answered, 202) and _reached(answered, 400)


def _as_the_bank(told: Any) -> Any:
    """The published description for one bank in an exercise, whose calls are all sealed already."""
    for name in ("Answer", "Push", "BankReport"):
        told["components"]["schemas"][name]["properties"] |= {
            "institution_code": {"const": BANK.code},
            "exercise": {"const": True},
        }
    for path in told["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] not in SEAL]
    return told


def _reached(answered: Counter[int], status: int) -> bool:
    """Whether the run got as far as this status at all: one that never does finds nothing anywhere."""
    return answered[status] > 0
