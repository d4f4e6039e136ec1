"""Who and what a story brings: its banks, the accounts of its people, and what they will pay when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fanzha.kernel.money import FEN_PER_YUAN
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.setup import Profile

YUAN = FEN_PER_YUAN
HOUR, DAY = 60, 24 * 60
"""Minutes, in which stories tell time."""
AUTO = Profile.AUTOMATIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What a story brings: banks by number and how they work, accounts, and what their holders will pay when."""

    banks: Sequence[Profile]
    accounts: Sequence[Account]
    payments: Sequence[Paid] = ()
    others: Sequence[InstitutionKind] = ()
    """Carriers, resolvers and stores beside the banks, one of each kind."""
    faults: bool = False
    seed: int = 1
    prelude_minutes: int = 0
    """So much of it is over when somebody comes to watch: until then there is nothing to see at the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody's account: a name in the story, at which bank (1 first), what lies there when the story begins."""

    name: str
    bank: int
    holder: str
    balance_fen: int = 0
    is_company: bool = False
    white_listed: bool = False
    frozen_days: int = 0
    """So long after the beginning another city's freeze of all of it ends; 0 where there is none."""
    number: str = ""
    """Its number where it matters, as with a telephone's; else one of the story's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment to come, minutes after the beginning; without a payee it is drawn as cash."""

    payer: str
    minutes: float
    amount_fen: int
    payee: str = ""
