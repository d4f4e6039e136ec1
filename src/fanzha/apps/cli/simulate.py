"""`fanzha simulate …`: a city for exercises; its institutions run as processes of their own, until Ctrl+C."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket
from typing import Annotated

from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, text_to
from fanzha.apps.processes import Child, listen, supervise
from fanzha.kernel.errors import Illegal, NotFound
from fanzha.protocol.keys import PublicKey
from fanzha.registers.institutions import ConnectorKind, Institution, InstitutionKind, TableFormat
from fanzha.simulation.founding import City, found, incidents_of, is_founded, require_free, require_same
from fanzha.simulation.institutions.accounts import Opening
from fanzha.simulation.institutions.folder import EXCHANGE, Peer, Plan, key_since, own_key, public_half, write_plan
from fanzha.simulation.institutions.roster import roster
from fanzha.simulation.institutions.setup import Profile, Setup, profile_of
from fanzha.simulation.laundering import Incident
from fanzha.simulation.parameters import published
from fanzha.wiring.house import House, operator
from fanzha.wiring.institutions import enter_institution, institution, own_keys

app = noun("simulate")

HOST, FIRST_PORT = "127.0.0.1", 8801
LINE = ("name", "title", "code", "profile", "endpoint")
ACCOUNT_LINE = ("institution", "institution_code", "number", "holder", "balance_fen")
REPORT_LINE = ("payee_code", "payee_number", "payee_name", "amount_fen", "paid_at")


@dataclass(frozen=True, slots=True)
class _Place:
    """One institution of the city: who it is, its folder, the socket it listens on."""

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


@command(app, "simulate.institutions")
def institutions(  # noqa: PLR0913  # every parameter is an option of the command
    banks: Annotated[int, option("simulate.institutions.banks", "--banks")] = 6,
    payments: Annotated[int, option("simulate.institutions.payments", "--payments")] = 1,
    carriers: Annotated[int, option("simulate.institutions.carriers", "--carriers")] = 1,
    resolvers: Annotated[int, option("simulate.institutions.resolvers", "--resolvers")] = 1,
    stores: Annotated[int, option("simulate.institutions.stores", "--stores")] = 1,
    accounts: Annotated[int, option("simulate.institutions.accounts", "--accounts")] = 100,
    incidents: Annotated[int, option("simulate.institutions.incidents", "--incidents")] = 3,
    prompt: Annotated[bool, option("simulate.institutions.prompt", "--prompt")] = False,
    seed: Annotated[int, option("simulate.institutions.seed", "--seed")] = 1,
    folder: Annotated[Path | None, option("simulate.institutions.folder", "--folder", metavar="DIR")] = None,
    centre: Annotated[str, option("simulate.institutions.centre", "--centre", metavar="URL")] = "",
) -> None:
    """Run simulated institutions and enter them into the register of an exercise."""
    numbers = (banks, payments, carriers, resolvers, stores)
    counts = dict(zip(InstitutionKind, numbers, strict=True))
    city = City(accounts=accounts, incidents=incidents, parameters=published(), seed=seed)
    with opened_house() as house:
        if house.instance.birth != "exercise":
            raise Illegal("simulation.not_an_exercise")
        home = folder or house.settings.home / "simulated"
        places = [
            _Place(each, home / each.id, listen(HOST, FIRST_PORT + number))
            for number, each in enumerate(roster(counts, city.parameters, prompt=prompt))
        ]
        address = centre or f"http://{house.settings.web_host}:{house.settings.web_port}"
        _found_city(house, city, places, address, home)
        for place in places:
            _register(house, place.profile())
    _show(places, home)
    supervise([_process(each) for each in places])


def _found_city(house: House, city: City, places: Sequence[_Place], centre: str, home: Path) -> None:
    """Write everybody's plan, and found whoever has not begun."""
    keys = tuple(
        PublicKey(key_id=key.key_id, public=key.public, since=since) for since, key in own_keys(house, operator())
    )
    peers = tuple(Peer(code=each.setup.code, address=each.address) for each in places)
    word, now = secrets.token_hex(16), house.now()
    for place in places:
        require_free(place.folder)
    cases = incidents_of(city, [each.setup for each in places], now)
    opened: list[tuple[Setup, list[Opening]]] = []
    for place in places:
        plan = Plan(
            setup=place.setup,
            seed=city.seed,
            pass_word=word,
            centre=centre,
            centre_keys=keys,
            peers=peers,
            by_folder=place.exchange is not None,
        )
        require_same(place.folder, plan)
        write_plan(place.folder, plan)
        if place.exchange is not None:
            place.exchange.mkdir(mode=0o700, exist_ok=True)
        if not is_founded(place.folder):
            opened.append((place.setup, found(place.folder, place.setup, city, cases, now)))
    if opened:
        _write_lists(home, opened, cases)


def _write_lists(home: Path, opened: Sequence[tuple[Setup, list[Opening]]], cases: Sequence[Incident]) -> None:
    """What whoever plays the exercise needs: every account, and what the victims will say."""
    accounts = [
        {
            "institution": _title(setup),
            "institution_code": setup.code,
            "number": each.number,
            "holder": each.holder.name,
            "balance_fen": each.balance_fen,
        }
        for setup, openings in opened
        for each in openings
    ]
    reports = [{name: getattr(each.told, name) for name in REPORT_LINE} for each in cases]
    for name, rows, columns in (("accounts", accounts, ACCOUNT_LINE), ("reports", reports, REPORT_LINE)):
        with text_to(str(home / f"{name}.csv")) as file:
            give(rows, columns, Format.CSV, file)


def _register(house: House, told: Institution) -> None:
    """Enter an institution that the register does not have as it is now."""
    try:
        if institution(house, operator(), told.name).institution == told:
            return
    except NotFound:
        pass
    enter_institution(house, operator(), told, say("simulate.institutions.reason"))


def _show(places: Sequence[_Place], home: Path) -> None:
    rows = [
        {
            "name": each.setup.id,
            "title": _title(each.setup),
            "code": each.setup.code,
            "profile": say(f"simulate.profiles.{each.setup.profile}"),
            "endpoint": str(each.exchange or each.address),
        }
        for each in places
    ]
    give(rows, LINE)
    sys.stdout.write(say("simulate.institutions.running", folder=home) + "\n" + say("serve.end") + "\n")
    sys.stdout.flush()


def _title(setup: Setup) -> str:
    return setup.name_zh if chosen() == "zh" else setup.name_en


def _process(place: _Place) -> Child:
    told = [f"--folder={place.folder}", f"--fd={place.listener.fileno()}"]
    return Child(module="fanzha.apps.simulated", arguments=told, descriptors=[place.listener.fileno()])
