"""The law of orders, the program's and an instance's own, and the holidays by which terms are counted."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from tomllib import TOMLDecodeError

from fanzha.kernel.errors import Invalid
from fanzha.kernel.legal_days import Holidays
from fanzha.orders.law import LawPack, in_force
from fanzha.orders.law_tables import holidays, law_packs
from fanzha.rulebook import load_holidays, load_law
from fanzha.settings import load_settings

JURISDICTION = "cn"


@cache
def live_law(own: Path | None = None) -> tuple[LawPack, ...]:
    """Every pack, those of the instance's own folder (`FANZHA_LAW`) beside the ones of this version of the program."""
    try:
        return law_packs([*load_law(), *(load_law(own) if own else ())])
    except (OSError, TOMLDecodeError) as failure:
        raise Invalid("law.unreadable", folder=own, reason=failure) from failure


def law_at(at: datetime, own: Path | None = None, jurisdiction: str = JURISDICTION) -> LawPack:
    """The pack in force at an instant, the instance's own folder heeded; `NotFound` where none is."""
    return in_force(live_law(own or _own_folder()), jurisdiction, at)


@cache
def _own_folder() -> Path | None:
    """`FANZHA_LAW`, read once: every process of an instance knows the same law while it runs."""
    return load_settings().law


@cache
def live_holidays(jurisdiction: str = JURISDICTION) -> Holidays:
    """The days off and made up of the years whose notices are known."""
    return holidays(load_holidays(jurisdiction))
