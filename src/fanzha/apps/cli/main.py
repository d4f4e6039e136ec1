"""The command `fanzha`: finds the module of a verb or noun when it is asked for, and ends with the house's codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from fanzha.apps.cli.commands import SETTINGS, SpokenGroup, command_line_mistake, option
from fanzha.apps.cli.failures import report
from fanzha.apps.cli.language import heed, say
from fanzha.apps.start import start_lightly
from fanzha.i18n import LANGUAGES
from fanzha.kernel.errors import Invalid

COMMANDS = {
    # verbs of the whole house first, then nouns; behind the colon the module's Typer
    "demo": "serve:demo_app",
    "serve": "serve:serve_app",
    "trace": "trace:app",
    "simulate": "simulate:app",
    "story": "story:app",
    "bench": "bench:app",
    "evaluate": "evaluate:app",
    "warm": "warm:app",
    "doctor": "doctor:app",
    "backup": "backup:backup_app",
    "restore": "backup:restore_app",
    "cases": "keeping:app",
    "statements": "arrivals:app",
    "reports": "reports:app",
    "incidents": "incidents:app",
    "authorities": "authorities:app",
    "people": "people:app",
    "units": "units:app",
    "work": "work:app",
    "law": "law:app",
    "institutions": "institutions:app",
    "orders": "order_acts:app",
    "objections": "objections:app",
    "delegations": "delegations:app",
    "clocks": "clocks:app",
    "figures": "figures:app",
    "audit": "audit:app",
    "erasures": "erasures:app",
}


class House(SpokenGroup):
    """The root of all commands; nothing is loaded before it is called, so that help answers at once."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, verbs first."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, app = COMMANDS[cmd_name].partition(":")
        found = typer.main.get_command(getattr(import_module(f"fanzha.apps.cli.{module}"), app))
        found.name = cmd_name
        return found

    def verbs(self, ctx: Any) -> list[tuple[str, str]]:
        """All commands with their help, which needs no module."""
        return [(name, say(f"{name}.help")) for name in COMMANDS]


def house() -> typer.Typer:
    """The command line in the chosen language."""
    app = typer.Typer(
        cls=House,
        help=say("help.house"),
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings=SETTINGS,
    )

    @app.callback()
    def begin(
        lang: Annotated[str, option("help.lang", "--lang", metavar="zh|en")] = "",
        version: Annotated[bool, option("help.version", "--version")] = False,
    ) -> None:
        """Take the options that stand before the command; `--lang` was heeded before any word was written."""
        if lang and lang not in LANGUAGES:
            raise Invalid("cli.bad_language", language=lang)

    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit code."""
    try:
        if list(arguments) == ["--version"]:
            return _say_version()
        result = typer.main.get_command(house()).main(list(arguments), prog_name="fanzha", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough (`| head`); nothing more may be written to it, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as failure:
        return report(command_line_mistake(failure) or failure, debug=os.environ.get("FANZHA_DEBUG") == "1")
    return result if isinstance(result, int) else 0


def _say_version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"fanzha {version('fanzha')}\n")
    return 0


def main() -> None:
    """The entry point of the program `fanzha`."""
    start_lightly()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    heed(sys.argv[1:])
    sys.exit(run(sys.argv[1:]))
