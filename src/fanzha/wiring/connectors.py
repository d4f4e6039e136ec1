"""Which connector reaches an institution; an exercise never reaches a real one, nor life a simulated one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from fanzha.adapters.connectors.folder import FolderConnector
from fanzha.adapters.connectors.http import HttpConnector
from fanzha.adapters.connectors.port import Connector
from fanzha.kernel.errors import Illegal
from fanzha.protocol.keys import SigningKey
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.house import House

MOST_KEPT = 1_000
"""Institutions whose connectors are kept ready; a province has fewer."""


def connector_to(house: House, institution: Institution) -> Connector:
    """The institution as this house reaches it; `Illegal` where it may not, or where only a person can carry paper."""
    if institution.exercise != (house.instance.birth == "exercise"):
        raise Illegal(
            "institutions.exercise" if institution.exercise else "institutions.real", institution=institution.name
        )

    def key() -> SigningKey:
        return house.keys.institution_key(house.wall.now())

    match institution.connector:
        case ConnectorKind.HTTP:
            return HttpConnector(institution=institution, key=key, wall=house.wall)
        case ConnectorKind.FOLDER:
            return FolderConnector(institution=institution, key=key, wall=house.wall)
    raise Illegal("connectors.by_hand", institution=institution.name)


def connections(house: House) -> Callable[[Institution], Connector]:
    """Connectors that are kept as long as an institution's profile stays the same: each knows its own pace."""
    return lru_cache(maxsize=MOST_KEPT)(lambda institution: connector_to(house, institution))
