"""`fanzha orders sign|extend|release|…`: what people do about orders that there are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from fanzha.adapters.store.orders import order_by_number
from fanzha.apps.cli.commands import command, option
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.cli.language import say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.order_words import SECTIONS, moment, one_of, order_told
from fanzha.apps.cli.orders import As, Form, Number, Reason, app
from fanzha.apps.cli.output import Format, give_file, give_one, require_place, worded
from fanzha.kernel.money import fen
from fanzha.orders.deliveries import OUT, Delivery
from fanzha.orders.effects import Act
from fanzha.orders.entries import Heard, HeardBy
from fanzha.orders.order import Instruction, Order, Terms
from fanzha.wiring import orders as wired
from fanzha.wiring.by_hand import ToldAnswer, record_answer
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import operator
from fanzha.wiring.kept_files import take_evidence
from fanzha.wiring.order_papers import proof_of, take_paper
from fanzha.wiring.orders import NewInstruction
from fanzha.wiring.standing_in import standing_in_for

Months = Annotated[int, option("orders.months", "--months")]
Term = Annotated[str, option("orders.term", "--term")]
Fen = int | None


def _do(number: str, login: str, form: Format, act: Callable[[Desk, Order], Order]) -> None:
    with opened_house() as house:
        actor = standing_in_for(house, login)
        with house.act(actor) as connection:
            order = order_by_number(connection, number)
            moved = act(Desk(house=house, connection=connection, actor=actor), order)
            told = order_told(house, connection, moved, form)
    give_one(next(iter(worded([told], form, **SECTIONS))), form)


def _instruct(number: str, login: str, form: Format, new: NewInstruction) -> None:
    _do(number, login, form, lambda desk, order: wired.instruct(desk, order.id, new))


@command(app, "orders.extend")
def extend(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Draft the extension of a stop."""
    _instruct(number, login, form, NewInstruction(act=Act.EXTEND, terms=Terms(), reason=reason))


@command(app, "orders.renew")
def renew(
    number: Number, months: Months, reason: Reason, term: Term = "ordinary", login: As = "", form: Form = Format.TABLE
) -> None:
    """Draft the renewal of a freeze."""
    _instruct(number, login, form, NewInstruction(act=Act.RENEW, terms=Terms(months=months, term=term), reason=reason))


@command(app, "orders.release")
def release(
    number: Number,
    reason: Reason,
    release_fen: Annotated[Fen, option("orders.release.fen", "--fen", metavar="FEN")] = None,
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft the release of a freeze, whole or in part."""
    terms = Terms(release_fen=None if release_fen is None else fen(release_fen))
    _instruct(number, login, form, NewInstruction(act=Act.RELEASE, terms=terms, reason=reason))


@command(app, "orders.lift")
def lift(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Draft the end of a stop, of monitoring or of a block."""
    _instruct(number, login, form, NewInstruction(act=Act.LIFT, terms=Terms(), reason=reason))


@command(app, "orders.sign")
def sign(number: Number, login: As = "", form: Form = Format.TABLE) -> None:
    """Sign the draft that waits for it."""
    _do(number, login, form, lambda desk, order: wired.sign(desk, order.id, _unsigned(order)))


@command(app, "orders.reject")
def reject(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Say no to a draft."""
    _do(number, login, form, lambda desk, order: wired.reject(desk, order.id, _unsigned(order), reason))


@command(app, "orders.cancel")
def cancel(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Take back what has not left."""
    _do(number, login, form, lambda desk, order: wired.cancel(desk, order.id, _open(order), reason))


@command(app, "orders.unrelated")
def unrelated(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Find what is held unrelated."""
    _do(number, login, form, lambda desk, order: wired.find_unrelated(desk, order.id, reason))


@command(app, "orders.look")
def look(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Say that one has seen what failed, and what was done."""
    _do(number, login, form, lambda desk, order: wired.look_at(desk, order.id, reason))


@command(app, "orders.confirm")
def confirm(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Say that a stop made before money came stays."""
    _do(number, login, form, lambda desk, order: wired.confirm_early(desk, order.id, reason))


@command(app, "orders.retry")
def retry(number: Number, reason: Reason, login: As = "", form: Form = Format.TABLE) -> None:
    """Take up again what was given up: the institution is asked first."""
    dead = (Delivery.DEAD,)
    _do(number, login, form, lambda desk, order: wired.revive(desk, order.id, _that_is(order, dead), reason))


@command(app, "orders.answer")
def answer(  # noqa: PLR0913  # every parameter is an option of the command
    number: Number,
    result: Annotated[str, option("orders.answer.result", "--result", metavar="NNNN")],
    at: Annotated[str, option("orders.answer.at", "--at", metavar="TIME")],
    evidence: Annotated[str, option("orders.answer.evidence", "--evidence", metavar="SHA256")],
    by: Annotated[str, option("orders.answer.by", "--by", metavar="NAME")],
    way: Annotated[HeardBy, option("orders.answer.way", "--way")] = HeardBy.FAX,
    reference: Annotated[str, option("orders.answer.reference", "--reference", metavar="NUMBER")] = "",
    reason: Annotated[str, option("orders.answer.reason", "--reason")] = "",
    balance_fen: Annotated[Fen, option("orders.answer.balance_fen", "--balance-fen", metavar="FEN")] = None,
    held_fen: Annotated[Fen, option("orders.answer.held_fen", "--held-fen", metavar="FEN")] = None,
    released_fen: Annotated[Fen, option("orders.answer.released_fen", "--released-fen", metavar="FEN")] = None,
    starts_at: Annotated[str, option("orders.answer.starts_at", "--starts-at", metavar="TIME")] = "",
    ends_at: Annotated[str, option("orders.answer.ends_at", "--ends-at", metavar="TIME")] = "",
    sure: Annotated[bool, option("orders.answer.sure", "--sure")] = False,
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Tell what an institution answered by hand."""
    told = ToldAnswer(
        result=result,
        heard=Heard(by=by, way=way, at=moment(at, "--at"), reference=reference),
        words=reason,
        balance_fen=balance_fen,
        held_fen=held_fen,
        released_fen=released_fen,
        starts_at=moment(starts_at, "--starts-at") if starts_at else None,
        ends_at=moment(ends_at, "--ends-at") if ends_at else None,
        sure=sure,
    )
    _do(number, login, form, lambda desk, order: record_answer(desk, order.id, _that_is(order, OUT), told, evidence))


@command(app, "orders.paper")
def paper(
    number: Number,
    output: Annotated[str, option("orders.paper.output", "--output", metavar="FILE")],
    purpose: Annotated[str, option("orders.paper.purpose", "--purpose")] = "stop_payment",
    which: Annotated[int, option("orders.paper.which", "--instruction", metavar="N")] = 0,
    prove: Annotated[bool, option("orders.paper.prove", "--prove")] = False,
) -> None:
    """Write the paper of an instruction as PDF, in full, on record."""
    require_place(output, is_text=False)
    with opened_house() as house:
        with house.act(operator()) as connection:
            order = order_by_number(connection, number)
        signed = [each for each in order.instructions if not each.missing] or list(order.instructions)
        chosen = order.instructions[which - 1] if 0 < which <= len(order.instructions) else signed[-1]
        pdf = take_paper(house, operator(), number, chosen.id, purpose).pdf
        proven = proof_of(house, operator(), chosen.id) if prove else ""
    give_file([pdf], output)
    if prove:
        sys.stderr.write(say(f"orders.paper.{proven}") + "\n")
    if proven == "other":
        raise typer.Exit(DOES_NOT_HOLD)


@command(app, "orders.evidence")
def evidence(
    number: Number,
    output: Annotated[str, option("orders.evidence.output", "--output", metavar="FILE")],
    purpose: Annotated[str, option("orders.paper.purpose", "--purpose")] = "evidence",
) -> None:
    """Write the evidence on which a block rests, as it was kept, on record."""
    require_place(output, is_text=False)
    with opened_house() as house:
        body = take_evidence(house, operator(), number, purpose)[1]
    give_file([body], output)


def _unsigned(order: Order) -> UUID:
    return one_of(order, [each for each in order.instructions if each.open and each.missing]).id


def _open(order: Order) -> UUID:
    return one_of(order, [each for each in order.instructions if each.open]).id


def _that_is(order: Order, deliveries: frozenset[Delivery] | tuple[Delivery, ...]) -> UUID:
    fitting: list[Instruction] = [each for each in order.instructions if each.delivery in deliveries]
    return one_of(order, fitting).id
