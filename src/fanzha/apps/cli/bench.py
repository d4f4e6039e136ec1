"""`fanzha bench …`: measurements that run from a checkout, where the benches lie beside the source."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.kernel.errors import NotFound

app = noun("bench")

CHECKOUT = Path(__file__).parents[4]
RESULT = ("name", "value", "unit", "baseline", "baseline_name", "ratio", "aim", "holds")
Quick = Annotated[bool, option("bench.import.quick", "--quick")]
Json = Annotated[bool, option("bench.import.json", "--json")]


@command(app, "bench.import")
def import_(quick: Quick = False, json: Json = False) -> None:
    """Measure the import of a large dirty statement."""
    _measure("import_statements", quick=quick, json=json)


@command(app, "bench.trace")
def trace(
    transactions: Annotated[list[int] | None, option("bench.trace.transactions", "--transactions")] = None,
    quick: Quick = False,
    json: Json = False,
) -> None:
    """Measure following money over ledgers of given sizes."""
    _measure("trace_money", quick=quick, json=json, transactions=tuple(transactions or ()))


@command(app, "bench.picture")
def picture(quick: Quick = False, json: Json = False) -> None:
    """Measure the picture of money flow in a browser."""
    _measure("picture", quick=quick, json=json)


@command(app, "bench.work")
def work(quick: Quick = False, json: Json = False) -> None:
    """Measure the work table under a million waiting clocks."""
    _measure("work_table", quick=quick, json=json)


@command(app, "bench.crash")
def crash(
    kills: Annotated[int | None, option("bench.crash.kills", "--kills")] = None,
    quick: Quick = False,
    json: Json = False,
) -> None:
    """Kill processes of a working house at random and count what was lost or done twice."""
    _measure("crash", quick=quick, json=json, kills=kills)


@command(app, "bench.desk")
def desk(quick: Quick = False, json: Json = False) -> None:
    """Measure from a report to its orders, and from each answer to the next layer's."""
    _measure("desk", quick=quick, json=json)


def _measure(name: str, *, quick: bool, json: bool, **asked: object) -> None:
    if not (CHECKOUT / "bench" / f"{name}.py").is_file():
        raise NotFound("bench.no_checkout", name=name)
    sys.path.insert(0, str(CHECKOUT))
    module: Any = importlib.import_module(f"bench.{name}")
    found: Mapping[str, Any] = module.measure(quick=quick, **asked)
    if json:
        give_one(found, Format.JSON)
    else:
        give(found["results"], RESULT)
    if any(each["holds"] is False for each in found["results"]):
        raise SystemExit(DOES_NOT_HOLD)
