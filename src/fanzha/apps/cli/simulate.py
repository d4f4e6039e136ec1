"""`fanzha simulate …`: a city for exercises; its institutions run as processes of their own, until Ctrl+C."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, text_to
from fanzha.apps.processes import listen, supervise
from fanzha.apps.simulated_city import HOST, Place, plan_places, register, require_exercise
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.founding import City, found, incidents_of, is_founded
from fanzha.simulation.institutions.accounts import Opening
from fanzha.simulation.institutions.roster import roster
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.laundering import Incident
from fanzha.simulation.parameters import published
from fanzha.wiring.house import House

app = noun("simulate")

FIRST_PORT = 8801
LINE = ("name", "title", "code", "profile", "endpoint")
ACCOUNT_LINE = ("institution", "institution_code", "number", "holder", "balance_fen")
REPORT_LINE = ("payee_code", "payee_number", "payee_name", "amount_fen", "paid_at")


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
        require_exercise(house)
        home = folder or house.settings.home / "simulated"
        places = [
            Place(each, home / each.id, listen(HOST, FIRST_PORT + number))
            for number, each in enumerate(roster(counts, city.parameters, prompt=prompt))
        ]
        address = centre or f"http://{house.settings.web_host}:{house.settings.web_port}"
        _found_city(house, city, places, address, home)
        for place in places:
            register(house, place.profile(), say("simulate.institutions.reason"))
    _show(places, home)
    supervise([each.process() for each in places])


def _found_city(house: House, city: City, places: Sequence[Place], centre: str, home: Path) -> None:
    """Write everybody's plan, and found whoever has not begun."""
    plan_places(house, places, city.seed, centre)
    now = house.now()
    cases = incidents_of(city, [each.setup for each in places], now)
    opened = [
        (place.setup, found(place.folder, place.setup, city, cases, now))
        for place in places
        if not is_founded(place.folder)
    ]
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


def _show(places: Sequence[Place], home: Path) -> None:
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
    give(rows, LINE, heads={"name": "short_name"})
    sys.stdout.write(say("simulate.institutions.running", folder=home) + "\n" + say("serve.end") + "\n")
    sys.stdout.flush()


def _title(setup: Setup) -> str:
    return setup.name_zh if chosen() == "zh" else setup.name_en
