"""`fanzha erasures …`: the log of what was erased, kept outside backups, and done again after a restore."""

from __future__ import annotations

from io import TextIOWrapper
from typing import Annotated

from fanzha.adapters.store.erasures import Erasure, erasures
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, readable
from fanzha.wiring.erasure_log import read_erasure_log
from fanzha.wiring.house import operator
from fanzha.wiring.keeping import erase_again

app = noun("erasures")

LINE = ("id", "object_kind", "object_id", "unit", "reason", "at", "actor")
Form = Annotated[Format, option("format.help", "--format")]


@command(app, "erasures.list")
def list_(form: Form = Format.TABLE) -> None:
    """Everything that was erased, oldest first."""
    with opened_house() as house, house.act(operator()) as connection:
        found = erasures(connection)
    give([_line(each) for each in found], LINE, form)


@command(app, "erasures.replay")
def replay(file: Annotated[str, argument("erasures.replay.file", metavar="FILE")], form: Form = Format.TABLE) -> None:
    """After a restore, erase again what the log says and the backup still held."""
    with readable(file) as source:
        log = read_erasure_log(TextIOWrapper(source, "utf-8"))
    with opened_house() as house:
        done = erase_again(house, operator(), log)
    give([_line(each) for each in done], LINE, form)


def _line(each: Erasure) -> dict[str, object]:
    return {
        "id": str(each.id),
        "object_kind": each.object_kind,
        "object_id": each.object_id,
        "unit": each.unit_path,
        "reason": each.reason,
        "at": each.at,
        "actor": each.actor_name,
    }
