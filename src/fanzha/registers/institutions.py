"""Institutions: what each can do, what it demands, when it works, how it is reached, by which keys it signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import Address, InstitutionCode, Many, Name, Number, Text, Whole
from fanzha.protocol.keys import PublicKey
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade

ShortName = Annotated[str, Text(longest=40, pattern="[a-z][a-z0-9-]*")]
"""Our own short name of an institution, as it stands in addresses and commands."""
ClockTime = Annotated[str, Text(longest=5, shortest=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]")]
MOST_KEYS = 10
MOST_CONTACTS = 20
LARGEST_BATCH = 1_000
WIDEST_TOLERANCE_SECONDS = 600
_WEEK = 7


class InstitutionKind(StrEnum):
    """What kind of institution it is."""

    BANK = "bank"
    PAYMENT = "payment"
    CARRIER = "carrier"
    RESOLVER = "resolver"
    STORE = "store"


class ConnectorKind(StrEnum):
    """How it is reached: HTTP, a folder both sides read, or paper that a person carries."""

    HTTP = "http"
    FOLDER = "folder"
    PAPER = "paper"


class TableFormat(StrEnum):
    """How a folder's messages are written: CSV or a workbook."""

    CSV = "csv"
    XLSX = "xlsx"


class OutOfHours(StrEnum):
    """What happens to a request outside its hours: it works on, it waits, or somebody must be called."""

    WORKS = "works"
    WAITS = "waits"
    CALL = "call"


class Need(StrEnum):
    """What an institution may demand of a request beyond what the protocol does."""

    HOLDER_NAME = "holder_name"
    DOCUMENT = "document"
    SECOND_OFFICER = "second_officer"
    CASE_FILING = "case_filing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What it demands for one trade."""

    trade: Trade
    needs: Annotated[tuple[Need, ...], Many(len(Need))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When its staff works: days of the week from 1 (Monday) to 7, from `opens` until, not including, `closes`."""

    days: Annotated[tuple[Annotated[int, Whole(1, _WEEK)], ...], Many(_WEEK)]
    opens: ClockTime
    closes: ClockTime

    def __post_init__(self) -> None:
        """Refuse a week without days, and hours that close before they open."""
        if not self.days:
            raise Invalid("institutions.no_days", path="days")
        if self.closes <= self.opens:
            raise Invalid("protocol.backwards", path="closes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A desk on duty; shown masked, like any telephone number."""

    desk: Name
    phone: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """One version of what is known of an institution; a change is a new version.

    `exercise` is true of a simulated one: it belongs to exercises only, a real one to life only. `endpoint` is the
    address (HTTP) or the folder where messages go; requests go nowhere else. `papers_later`: it acts for a
    reporter whose papers nobody has seen yet, on the word that they follow in time.
    """

    name: ShortName
    code: InstitutionCode
    name_zh: Name
    name_en: Name
    kind: InstitutionKind
    connector: ConnectorKind
    exercise: bool
    trades: Annotated[tuple[Trade, ...], Many(len(Trade))]
    out_of_hours: OutOfHours
    endpoint: Address | None = None
    hours: Hours | None = None
    demands: Annotated[tuple[Demand, ...], Many(len(Trade))] = ()
    contacts: Annotated[tuple[Contact, ...], Many(MOST_CONTACTS)] = ()
    keys: Annotated[tuple[PublicKey, ...], Many(MOST_KEYS)] = ()
    tolerance_seconds: Annotated[int, Whole(0, WIDEST_TOLERANCE_SECONDS)] = 60
    batch: Annotated[int, Whole(1, LARGEST_BATCH)] = 20
    collects: bool = False
    papers_later: bool = False
    table: TableFormat = TableFormat.CSV

    def __post_init__(self) -> None:
        """Refuse a profile by which nobody could reach it, or could not know who answers."""
        if (self.connector is ConnectorKind.PAPER) != (self.endpoint is None):
            raise Invalid("institutions.endpoint", path="endpoint", connector=self.connector)
        if self.connector is ConnectorKind.HTTP and not self.keys:
            raise Invalid("institutions.no_key", path="keys")
        if Trade.ACTIVATE in self.trades or len(set(self.trades)) < len(self.trades):
            raise Invalid("institutions.trades", path="trades")
        if {each.trade for each in self.demands} - set(self.trades):
            raise Invalid("institutions.demand_without_trade", path="demands")
        if self.out_of_hours is not OutOfHours.WORKS and self.hours is None:
            raise Invalid("institutions.no_hours", path="hours")

    @property
    def tolerance(self) -> timedelta:
        """How far its clock may be off ours."""
        return timedelta(seconds=self.tolerance_seconds)

    def can(self, trade: Trade) -> bool:
        """Whether it does this at all."""
        return trade in self.trades

    def needs(self, trade: Trade) -> frozenset[Need]:
        """What it demands for a trade."""
        return frozenset(need for each in self.demands if each.trade is trade for need in each.needs)


def missing(institution: Institution, request: Request) -> list[Need]:
    """What the institution demands for this request and the request does not have, in the order of `Need`."""
    has = {
        Need.HOLDER_NAME: request.target.holder_name is not None,
        Need.DOCUMENT: bool(request.documents),
        Need.SECOND_OFFICER: request.second_officer is not None,
        Need.CASE_FILING: request.case_number is not None,
    }
    needed = institution.needs(request.trade)
    return [need for need in Need if need in needed and not has[need]]


def named_like(known: Iterable[Institution], bank: str) -> Institution | None:
    """The institution that a bank's name in a statement means: the one called so, else the one whose name in it
    holds all others in it, else the only one whose name it is a part of; None where none or several fit.

    A name that goes on with one or two digits or a single letter is another one.
    """
    known = [*known] if bank else []
    called = [each for each in known if bank in {each.name_zh, each.name_en, each.code}]
    within = [each for each in known if _stands_in(each.name_zh, bank)]
    longest = [each for each in within if all(other.name_zh in each.name_zh for other in within)]
    part_of = [each for each in known if _stands_in(bank, each.name_zh)]
    fits = called or (longest if within else part_of)
    return fits[0] if len(fits) == 1 else None


def names_told(known: Iterable[Institution]) -> dict[str, tuple[str, str]]:
    """By the code and by either name of each: its names in Chinese and English."""
    return {told: (each.name_zh, each.name_en) for each in known for told in (each.code, each.name_zh, each.name_en)}


def _stands_in(name: str, text: str) -> bool:
    """Whether the name stands somewhere in the text and does not go on to be another one."""
    at = text.find(name)
    while at >= 0:
        if not _GOES_ON.match(text, at + len(name)):
            return True
        at = text.find(name, at + 1)
    return False


_GOES_ON = re.compile(r"(?:[0-9]{1,2}|[A-Za-z])(?![0-9A-Za-z])")
"""As numbered banks are named; a branch's code or `ATM` behind a bank makes no other bank of it."""


def works_at(institution: Institution, at: datetime) -> bool:
    """Whether a request that arrives now is worked on by itself, without a call and without waiting."""
    return institution.out_of_hours is OutOfHours.WORKS or _is_open(institution, at)


def next_opening(institution: Institution, at: datetime) -> datetime:
    """The instant from which it works: `at` itself when it works then."""
    hours = institution.hours
    return utc(at) if hours is None or works_at(institution, at) else staffed_from(hours, at)


def staffed_from(hours: Hours, at: datetime) -> datetime:
    """The instant from which its staff is there: `at` itself within its hours."""
    if _is_staffed(hours, at):
        return utc(at)
    local = utc(at).astimezone(SHANGHAI)
    opens = time.fromisoformat(hours.opens)
    days = (datetime.combine(local.date() + timedelta(days=ahead), opens, SHANGHAI) for ahead in range(_WEEK + 1))
    return utc(next(day for day in days if day.isoweekday() in hours.days and day > local))


def _is_open(institution: Institution, at: datetime) -> bool:
    return institution.hours is None or _is_staffed(institution.hours, at)


def _is_staffed(hours: Hours, at: datetime) -> bool:
    local = utc(at).astimezone(SHANGHAI)
    opens, closes = time.fromisoformat(hours.opens), time.fromisoformat(hours.closes)
    return local.isoweekday() in hours.days and opens <= local.time() < closes
