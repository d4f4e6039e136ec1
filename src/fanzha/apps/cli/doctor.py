"""`fanzha doctor`: what is wrong with this installation and how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from fanzha.apps.cli.commands import command, option, verb
from fanzha.apps.cli.failures import DOES_NOT_HOLD, sentence
from fanzha.apps.cli.findings import Check, State
from fanzha.apps.cli.installation import examine
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import Format, give

app = verb()


@command(app, "doctor")
def doctor(form: Annotated[Format, option("format.help", "--format")] = Format.TABLE) -> None:
    """One line a thing looked at; ends with 8 when something does not work."""
    from fanzha.settings import load_settings

    checks = list(examine(load_settings()))
    give(map(told, checks), ("state", "check", "finding"), form)
    if any(check.state is State.BAD for check in checks):
        raise typer.Exit(DOES_NOT_HOLD)


def told(check: Check) -> dict[str, object]:
    """A check as it is shown: what was found and, unless in order, what to do."""
    finding = say(f"doctor.{check.name}.{check.state}", **check.fields)
    if check.failure is not None:
        finding = f"{finding} {sentence(check.failure)}"
    return {"state": str(check.state), "check": check.name, "finding": finding}
