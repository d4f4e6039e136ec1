"""The published description of the institution protocol, made from its dataclasses: JSON Schemas, two OpenAPI files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fanzha.protocol.answer import Answer, Receipt, Status
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.messages import BankReport, ClockReading, Collect, Collected, Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.shape import schema_of
from tests.docs.schemas import SCHEMAS
from tests.tidy.source import ROOT

KINDS: dict[type, tuple[str, str, str]] = {
    Request: ("protocol_request", "What the centre asks of an institution", "`POST /v1/requests` to an institution"),
    Receipt: ("protocol_receipt", "The message of this id has arrived", "Answer to a request, answer, push or report"),
    Answer: ("protocol_answer", "What became of a request", "`POST /institutions/v1/answers` to the centre"),
    Status: ("protocol_status", "How far an institution is", "`GET /v1/applications/ID` of an institution"),
    Push: ("protocol_push", "Transactions of a monitored account", "`POST /institutions/v1/pushes` to the centre"),
    BankReport: ("protocol_report", "A case that a bank reports", "`POST /institutions/v1/reports` to the centre"),
    Collect: ("protocol_collect", "Give what waits for the centre", "`POST /v1/collect` to an institution"),
    Collected: ("protocol_collected", "What waited for the centre", "Answer to `POST /v1/collect`"),
    Refusal: ("protocol_refusal", "Why a message is not taken", "Answer with a status of 400 and above, both ways"),
    ClockReading: ("protocol_clock", "The time the centre goes by", "`GET /institutions/v1/clock` of the centre"),
}
"""Each message: the name of its schema, what it is, and where it is said."""

SEAL = ("content-digest", "signature-input", "signature")
REFUSALS = {
    "400": "Not a message as described, or one that contradicts itself.",
    "401": "No signature, a wrong one, one out of its time, or one seen before.",
    "403": "Signed, but not the signer's to say.",
    "404": "No such address.",
    "409": "The id is known with another content, or an exercise meets life.",
    "413": "Too large.",
    "429": "Too many at once; try again after the pause told.",
    "503": "Closed or out of order; try again after the pause told.",
}

CENTRE_TO_INSTITUTION: dict[tuple[str, str], tuple[str, type | None, dict[str, type]]] = {
    ("post", "/v1/requests"): (
        "Take a request; the same application id has effect once. 200 carries an answer, 202 a receipt.",
        Request,
        {"200": Answer, "202": Receipt},
    ),
    ("get", "/v1/applications/{application_id}"): (
        "Say how far an application is, with every answer given so far. Asked before anything is sent again.",
        None,
        {"200": Status},
    ),
    ("post", "/v1/collect"): (
        "Give the answers, pushes and reports that wait, for institutions that do not call the centre.",
        Collect,
        {"200": Collected},
    ),
}
INSTITUTION_TO_CENTRE: dict[tuple[str, str], tuple[str, type | None, dict[str, type]]] = {
    ("post", "/institutions/v1/answers"): (
        "Take an answer. The same answer id is kept once.",
        Answer,
        {"202": Receipt},
    ),
    ("post", "/institutions/v1/pushes"): (
        "Take transactions of a monitored account. Pushes may come late, twice and in any order.",
        Push,
        {"202": Receipt},
    ),
    ("post", "/institutions/v1/reports"): ("Take a case that a bank reports.", BankReport, {"202": Receipt}),
    ("get", "/institutions/v1/clock"): (
        "The business time that the centre goes by; an exercise's clock may have been moved.",
        None,
        {"200": ClockReading},
    ),
}


def schema_files() -> Iterator[tuple[Path, str]]:
    """Each schema file of the protocol and what it must hold."""
    for kind, (name, title, description) in KINDS.items():
        told = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{name}.json",
            "title": title,
            "description": description,
        }
        yield SCHEMAS / f"{name}.json", _text(told | schema_of(kind))


def openapi_files() -> Iterator[tuple[Path, str]]:
    """The OpenAPI file of each direction and what it must hold."""
    for name, title, paths in (
        ("institution-side", "What an institution offers the centre", CENTRE_TO_INSTITUTION),
        ("centre-side", "What the centre offers institutions", INSTITUTION_TO_CENTRE),
    ):
        yield ROOT / "docs" / f"institutions-{name}.openapi.json", _text(_openapi(title, paths))


def _openapi(title: str, paths: dict[tuple[str, str], tuple[str, type | None, dict[str, type]]]) -> dict[str, Any]:
    kinds = {kind for _, asked, given in paths.values() for kind in (asked, *given.values()) if kind} | {Refusal}
    schemas: dict[str, Any] = {}
    for kind in kinds:
        told = json.loads(json.dumps(schema_of(kind)).replace("#/$defs/", "#/components/schemas/"))
        schemas |= told.pop("$defs", {})
        schemas[kind.__name__] = told
    shown: dict[str, Any] = {}
    for (method, path), told in paths.items():
        shown.setdefault(path, {})[method] = _operation(path, told)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": "Every message and answer is signed: HTTP message signatures (RFC 9421), Ed25519. "
            f"At most {MAX_MESSAGE_BYTES} bytes. See docs/institutions.en.md and docs/institutions.zh.md.",
        },
        "paths": shown,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(path: str, told: tuple[str, type | None, dict[str, type]]) -> dict[str, Any]:
    summary, asked, given = told
    headers = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string", "maxLength": 4096}}
        for name in SEAL
    ]
    place = [{"name": "application_id", "in": "path", "required": True, "schema": {"type": "string"}}]
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": (place if "{" in path else []) + headers,
        "responses": {status: _response(kind, kind.__name__) for status, kind in given.items()}
        | {status: _response(Refusal, meaning) for status, meaning in REFUSALS.items()},
    }
    if asked:
        operation["requestBody"] = {"required": True, "content": _content(asked)}
    return operation


def _response(kind: type, description: str) -> dict[str, Any]:
    signed = {name: {"schema": {"type": "string"}} for name in SEAL}
    return {"description": description, "headers": signed, "content": _content(kind)}


def _content(kind: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _text(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
