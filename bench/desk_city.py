"""The simulated banks of `bench desk`: each a process, and thefts whose money has moved on already."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket

from fanzha.apps.processes import Child, listen
from fanzha.protocol.keys import PublicKey
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.folder import Peer, Plan, key_since, own_key, public_half, write_plan
from fanzha.simulation.institutions.kept import KeptInstitution
from fanzha.simulation.institutions.roster import opened
from fanzha.simulation.institutions.setup import Profile, Setup, profile_of
from fanzha.simulation.parameters import published
from fanzha.wiring.house import House, operator
from fanzha.wiring.institutions import enter_institution, own_keys

PAYEES = ((1, 2), (3, 4), (5, 6), (7,))
"""Whom each of the first accounts pays: eight accounts in four layers."""
ACCOUNTS = 8
LOST_FEN = 16_000_000
LEFT_SHARE = 20
"""A twentieth stays in each account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """What one victim tells, once the money is in its last accounts."""

    bank: str
    payee: str
    payee_name: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """One bank of the city: its folder and the socket on which its process answers."""

    setup: Setup
    folder: Path
    listener: socket

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def process(self) -> Child:
        """Its process, as `fanzha simulate institutions` starts it."""
        told = [f"--folder={self.folder}", f"--fd={self.listener.fileno()}"]
        return Child(module="fanzha.apps.simulated", arguments=told, descriptors=[self.listener.fileno()])


@dataclass(slots=True)
class _Ledger:
    """Accounts to open and payments to plan, by the code of the bank that has them."""

    openings: dict[str, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))


def found_city(house: House, home: Path, centre: str, banks: int, profile: Profile) -> list[Bank]:
    """So many banks in the house's register, their folders written, nobody running yet."""
    setups = [
        Setup(
            id=f"desk-bank-{number}",
            code=f"999901{number:06d}",
            name_zh=f"测试第{number}银行",
            name_en=f"Test Bank {number}",
            kind=InstitutionKind.BANK,
            profile=profile,
        )
        for number in range(1, banks + 1)
    ]
    found = [Bank(setup=each, folder=home / each.id, listener=listen("127.0.0.1", 0)) for each in setups]
    keys = tuple(
        PublicKey(key_id=key.key_id, public=key.public, since=since) for since, key in own_keys(house, operator())
    )
    peers = tuple(Peer(code=each.setup.code, address=each.address) for each in found)
    word = secrets.token_hex(16)
    for each in found:
        plan = Plan(setup=each.setup, seed=1, pass_word=word, centre=centre, centre_keys=keys, peers=peers)
        write_plan(each.folder, plan)
        key = own_key(each.folder, each.setup.id)
        told = profile_of(each.setup, each.address, public_half(key, key_since(each.folder)))
        enter_institution(house, operator(), told, "bench")
    return found


def plan_thefts(banks: Sequence[Bank], paid: Sequence[datetime], hop: timedelta, now: datetime) -> list[Theft]:
    """A theft at each of these times, its money passed on after every `hop`; written into the banks' journals."""
    ledger = _Ledger()
    thefts = [_theft(number, at, hop, banks, ledger) for number, at in enumerate(paid)]
    for each in banks:
        kept = KeptInstitution(each.folder, each.setup, published(), 1)
        code = each.setup.code
        kept.apply(Arrival(at=now, opened=tuple(ledger.openings[code]), planned=tuple(ledger.payments[code])))
        kept.close()
    return thefts


def _theft(number: int, at: datetime, hop: timedelta, banks: Sequence[Bank], ledger: _Ledger) -> Theft:
    held = [_account(number, place, banks, ledger, LOST_FEN if place == 0 else 0) for place in range(ACCOUNTS + 1)]
    (victim, *mules), chance = held, Chance(1, "theft", number)
    _pay(ledger, chance, victim, mules[0], LOST_FEN, at)
    came, layer = {0: LOST_FEN}, {0: 1}
    for payer, payees in enumerate(PAYEES):
        part = (came[payer] - came[payer] // LEFT_SHARE) // len(payees)
        for place in payees:
            came[place], layer[place] = part, layer[payer] + 1
            _pay(ledger, chance, mules[payer], mules[place], part, at + layer[payer] * hop)
    bank, first = mules[0]
    return Theft(bank=bank.id, payee=first.number, payee_name=first.holder.name, paid_at=at)


def _account(
    number: int, place: int, banks: Sequence[Bank], ledger: _Ledger, balance_fen: int
) -> tuple[Setup, Opening]:
    setup = banks[(number * 5 + place) % len(banks)].setup
    since = published_opening(setup, number, place)
    told = Opening(number=since.number, holder=since.holder, opened_at=since.opened_at, balance_fen=balance_fen)
    ledger.openings[setup.code].append(told)
    return setup, told


def published_opening(setup: Setup, number: int, place: int) -> Opening:
    """An account of somebody drawn, as the simulated city draws them."""
    began = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    return opened(setup, published(), Chance(1, "desk", number, place), began)


def _pay(
    ledger: _Ledger,
    chance: Chance,
    payer: tuple[Setup, Opening],
    payee: tuple[Setup, Opening],
    amount_fen: int,
    at: datetime,
) -> None:
    payment = Payment(
        payment_id=chance.uuid(),
        at=at,
        payer_number=payer[1].number,
        amount_fen=amount_fen,
        payee_code=payee[0].code,
        payee_number=payee[1].number,
        payee_name=payee[1].holder.name,
    )
    ledger.payments[payer[0].code].append(payment)
