"""The same reads as JSON."""

from __future__ import annotations

from datetime import datetime

from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF


def test_money_is_fen_and_times_have_an_offset(inside: Stage) -> None:
    page = inside.client.get(f"/api/v1/cases/{REF}/movements?size=2").json()
    assert page["total"] == 10_000 and len(page["rows"]) == 2
    first = page["rows"][0]
    assert first["amount_fen"] == 175_000_000
    assert datetime.fromisoformat(first["at"]).tzinfo is not None
    assert first["payer"]["number"]["shown"].startswith("9999 ****")


def test_every_read_answers_and_is_described(inside: Stage) -> None:
    described = inside.client.get("/api/v1/openapi.json").json()["paths"]
    assert len(described) >= 12 and all(path.startswith("/api/v1/") for path in described)
    places = {"{ref}": REF, "{movement}": "m0", "{account}": "a0001"}
    for path in described:
        for blank, value in places.items():
            path = path.replace(blank, value)
        assert inside.client.get(path).status_code == 200, path


def test_errors_are_codes_with_sentences(inside: Stage) -> None:
    answer = inside.client.get("/api/v1/cases/NOWHERE")
    assert answer.status_code == 404 and set(answer.json()) == {"code", "message"}
    assert inside.client.get(f"/api/v1/cases/{REF}/movements?page=0").status_code == 422
