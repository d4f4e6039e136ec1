"""The same reads as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir

import pytest

from fanzha.apps.web.api.described import described
from fanzha.apps.web.app import create_app
from fanzha.apps.web.settings import WebSettings
from fanzha.i18n import LANGUAGES
from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import REF, SyntheticData, SyntheticDoors
from tests.tidy.source import ROOT

GOLDEN = ROOT / "docs" / "api-v1.openapi.json"


def described_now() -> str:
    """The API's description as the kept file has it."""
    app = create_app(SyntheticData(), SyntheticDoors(), WebSettings(uploads=Path(gettempdir())))
    return json.dumps(described(app.openapi(), "en"), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


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
    reads = [
        path for path, told in described.items() if "get" in told and not {"{number}", "{name}"} & set(path.split("/"))
    ]
    for path in reads:
        for blank, value in places.items():
            path = path.replace(blank, value)
        assert inside.client.get(path).status_code == 200, path


def test_the_shapes_others_build_on_change_only_knowingly(inside: Stage) -> None:
    """After a wanted change: `python -m tests.apps.web.test_api`; the kept file shows in review what it breaks."""
    assert described_now() == GOLDEN.read_text("utf-8"), "the API changed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_description_speaks_the_readers_language(inside: Stage, language: str) -> None:
    inside.client.cookies.set("language", language)
    told = inside.client.get("/api/v1/openapi.json").json()
    summaries = [each["summary"] for path in told["paths"].values() for each in path.values()]
    chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in each) for each in summaries]
    assert all(chinese) if language == "zh" else not any(chinese)
    assert '"description"' not in json.dumps(told)


def test_errors_are_codes_with_sentences(inside: Stage) -> None:
    answer = inside.client.get("/api/v1/cases/NOWHERE")
    assert answer.status_code == 404 and set(answer.json()) == {"code", "message"}
    assert inside.client.get(f"/api/v1/cases/{REF}/movements?page=0").status_code == 422


if __name__ == "__main__":
    GOLDEN.write_text(described_now(), "utf-8")


def test_a_method_that_no_address_takes_is_told_which_it_does(inside: Stage) -> None:
    refused = inside.client.request("TRACE", "/api/v1/cases")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert refused.json()["code"] == "web.not_found"
    assert inside.client.request("PATCH", "/api/v1/orders").headers["allow"] == "GET, POST"


def test_the_description_tells_every_refusal(inside: Stage) -> None:
    told = inside.client.get("/api/v1/openapi.json").json()
    answers = [operation["responses"] for path in told["paths"].values() for operation in path.values()]
    assert all({"401", "403", "404", "409", "422", "503"} <= set(each) for each in answers)
