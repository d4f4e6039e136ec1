"""Which institutions a simulated city has, and who holds accounts there: drawn by seed, nobody real."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from fanzha.protocol.facts import Holder, PriorFreeze
from fanzha.protocol.parties import HolderClass
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.chance import Chance, card_number, document_number, phone_number
from fanzha.simulation.institutions.accounts import ALL, Opening
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.parameters import Parameters

_PLACES: Mapping[InstitutionKind, int] = {kind: place for place, kind in enumerate(InstitutionKind, 1)}
_HELD_DAYS = 180
_OPENED_DAYS = 900


def roster(counts: Mapping[InstitutionKind, int], parameters: Parameters, *, prompt: bool = False) -> list[Setup]:
    """So many institutions of each kind; how they work follows the published shares, or all answer at once."""
    return [
        _setup(kind, number, Profile.PROMPT if prompt else _profile((number - 0.5) / count, parameters))
        for kind, count in counts.items()
        for number in range(1, count + 1)
    ]


def _setup(kind: InstitutionKind, number: int, profile: Profile) -> Setup:
    names = words()["institutions"][kind]
    return Setup(
        id=f"test-{kind}-{number}",
        code=f"9999{_PLACES[kind]:02d}{number:06d}",
        name_zh=names["zh"].format(number=number),
        name_en=names["en"].format(number=number),
        kind=kind,
        profile=profile,
    )


def _profile(place: float, parameters: Parameters) -> Profile:
    """How the institution at this place of the whole works."""
    automatic = parameters.number("profile.automatic")
    if place < automatic:
        return Profile.AUTOMATIC
    return Profile.SEMI_MANUAL if place < automatic + parameters.number("profile.semi_manual") else Profile.MANUAL


def holders(setup: Setup, count: int, parameters: Parameters, seed: int, at: datetime) -> Iterator[Opening]:
    """So many accounts, wallets or lines of people who do not exist; none at resolvers and stores."""
    if setup.kind in {InstitutionKind.RESOLVER, InstitutionKind.STORE}:
        return
    for number in range(count):
        yield opened(setup, parameters, Chance(seed, setup.code, "holder", number), at)


def opened(setup: Setup, parameters: Parameters, chance: Chance, at: datetime) -> Opening:
    """An account of somebody drawn: held elsewhere or on the white list by the published rates."""
    holder = Holder(
        name=person_name(chance),
        holder_class=HolderClass.PERSON,
        document_type="01",
        document_number=document_number(chance),
        phones=(phone_number(chance),),
        opened_at=at - timedelta(days=1 + int(chance.share() * _OPENED_DAYS)),
    )
    held = chance.happens(parameters.number("account.held_elsewhere"))
    listed = chance.happens(parameters.number("account.white_listed"))
    until = at + timedelta(days=1 + int(chance.share() * _HELD_DAYS))
    prior = PriorFreeze(organ=words()["other_organ"], currency="CNY", amount_fen=ALL, expires_at=until)
    on_line = setup.kind is InstitutionKind.CARRIER
    return Opening(
        number=holder.phones[0] if on_line else card_number(chance),
        holder=holder,
        opened_at=holder.opened_at or at,
        balance_fen=0 if on_line else chance.amount(200_000, 1.5, (0, 10_000_000)),
        white_listed=listed and not on_line,
        prior=prior if held and not on_line else None,
    )


def person_name(chance: Chance) -> str:
    """A name that is plainly made up."""
    told = words()["people"]
    return f"{told['mark']}{chance.among(told['first'])}{chance.among(told['second'])}"


@cache
def words() -> dict[str, Any]:
    """The names and phrases of the simulated city."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
