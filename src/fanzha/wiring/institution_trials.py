"""The contract kit run by a person against one institution, and the mark that it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import structlog

from fanzha.adapters.connectors.http import HttpConnector
from fanzha.adapters.connectors.kit import Finding, Trial, run_kit
from fanzha.adapters.connectors.kit_requests import Subject
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.roles import require
from fanzha.kernel.errors import Illegal
from fanzha.kernel.units import Actor
from fanzha.registers.institutions import Institution
from fanzha.wiring.connectors import connector_to
from fanzha.wiring.house import House


def try_institution(
    house: House, by: Actor, told: Institution, subject: Subject, address: str | None = None
) -> Iterator[Finding]:
    """Every finding of the kit against an institution, at its own address or another; `Illegal` where it has none."""
    require(by, "institutions.manage")
    connector = connector_to(house, told if address is None else replace(told, endpoint=address))
    if not isinstance(connector, HttpConnector):
        raise Illegal("connectors.by_hand", institution=told.name)
    quiet = replace(connector, log=structlog.wrap_logger(structlog.ReturnLogger()))
    broken = 0
    for finding in run_kit(Trial(connector=quiet, subject=subject, now=house.now)):
        broken += finding.holds is False
        yield finding
    act = Act(
        action="institution.checked",
        object_kind="institution",
        object_id=told.name,
        unit_path=by.scope,
        detail={"broken": broken},
    )
    with house.act(by) as connection:
        record(connection, act, by, house.now())
