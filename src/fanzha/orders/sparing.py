"""What an order to block may never take: what everybody depends on, and what belongs to many (`domain.md` 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Illegal, Invalid, NotFound
from fanzha.kernel.identifiers import phone, url
from fanzha.kernel.identifiers.suffixes import Suffixes, ascii_host
from fanzha.orders.order import TargetKind


class SparedClass(StrEnum):
    """Why something is spared; each has its sentence."""

    EMERGENCY = "emergency"
    ANTI_FRAUD = "anti_fraud"
    BANK = "bank"
    GOVERNMENT = "government"
    SERVICE = "service"
    PLATFORM = "platform"


Spared = Mapping[str, SparedClass]


@dataclass(frozen=True, slots=True, kw_only=True)
class SparedList:
    """One dated list: numbers and apps as they are, sites with everything below them, shared hosts by themselves."""

    jurisdiction: str
    effective_from: date
    numbers: Spared
    sites: Spared
    shared: Spared
    apps: Spared


def spared_list(table: Mapping[str, Any]) -> SparedList:
    """The list that a table of the rulebook describes; `Invalid` names the part that is wrong."""
    try:
        parts = {name: _entries(table.get(name, ())) for name in ("numbers", "sites", "shared", "apps")}
        return SparedList(jurisdiction=table["jurisdiction"], effective_from=table["effective_from"], **parts)
    except (KeyError, ValueError, TypeError) as wrong:
        raise Invalid("orders.bad_spared_list", reason=str(wrong)) from None


def _entries(parts: Iterable[Mapping[str, Any]]) -> Spared:
    return {ascii_host(value): SparedClass(part["class"]) for part in parts for value in part["values"]}


def list_in_force(lists: Iterable[SparedList], jurisdiction: str, at: datetime) -> SparedList:
    """The latest list whose first day in Shanghai has come; before the first of them the first."""
    day = utc(at).astimezone(SHANGHAI).date()
    known = sorted((each for each in lists if each.jurisdiction == jurisdiction), key=lambda each: each.effective_from)
    if not known:
        raise NotFound("orders.no_spared_list", jurisdiction=jurisdiction)
    return next((each for each in reversed(known) if each.effective_from <= day), known[0])


def require_blockable(
    kind: TargetKind, text: str, spared: SparedList, suffixes: Suffixes, *, page_by_page: bool
) -> None:
    """`Illegal`, with the entry that forbids it, for what is spared; `Invalid` for what cannot be blocked there alone.

    `text` is a clean identifier; `page_by_page`: who blocks it can take one page of a host and leave the rest.
    """
    _require_not_spared(kind, text, spared)
    if kind is TargetKind.SITE:
        _require_own_host(text, spared, suffixes, page_by_page=page_by_page)


def is_spared(kind: TargetKind, text: str, spared: SparedList) -> bool:
    """Whether nobody may block it for itself: a number, an app, or a site with all below it."""
    try:
        _require_not_spared(kind, text, spared)
    except Illegal:
        return True
    return False


def network_host(address: str) -> str:
    """The host of a clean address as the network spells it: what a resolver is asked to take."""
    return ascii_host(url.host(address))


def _require_not_spared(kind: TargetKind, text: str, spared: SparedList) -> None:
    match kind:
        case TargetKind.PHONE:
            _require_number(text, spared)
        case TargetKind.APP:
            _require_not_among(spared.apps, text.casefold())
        case TargetKind.SITE:
            for name in _upwards(network_host(text)):
                _require_not_among(spared.sites, name)


def _require_not_among(spared: Spared, value: str) -> None:
    if value in spared:
        raise _spared(spared[value], value)


def _require_number(number: str, spared: SparedList) -> None:
    _require_not_among(spared.numbers, number)
    # Short numbers that begin with 1 are the state's and the carriers' own (telecom numbering plan); nobody rents one.
    if number.startswith("1") and phone.kind(number) == "service":
        raise _spared(SparedClass.SERVICE, number)


def _require_own_host(address: str, spared: SparedList, suffixes: Suffixes, *, page_by_page: bool) -> None:
    host, is_page = network_host(address), url.is_page(address)
    if is_page and not page_by_page:
        raise Invalid("orders.page_not_host")
    if is_page:
        return
    if _is_number(host):
        raise Invalid("orders.address_not_host")
    if suffixes.is_public(host):
        raise Illegal("orders.public_suffix", suffix=host)
    if host in spared.shared:
        raise Illegal("orders.shared_host", host=host)
    for below in (*spared.sites, *spared.shared):
        if below.endswith(f".{host}"):
            raise Illegal("orders.covers_spared", host=host, below=below)


def _spared(why: SparedClass, entry: str) -> Illegal:
    return Illegal(f"orders.spared_{why.value}", entry=entry)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _upwards(host: str) -> Iterator[str]:
    """The host and every name above it."""
    while host:
        yield host
        host = host.partition(".")[2]
