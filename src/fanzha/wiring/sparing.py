"""Whether an order to block may take what it names, by the lists of the rulebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

from fanzha.kernel.identifiers.suffixes import Suffixes, suffixes
from fanzha.orders.order import TargetKind
from fanzha.orders.sparing import SparedList, is_spared, list_in_force, network_host, require_blockable, spared_list
from fanzha.registers.institutions import InstitutionKind
from fanzha.rulebook import load_spared, load_suffixes
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import JURISDICTION
from fanzha.wiring.new_orders import NewOrder

PAGE_BY_PAGE = frozenset({InstitutionKind.STORE})
"""Who runs a platform can take one page down; a network takes a whole host."""


def sparing(desk: Desk, new: NewOrder, kind: InstitutionKind) -> NewOrder:
    """The block as it will be asked for, its host spelled in one way; `Illegal` or `Invalid` where it would take what
    it must not."""
    text, by_page = new.text, kind in PAGE_BY_PAGE
    spared = list_in_force(_lists(), JURISDICTION, desk.now)
    require_blockable(new.target_kind, text, spared, _suffixes(), page_by_page=by_page)
    if new.target_kind is TargetKind.SITE and not by_page:
        return replace(new, number=f"http://{network_host(text)}/")
    return new


def is_public(kind: TargetKind, text: str, at: datetime) -> bool:
    """Whether a number, site or app that a report names serves everybody, so that it is no scam's."""
    return is_spared(kind, text, list_in_force(_lists(), JURISDICTION, at))


@cache
def _lists() -> tuple[SparedList, ...]:
    return tuple(map(spared_list, load_spared()))


@cache
def _suffixes() -> Suffixes:
    return suffixes(load_suffixes())
