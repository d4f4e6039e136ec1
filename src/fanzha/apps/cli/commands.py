"""How a command is declared: its words come from the catalogue, its help speaks the chosen language.

A noun's module holds `app = noun("cases")` and its verbs under `@command(app, "cases.open")`; a verb of the house
(`doctor`) holds `app = verb()` and one command. The tables `[cases.open]` of `i18n/*/cli.toml` give `help`,
`example` and the words of each parameter by its name; `main.COMMANDS` names the module.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from fanzha.apps.cli.language import say
from fanzha.kernel.errors import FanzhaError, Invalid

Body = TypeVar("Body", bound=Callable[..., None])

SETTINGS = {"help_option_names": ["-h", "--help"]}


def noun(name: str) -> typer.Typer:
    """A group of verbs about one thing; its help is `cli.<name>.help`."""
    app = typer.Typer(name=name, cls=SpokenGroup, help=say(f"{name}.help"), **_QUIET)
    app.callback()(lambda: None)  # with a callback of its own, one verb is enough to make it a group
    return app


def verb() -> typer.Typer:
    """The home of one verb of the house."""
    return typer.Typer(**_QUIET)


def command(app: typer.Typer, key: str) -> Callable[[Body], Body]:
    """Declare a command whose name is the last part of `key` and whose words are the table `cli.<key>`."""
    return app.command(
        key.split(".")[-1].replace("_", "-"),
        cls=SpokenCommand,
        help=say(f"{key}.help"),
        epilog=say(f"{key}.example"),
        context_settings=SETTINGS,
    )


def argument(key: str, metavar: str | None = None, **told: object) -> Any:
    """A positional parameter, explained by `cli.<key>`, whose blanks are `told`."""
    return typer.Argument(help=say(key, **told), metavar=metavar, show_default=False)


def option(key: str, *names: str, metavar: str | None = None, **told: object) -> Any:
    """A named parameter, explained by `cli.<key>`, whose blanks are `told`."""
    return typer.Option(*names, help=say(key, **told), metavar=metavar, show_default=False)


_QUIET: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "no_args_is_help": True,
    "context_settings": SETTINGS,
}


class Spoken:
    """Help in the chosen language: what it does, how it is called, its parameters, an example."""

    def get_help(self: Any, ctx: Any) -> str:
        """The whole help of a command or group."""
        usage = [ctx.command_path, *self.collect_usage_pieces(ctx)]
        parts = [self.help or "", f"{say('help.usage')} {' '.join(usage)}"]
        named = [_record(each, ctx) for each in self.get_params(ctx) if each.param_type_name == "argument"]
        options = [_record(each, ctx) for each in self.get_params(ctx) if each.param_type_name == "option"]
        for title, rows in (("arguments", named), ("options", options), ("commands", self.verbs(ctx))):
            if rows:
                parts.append("\n".join([say(f"help.{title}"), *_columns(rows)]))
        if self.epilog:
            parts.append(f"{say('help.example')}\n  {self.epilog}")
        return "\n\n".join(part for part in parts if part)

    def get_help_option(self, ctx: Any) -> Any:
        """The option that shows the help, explained in the chosen language."""
        found = super().get_help_option(ctx)  # type: ignore[misc]
        if found is not None:
            found.help = say("help.option")
        return found

    def verbs(self, ctx: Any) -> list[tuple[str, str]]:
        """The commands below, each with the first sentence of its help."""
        return []


class SpokenCommand(Spoken, TyperCommand):
    """A command with spoken help."""


class SpokenGroup(Spoken, TyperGroup):
    """A group with spoken help."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is called; a name that is none is told with the nearest that is."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1) or self.list_commands(ctx)
            raise Invalid("cli.no_such_command", name=args[0], near=" ".join(near))
        return super().resolve_command(ctx, args)

    def verbs(self, ctx: Any) -> list[tuple[str, str]]:
        """The commands of the group, in the order in which they were declared."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        return [(name, (each.help or "").split("\n")[0]) for name, each in found if each and not each.hidden]


def _record(parameter: Any, ctx: Any) -> tuple[str, str]:
    """What a parameter is called and what it is for; whether it may be left out stands in the usage line."""
    names, _ = parameter.get_help_record(ctx) or (parameter.name, "")
    needed = f" {say('help.required')}" if parameter.required and parameter.param_type_name == "option" else ""
    return names, f"{parameter.help or ''}{needed}"


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = min(max(len(name) for name, _ in rows), 36)
    return [f"  {name:<{width}}  {words}".rstrip() for name, words in rows]


def command_line_mistake(failure: BaseException) -> FanzhaError | None:
    """What is wrong with a command line, in words of ours; nothing when it is another failure."""
    if not isinstance(failure, typer.TyperException):
        return None
    parameter = getattr(failure, "param", None)
    match type(failure).__name__:
        case "NoArgsIsHelpError":
            return Invalid("cli.nothing_asked", help=failure.message)
        case "NoSuchOption":
            return Invalid("cli.no_such_option", option=getattr(failure, "option_name", ""))
        case "MissingParameter" if parameter is not None:
            return Invalid("cli.missing_parameter", name=_called(parameter))
        case "BadParameter" if parameter is not None:
            expected = parameter.display_type(getattr(failure, "ctx", None))
            return Invalid("cli.bad_parameter", name=_called(parameter), expected=expected)
    return Invalid("cli.bad_usage", reason=failure.message)


def _called(parameter: Any) -> str:
    """The name by which a person gives a parameter."""
    return "/".join(parameter.opts) if parameter.param_type_name == "option" else str(parameter.display_name_raw)
