"""What the rulebook says of chases: how fast money goes on, and what the names of holders tell of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

from fanzha.orders.authority import AccountSort
from fanzha.rulebook import load_chase
from fanzha.tracing.frontier import Dwell
from fanzha.workflows.chase_accounts import HolderWords
from fanzha.workflows.chase_leads import Pace


@cache
def pace() -> Pace:
    """How fast money goes on, as this version of the program expects it."""
    told = cast("Mapping[str, list[float]]", load_chase()["dwell"])
    dwell = Dwell(
        median_s=tuple(60 * each for each in told["median_minutes"]), log_sd=tuple(map(float, told["log_sd"]))
    )
    return Pace(dwell=dwell, delay_s={})


@cache
def holder_words() -> HolderWords:
    """What names tell of accounts, as this version of the program reads them."""
    told = cast("Mapping[str, list[str]]", load_chase()["holders"])
    endings = {each: tuple(told[each]) for each in AccountSort if each.value in told}
    return HolderWords(least=cast(int, told["least_characters"]), endings=endings)
