"""The published schemas and OpenAPI files of the institution protocol are those of the program and fit its messages."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from fanzha.adapters.connectors.folder import KINDS as FILE_KINDS
from fanzha.adapters.connectors.folder import file_name
from fanzha.protocol.answer import Answer
from fanzha.protocol.messages import BankReport, Push
from fanzha.protocol.wire import canonical
from tests.docs.protocol import KINDS, openapi_files, schema_files
from tests.docs.schemas import assert_valid, faults, schema
from tests.protocol.messages import EXAMPLES

DOCS = Path(__file__).parents[2] / "docs"
FILES = list(chain(schema_files(), openapi_files()))


@pytest.mark.parametrize(("path", "text"), FILES, ids=[path.name for path, _ in FILES])
def test_the_file_is_current(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, "python -m tests.docs.generated"


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda each: type(each).__name__)
def test_a_message_is_as_its_schema_says(message: object) -> None:
    name = KINDS[type(message)][0]
    told: dict[str, Any] = json.loads(canonical(message))
    assert_valid(name, told)
    assert list(faults(schema(name), told | {"colour": "red"}, name))
    assert list(faults(schema(name), {}, name))


def test_every_reference_of_an_openapi_file_leads_somewhere() -> None:
    for _, text in openapi_files():
        told = json.loads(text)
        known = {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
        assert set(_references(told)) <= known


@pytest.mark.parametrize(
    ("guide", "application", "own"),
    [("institutions.en.md", "APPLICATION_ID", "{}_ID"), ("institutions.zh.md", "申请编号", "编号")],
)
def test_the_guide_names_files_as_the_centre_takes_them(guide: str, application: str, own: str) -> None:
    said = (DOCS / guide).read_text("utf-8")
    for each in (told for told in EXAMPLES if isinstance(told, Answer | Push | BankReport)):
        kind = next(name for name, known in FILE_KINDS.items() if known is type(each))
        ids = {str(getattr(each, f"{kind}_id")): own.format(kind.upper())}
        ids |= {str(getattr(each, "application_id", "-")): application}
        name = file_name(each)
        for known, word in ids.items():
            name = name.replace(known, word)
        assert f"`{name}.csv`" in said


def _references(told: Any) -> list[str]:
    if isinstance(told, list):
        return [found for each in told for found in _references(each)]
    if isinstance(told, dict):
        own = [told["$ref"]] if isinstance(told.get("$ref"), str) else []
        return own + [found for each in told.values() for found in _references(each)]
    return []
