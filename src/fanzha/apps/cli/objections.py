"""`fanzha objections …`: what people say against orders that restrict them, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.objections import entries_of_objection, objection_numbered, objections
from fanzha.adapters.store.orders import order_by_number, order_of
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.orders import As, Reason
from fanzha.apps.cli.output import Format, give, give_file, give_one, require_place, worded
from fanzha.kernel.errors import Invalid
from fanzha.orders.objections import Channel, Objection, Standing
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import operator
from fanzha.wiring.kept_files import keep_snapshot
from fanzha.wiring.notices import take_notice
from fanzha.wiring.objections import (
    NewObjection,
    check_objection,
    reject_objection,
    take_objection,
    uphold_objection,
    withdraw_objection,
    words_of,
)
from fanzha.wiring.standing_in import standing_in_for

app = noun("objections")

MOST = 500
LINE = (
    "number",
    "order",
    "state",
    "channel",
    "standing",
    "received_at",
    "due_at",
    "received_by",
    "handler",
    "answered_at",
)
WORDS = {"state": "objection_state", "channel": "objection_channel", "standing": "objection_standing"}
Form = Annotated[Format, option("format.help", "--format")]
Number = Annotated[str, argument("objections.number", metavar="NUMBER")]


class Decision(StrEnum):
    """What becomes of an objection."""

    CHECKING = "checking"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@command(app, "objections.list")
def list_(limit: Annotated[int, option("objections.list.limit", "--limit")] = 50, form: Form = Format.TABLE) -> None:
    """Objections, newest first."""
    if not 1 <= limit <= MOST:
        raise Invalid("cli.bad_parameter", name="--limit", expected=f"1-{MOST}")
    with opened_house() as house, house.act(operator()) as connection:
        rows = [_row(each, order_of(connection, each.order_id).number) for each in objections(connection, limit)]
    give(worded(rows, form, **WORDS), LINE, form)


@command(app, "objections.show")
def show(number: Number, form: Form = Format.TABLE) -> None:
    """One objection with everything that happened to it."""
    with opened_house() as house, house.act(operator()) as connection:
        told = objection_numbered(connection, number)
        row = _row(told, order_of(connection, told.order_id).number)
        says = words_of(Desk(house=house, connection=connection, actor=operator()), told)
        entries = [
            {"move": each.move.value, "at": each.at, "by": each.by.name, "reason": each.reason}
            for each in entries_of_objection(connection, told)
        ]
    more = {"alarm_at": told.alarm_at, "says": says, "answer": told.answer, "evidence": list(told.evidence)}
    give_one({**next(iter(worded([row], form, **WORDS))), **more, "entries": entries}, form)


@command(app, "objections.take")
def take(  # noqa: PLR0913  # every parameter is an option of the command
    order: Annotated[str, argument("orders.number", metavar="ORDER")],
    channel: Annotated[Channel, option("objections.take.channel", "--channel")],
    says: Annotated[str, option("objections.take.says", "--says")],
    evidence: Annotated[list[Path] | None, option("objections.take.evidence", "--evidence", metavar="FILE")] = None,
    standing: Annotated[Standing, option("objections.take.standing", "--as-what")] = Standing.HOLDER,
    name: Annotated[str, option("objections.take.name", "--name")] = "",
    phone: Annotated[str, option("objections.take.phone", "--phone")] = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Receive an objection to an order."""
    shown = [each.read_bytes() for each in evidence or ()]
    with opened_house() as house:
        actor = standing_in_for(house, login)
        with house.act(actor) as connection:
            ref = case_of(connection, order_by_number(connection, order).case_id).ref
        kept = tuple(keep_snapshot(house, actor, ref, each) for each in shown)
    new = NewObjection(channel=channel, says=says, evidence=kept, standing=standing, name=name, phone=phone)
    _do(login, form, lambda desk: take_objection(desk, order, new))


@command(app, "objections.answer")
def answer(  # noqa: PLR0913  # every parameter is an option of the command
    number: Number,
    decision: Annotated[Decision, option("objections.answer.decision", "--decision")],
    reason: Reason,
    release_fen: Annotated[int | None, option("objections.answer.release_fen", "--fen", metavar="FEN")] = None,
    output: Annotated[str, option("objections.answer.output", "--output", metavar="FILE")] = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Say what becomes of an objection, and why; upheld, the end of the order is drafted in the same act."""

    def act(desk: Desk) -> Objection:
        match decision:
            case Decision.CHECKING:
                return check_objection(desk, number, reason)
            case Decision.WITHDRAWN:
                return withdraw_objection(desk, number, reason)
            case Decision.UPHELD:
                told, paper = uphold_objection(desk, number, reason, release_fen)
            case Decision.REJECTED:
                told, paper = reject_objection(desk, number, reason)
        if output:
            give_file([paper.pdf], output)
        return told

    _do(login, form, act)


@command(app, "objections.notice")
def notice(  # every parameter is an option of the command
    order: Annotated[str, argument("orders.number", metavar="ORDER")],
    reason: Reason,
    output: Annotated[str, option("orders.paper.output", "--output", metavar="FILE")],
    channel: Annotated[Channel, option("objections.notice.channel", "--channel")] = Channel.LETTER,
    purpose: Annotated[str, option("orders.paper.purpose", "--purpose")] = "case_work",
    login: As = "",
) -> None:
    """Issue the notice to whom an order restricts: why, where to object, with which documents."""
    require_place(output, is_text=False)
    with opened_house() as house:
        pdf = take_notice(house, standing_in_for(house, login), order, reason, purpose, channel).pdf
    give_file([pdf], output)


def _do(login: str, form: Format, act: Callable[[Desk], Objection]) -> None:
    with opened_house() as house:
        actor = standing_in_for(house, login)
        with house.act(actor) as connection:
            told = act(Desk(house=house, connection=connection, actor=actor))
            row = _row(told, order_of(connection, told.order_id).number)
    give_one(next(iter(worded([row], form, **WORDS))), form)


def _row(told: Objection, order: str) -> dict[str, object]:
    return {
        "number": told.number,
        "order": order,
        "state": told.state.value,
        "channel": told.channel.value,
        "standing": told.standing.value,
        "received_at": told.received_at,
        "due_at": told.due_at,
        "received_by": told.received_by.name,
        "handler": told.handler.name if told.handler else None,
        "answered_at": told.answered_at,
    }
