"""Why an institution refuses a request before it looks at money: the national catalogue's code, or none."""

from __future__ import annotations

import re
from datetime import datetime

from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.simulation.institutions.accounts import Account
from fanzha.simulation.institutions.matters import CHANGED, Measure
from fanzha.simulation.institutions.setup import TARGETS, Setup

_NUMBER = re.compile(r"[0-9A-Za-z@._:/%?&=+~#-]+")
_NO_PLACE = "000000"
NO_ACCOUNT, OTHER_NAME, EXEMPT, LOST = "0300", "0301", "0302", "0303"


def refused(setup: Setup, request: Request, at: datetime) -> str | None:
    """The code for a request that is refused whatever the account: not done here, badly written, without papers."""
    if request.trade not in setup.trades or request.target.kind is not TARGETS[setup.kind]:
        return "1000"
    if not _NUMBER.fullmatch(request.target.number):
        return "0500"
    if request.organ.code.startswith(_NO_PLACE):
        return "0700"
    if request.trade in setup.papers and not request.documents:
        return "0600"
    if request.expires_at is not None and request.expires_at <= at:
        return "0801"
    return None


def account_refused(request: Request, account: Account | None) -> str | None:
    """The code for an account that is not the one meant, or that must not be touched."""
    if account is None:
        return NO_ACCOUNT
    told, known = request.target, account.opening
    if known.lost:
        return LOST
    if told.holder_class is not None and told.holder_class is not known.holder.holder_class:
        return "0101"
    if told.holder_name is not None and told.holder_name != known.holder.name:
        return OTHER_NAME
    if known.white_listed and request.trade in {Trade.STOP, Trade.FREEZE}:
        return EXEMPT
    if request.currency is not None and request.currency != known.currency:
        return "0201"
    return None


def original_refused(request: Request, original: tuple[str, Measure] | None, number: str) -> str | None:
    """The code for a request that changes what is not there, what is of another kind, or what lies elsewhere."""
    wanted = request.trade.changes
    if wanted is None:
        return None
    if original is None:
        return "0400"
    place, measure = original
    if not isinstance(measure, CHANGED[wanted]):
        return "0401"
    return None if place == number else "0402"
