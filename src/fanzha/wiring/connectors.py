"""Which connector reaches an institution; an exercise never reaches a real one, nor life a simulated one."""

from __future__ import annotations

from fanzha.adapters.connectors.http import HttpConnector
from fanzha.adapters.connectors.port import Connector
from fanzha.kernel.errors import Illegal
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.house import House


def connector_to(house: House, institution: Institution) -> Connector:
    """The institution as this house reaches it; `Illegal` where it may not, or where only a person can carry paper."""
    if institution.exercise != (house.instance.birth == "exercise"):
        raise Illegal(
            "institutions.exercise" if institution.exercise else "institutions.real", institution=institution.name
        )
    if institution.connector is not ConnectorKind.HTTP:
        raise Illegal("connectors.by_hand", institution=institution.name)
    return HttpConnector(
        institution=institution, key=lambda: house.keys.institution_key(house.wall.now()), wall=house.wall
    )
