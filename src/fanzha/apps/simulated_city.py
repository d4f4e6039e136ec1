"""Simulated institutions as processes beside a house: each its folder and its socket, entered into the register."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket

from fanzha.apps.processes import Child
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.protocol.keys import PublicKey
from fanzha.registers.institutions import ConnectorKind, Institution, TableFormat
from fanzha.simulation.founding import require_free, require_same
from fanzha.simulation.institutions.folder import EXCHANGE, Peer, Plan, key_since, own_key, public_half, write_plan
from fanzha.simulation.institutions.setup import Profile, Setup, profile_of
from fanzha.wiring.house import House, operator
from fanzha.wiring.institutions import enter_institution, institution, own_keys

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """One simulated institution: who it is, its folder, the socket it listens on."""

    setup: Setup
    folder: Path
    listener: socket

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"http://{HOST}:{self.listener.getsockname()[1]}"

    @property
    def exchange(self) -> Path | None:
        """The folder by which it is asked; None for one that is called."""
        return (self.folder / EXCHANGE).absolute() if self.setup.profile is Profile.MANUAL else None

    def profile(self) -> Institution:
        """What the house's register is told."""
        key = own_key(self.folder, self.setup.id)
        told = profile_of(self.setup, self.address, public_half(key, key_since(self.folder)))
        if self.exchange is None:
            return told
        return replace(told, connector=ConnectorKind.FOLDER, endpoint=str(self.exchange), table=TableFormat.XLSX)

    def process(self) -> Child:
        """The process that is this institution."""
        told = [f"--folder={self.folder}", f"--fd={self.listener.fileno()}"]
        return Child(module="fanzha.apps.simulated", arguments=told, descriptors=[self.listener.fileno()])


def require_exercise(house: House) -> None:
    """`Illegal` in a live house: nobody simulated may come near it."""
    if house.instance.birth != "exercise":
        raise Illegal("simulation.not_an_exercise")


def plan_places(house: House, places: Sequence[Place], seed: int, centre: str, *, faults: bool = True) -> str:
    """Write everybody's plan: who they are, whom they know, the centre's keys; the word by which the exercise itself
    may tell them something."""
    keys = tuple(
        PublicKey(key_id=key.key_id, public=key.public, since=since) for since, key in own_keys(house, operator())
    )
    peers = tuple(Peer(code=each.setup.code, address=each.address) for each in places)
    word = secrets.token_hex(16)
    for place in places:
        require_free(place.folder)
    for place in places:
        plan = Plan(
            setup=place.setup,
            seed=seed,
            pass_word=word,
            centre=centre,
            centre_keys=keys,
            peers=peers,
            by_folder=place.exchange is not None,
            faults=faults,
        )
        require_same(place.folder, plan)
        write_plan(place.folder, plan)
        if place.exchange is not None:
            place.exchange.mkdir(mode=0o700, exist_ok=True)
    return word


def register(house: House, told: Institution, reason: str) -> None:
    """Enter an institution that the register does not have as it is now."""
    try:
        if institution(house, operator(), told.name).institution == told:
            return
    except NotFound:
        pass
    enter_institution(house, operator(), told, reason)
