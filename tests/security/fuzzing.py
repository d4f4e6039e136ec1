"""schemathesis over a description and the application that should keep it: what it finds, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.security.conftest import ORIGIN

BEYOND_A_SHAPE = ("2xx", "3xx", "401", "403", "404", "409", "422", "429")
"""What may answer a body of the described shape whose parts contradict each other: that says the code, no schema."""


def findings(
    description: Mapping[str, Any],
    app: Any,
    *,
    examples: int,
    auth: Mapping[str, str] | None = None,
    beyond: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[list[str], Counter[int]]:
    """What all checks of schemathesis find, and how often each status was answered; the same in every run.

    `auth` has the key of each security scheme, `beyond` the statuses that may answer well-formed requests, by path.
    """
    try:
        import schemathesis
        from schemathesis.config import SchemathesisConfig
        from schemathesis.engine import events, from_schema
    except ImportError:
        pytest.fail("schemathesis is missing from the environment; `make test` installs the dev extra")
    settings: dict[str, Any] = {
        "seed": 20_261_122,
        "base-url": ORIGIN,
        "headers": {"origin": ORIGIN, "accept-language": "en"},
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        # Boundary values of every parameter are thousands of requests: run by hand, not with every change.
        "phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}},
        "operations": [
            {"include-path": path, "checks": {"positive_data_acceptance": {"expected-statuses": list(statuses)}}}
            for path, statuses in (beyond or {}).items()
        ],
    }
    if auth:
        settings["auth"] = {"openapi": {name: {"api_key": key} for name, key in auth.items()}}
    schema: Any = schemathesis.openapi.from_dict(dict(description), config=SchemathesisConfig.from_dict(settings))
    schema.app = app
    found: dict[str, None] = {}
    answered: Counter[int] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found[f"{event.label}: {event.value}"] = None
        if isinstance(event, events.ScenarioFinished):
            answered.update(each.response.status_code for each in event.recorder.interactions.values() if each.response)
            found.update(dict.fromkeys(_told(event.recorder)))
    return list(found), answered


def _told(recorder: Any) -> list[str]:
    told = []
    for case, checks in recorder.checks.items():
        asked = recorder.interactions[case]
        for each in checks:
            if each.failure_info is not None:
                failure = each.failure_info.failure
                answer = asked.response.content[:200] if asked.response else b""
                request = f"{asked.request.method} {asked.request.uri} {asked.request.body!r}"
                told.append(f"{recorder.label}: {failure.title}: {failure.message}\n  {request}\n  {answer!r}")
    return told
