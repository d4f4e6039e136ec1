"""`fanzha institutions …`: whom the centre asks, and by what."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from fanzha.adapters.connectors.kit import Finding
from fanzha.adapters.connectors.kit_requests import Subject
from fanzha.adapters.store.institutions import Profile
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give, give_one
from fanzha.i18n import text
from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers.phone import mask
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import as_json
from fanzha.registers.answer_times import AnswerTimes
from fanzha.wiring.house import operator
from fanzha.wiring.institution_trials import try_institution
from fanzha.wiring.institution_watch import Watched, exchanges, measured, watched
from fanzha.wiring.institutions import (
    LONGEST_PROFILE,
    enter_institution,
    institution,
    own_keys,
    read_profile,
    refused_calls,
    renew_own_key,
)

app = noun("institutions")

LINE = (
    "name", "code", "name_zh", "name_en", "kind", "connector", "standing", "since", "works_now", "trades", "refused",
    "failed", "turned_away", "broken", "checked_at", "version", "at",
)  # fmt: skip
SHORT = {"name": "short_name"}
CHECK_LINE = ("check", "holds", "said")
REFUSED_LINE = ("at", "institution", "address", "code", "place", "sha256", "size")
KEY_LINE = ("key_id", "algorithm", "public", "since")
Form = Annotated[Format, option("format.help", "--format")]
Name = Annotated[str, argument("institutions.name", metavar="NAME")]


@command(app, "institutions.add")
def add(
    file: Annotated[str, argument("institutions.file", metavar="FILE")],
    reason: Annotated[str, option("institutions.reason", "--reason")],
    form: Form = Format.TABLE,
) -> None:
    """Enter an institution, or another version of its profile."""
    told = read_profile(_text(file))
    with opened_house() as house:
        entered = enter_institution(house, operator(), told, reason)
    give_one(_shown(entered, form), form, heads=SHORT)


@command(app, "institutions.list")
def list_(form: Form = Format.TABLE) -> None:
    """Every institution, by short name."""
    with opened_house() as house:
        found = watched(house, operator())
    give([_line(each, form) for each in found], LINE, form, heads=SHORT)


@command(app, "institutions.show")
def show(name: Name, form: Form = Format.TABLE) -> None:
    """The newest profile of one institution, its desks' numbers masked."""
    with opened_house() as house:
        found = institution(house, operator(), name)
        times = measured(exchanges(house, operator(), name))
    give_one(_shown(found, form) | {"answer_times": _times(times, form)}, form, heads=SHORT)


@command(app, "institutions.keys")
def keys(
    new_from: Annotated[str | None, option("institutions.keys.new_from", "--new-from", metavar="DAY")] = None,
    form: Form = Format.TABLE,
) -> None:
    """The public keys by which institutions know the centre."""
    with opened_house() as house:
        found = own_keys(house, operator()) if new_from is None else renew_own_key(house, operator(), _day(new_from))
    lines = [
        {
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "public": b64encode(key.public).decode(),
            "since": since,
        }
        for since, key in found
    ]
    give(lines, KEY_LINE, form)


@command(app, "institutions.refused")
def refused(form: Form = Format.TABLE) -> None:
    """The newest messages that the centre did not take, newest first."""
    with opened_house() as house:
        found = refused_calls(house, operator())
    give([asdict(each) for each in found], REFUSED_LINE, form)


@command(app, "institutions.check")
def check(
    name: Annotated[str, argument("institutions.check.name", metavar="NAME|FILE")],
    at: Annotated[str | None, option("institutions.check.at", "--at", metavar="URL")] = None,
    account: Annotated[str, option("institutions.check.account", "--account")] = Subject().number,
    holder: Annotated[str, option("institutions.check.holder", "--holder")] = Subject().holder,
    form: Form = Format.TABLE,
) -> None:
    """Try everything the protocol asks of an institution; ends with 8 when something does not hold."""
    told = read_profile(_text(name)) if name.endswith(".toml") else None
    with opened_house() as house:
        asked = told or institution(house, operator(), name).institution
        found = list(try_institution(house, operator(), asked, Subject(number=account, holder=holder), at))
    give(_worded(found) if form is Format.TABLE else [_finding(each) for each in found], CHECK_LINE, form)
    if any(each.holds is False for each in found):
        raise typer.Exit(DOES_NOT_HOLD)


def _finding(each: Finding) -> dict[str, object]:
    return {"check": each.check, "holds": each.holds, "said": each.said}


def _worded(found: list[Finding]) -> list[dict[str, object]]:
    """The findings with what each was about, in words."""
    return [_finding(each) | {"check": f"{each.check}  {_about(each.check)}"} for each in found]


def _about(name: str) -> str:
    group, _, rest = name.partition(".")
    key = f"words.trade.{rest}" if group == "trade" else f"words.kit.{name.replace('.', '_')}"
    return text(chosen(), key)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid("cli.bad_parameter", name="--new-from", expected="2026-11-22") from None


def _text(file: str) -> str:
    """A profile file, or standard input for `-`, no longer than a profile can be."""
    try:
        if file == "-":
            return sys.stdin.read(LONGEST_PROFILE + 1)
        with Path(file).open(encoding="utf-8") as opened:
            return opened.read(LONGEST_PROFILE + 1)
    except UnicodeDecodeError:
        raise Invalid("institutions.not_toml", reason="UTF-8") from None


def _times(times: Mapping[Trade, AnswerTimes], form: Format) -> object:
    """How fast it answers, by trade: numbers for programs, one line for people."""
    if form is not Format.TABLE:
        return [{"trade": trade.value, **asdict(each)} for trade, each in times.items()]
    return "; ".join(
        text(
            chosen(),
            "cli.institutions.answered",
            trade=text(chosen(), f"words.trade.{trade.value}"),
            answered=each.answered,
            sent=each.sent,
            median="–" if each.median_seconds is None else round(each.median_seconds, 1),
            p95="–" if each.p95_seconds is None else round(each.p95_seconds, 1),
            failed="–" if each.failed_share is None else round(each.failed_share * 100),
        )
        for trade, each in times.items()
    )


def _line(each: Watched, form: Format) -> dict[str, object]:
    check, reach = each.last_check, each.standing.reach
    told = _shown(each.profile, form) | {
        "standing": text(chosen(), f"words.reach.{reach}") if form is Format.TABLE else reach.value,
        "since": each.standing.since,
        "works_now": each.works_now,
        "refused": each.refused,
        "failed": each.failed,
        "turned_away": each.turned_away,
        "broken": None if check is None or check.failure else check.broken,
        "checked_at": None if check is None else check.at,
    }
    return {name: told.get(name) for name in LINE}


def _shown(profile: Profile, form: Format) -> dict[str, object]:
    """Everything of a profile: whole for programs, in short words for people; numbers of desks masked for both."""
    told: dict[str, Any] = dict(as_json(profile.institution))
    for each in told.get("contacts", []):
        each["phone"] = mask(each["phone"])
    if form is Format.TABLE:
        told = {name: _in_short(each) for name, each in told.items()}
    return told | {
        "version": profile.version,
        "at": profile.at,
        "entered_by": profile.actor_name,
        "reason": profile.reason,
    }


def _in_short(value: Any) -> object:
    """A field for people: what lies inside is told in one line."""
    if isinstance(value, dict):
        return " ".join(str(_in_short(each)) for each in value.values())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(str(_in_short(each)) for each in value)
    return ", ".join(str(each) for each in value) if isinstance(value, list) else value
