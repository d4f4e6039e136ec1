"""`fanzha orders list|show|query|monitor|stop|freeze|block`: what is asked of institutions, and new ones drafted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.orders import OrderQuery, list_orders, order_by_number
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.order_words import IN_TABLE, ORDER, SECTIONS, moment, order_row, order_told
from fanzha.apps.cli.output import Format, give, give_one, readable, worded
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import fen
from fanzha.orders.accounts import require_sure
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import QueryOf, TargetKind, Terms
from fanzha.orders.standing import Waits
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import operator
from fanzha.wiring.kept_files import LARGEST, keep_snapshot
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order
from fanzha.wiring.standing_in import standing_in_for

app = noun("orders")

MOST = 500
Form = Annotated[Format, option("format.help", "--format")]
Case = Annotated[str, argument("words.case", metavar="CASE")]
Number = Annotated[str, argument("orders.number", metavar="NUMBER")]
As = Annotated[str, option("orders.as_login", "--as", metavar="LOGIN")]
Reason = Annotated[str, option("words.reason", "--reason")]
At = Annotated[str, option("orders.institution", "--institution", metavar="NAME")]
Account = Annotated[str, option("orders.account", "--account")]
Holder = Annotated[str, option("orders.holder", "--holder")]
Sure = Annotated[str, option("orders.sure", "--sure", metavar="LAST4")]


@command(app, "orders.list")
def list_(
    case: Annotated[str, option("words.case", "--case", metavar="CASE")] = "",
    kind: Annotated[list[OrderKind] | None, option("orders.list.kind", "--kind")] = None,
    waits: Annotated[list[Waits] | None, option("orders.list.waits", "--waits")] = None,
    limit: Annotated[int, option("orders.list.limit", "--limit")] = 50,
    form: Form = Format.TABLE,
) -> None:
    """Orders, newest change first, masked."""
    if not 1 <= limit <= MOST:
        raise Invalid("cli.bad_parameter", name="--limit", expected=f"1-{MOST}")
    with opened_house() as house, house.act(operator()) as connection:
        wanted = OrderQuery(
            case_id=case_by_ref(connection, case).id if case else None,
            kinds=tuple(kind or ()),
            waiting=tuple(each.value for each in waits or ()),
            limit=limit,
        )
        rows = [order_row(house, connection, each) for each in list_orders(connection, wanted)[1]]
    give(worded(rows, form, **SECTIONS), IN_TABLE if form is Format.TABLE else ORDER, form)


@command(app, "orders.show")
def show(number: Number, form: Form = Format.TABLE) -> None:
    """One order with everything that happened to it."""
    with opened_house() as house, house.act(operator()) as connection:
        told = order_told(house, connection, order_by_number(connection, number), form)
    give_one(next(iter(worded([told], form, **SECTIONS))), form)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the commands that draft have in common."""

    case: str
    kind: OrderKind
    institution: str
    number: str
    reason: str
    terms: Terms
    holder: str = ""
    target: TargetKind = TargetKind.ACCOUNT
    payment: NewPayment | None = None
    sure: str = ""


def _draft(asked: _Asked, login: str, form: Format) -> None:
    if asked.target is TargetKind.ACCOUNT:
        require_sure(asked.number, asked.sure)
    with opened_house() as house:
        actor = standing_in_for(house, login)
        with house.act(actor) as connection:
            new = NewOrder(
                case_id=case_by_ref(connection, asked.case).id,
                kind=asked.kind,
                institution=asked.institution,
                target_kind=asked.target,
                number=asked.number,
                holder=asked.holder,
                holder_class="",
                terms=asked.terms,
                reason=asked.reason,
                payment=asked.payment,
            )
            order = open_order(Desk(house=house, connection=connection, actor=actor), new)
            told = order_told(house, connection, order, form)
    give_one(next(iter(worded([told], form, **SECTIONS))), form)


@command(app, "orders.stop")
def stop(  # noqa: PLR0913  # every parameter is an option of the command
    case: Case,
    institution: At,
    account: Account,
    holder: Holder,
    amount_fen: Annotated[int, option("orders.stop.amount_fen", "--amount-fen", metavar="FEN")],
    paid_at: Annotated[str, option("orders.stop.paid_at", "--paid-at", metavar="TIME")],
    reason: Reason,
    payer: Annotated[str, option("orders.stop.payer", "--payer")] = "",
    payer_name: Annotated[str, option("orders.stop.payer_name", "--payer-name")] = "",
    sure: Sure = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft an emergency stop of an account into which a victim paid."""
    paid = NewPayment(amount_fen=amount_fen, at=moment(paid_at, "--paid-at"), payer=payer, payer_name=payer_name)
    asked = _Asked(
        case=case,
        kind=OrderKind.STOP,
        institution=institution,
        number=account,
        holder=holder,
        reason=reason,
        sure=sure,
        terms=Terms(),
        payment=paid,
    )
    _draft(asked, login, form)


@command(app, "orders.freeze")
def freeze(  # noqa: PLR0913  # every parameter is an option of the command
    case: Case,
    institution: At,
    account: Account,
    holder: Holder,
    limit_fen: Annotated[int, option("orders.freeze.limit_fen", "--limit-fen", metavar="FEN")],
    months: Annotated[int, option("orders.months", "--months")],
    reason: Reason,
    term: Annotated[str, option("orders.term", "--term")] = "ordinary",
    sure: Sure = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft a freeze up to a limit."""
    asked = _Asked(
        case=case,
        kind=OrderKind.FREEZE,
        institution=institution,
        number=account,
        holder=holder,
        reason=reason,
        sure=sure,
        terms=Terms(limit_fen=fen(limit_fen), months=months, term=term),
    )
    _draft(asked, login, form)


@command(app, "orders.query")
def query(  # noqa: PLR0913  # every parameter is an option of the command
    case: Case,
    institution: At,
    account: Account,
    reason: Reason,
    of: Annotated[QueryOf, option("orders.query.of", "--of")] = QueryOf.DETAILS,
    since: Annotated[str, option("orders.query.since", "--since", metavar="TIME")] = "",
    until: Annotated[str, option("orders.query.until", "--until", metavar="TIME")] = "",
    holder: Holder = "",
    sure: Sure = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft a query: transactions, the holder, or all accounts of the holder."""
    terms = Terms(
        query_of=of,
        since=moment(since, "--since") if since else None,
        until=moment(until, "--until") if until else None,
    )
    asked = _Asked(
        case=case,
        kind=OrderKind.QUERY,
        institution=institution,
        number=account,
        holder=holder,
        reason=reason,
        sure=sure,
        terms=terms,
    )
    _draft(asked, login, form)


@command(app, "orders.monitor")
def monitor(  # noqa: PLR0913  # every parameter is an option of the command
    case: Case,
    institution: At,
    account: Account,
    days: Annotated[int, option("orders.days", "--days")],
    reason: Reason,
    holder: Holder = "",
    sure: Sure = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft dynamic monitoring: each new transaction is pushed."""
    asked = _Asked(
        case=case,
        kind=OrderKind.MONITOR,
        institution=institution,
        number=account,
        holder=holder,
        reason=reason,
        sure=sure,
        terms=Terms(days=days),
    )
    _draft(asked, login, form)


@command(app, "orders.block")
def block(  # noqa: PLR0913  # every parameter is an option of the command
    case: Case,
    kind: Annotated[TargetKind, argument("orders.block.kind", metavar="phone|site|app")],
    what: Annotated[str, argument("orders.block.what", metavar="WHAT")],
    institution: At,
    days: Annotated[int, option("orders.days", "--days")],
    reason: Reason,
    snapshot: Annotated[str, option("orders.block.snapshot", "--snapshot", metavar="FILE")] = "",
    words: Annotated[str, option("orders.block.words", "--words", metavar="TEXT")] = "",
    evidence: Annotated[str, option("orders.block.evidence", "--evidence", metavar="SHA256")] = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Draft a block of a number, a site or an app, on evidence that is kept with the case first."""
    if sum(map(bool, (snapshot, words, evidence))) != 1:
        raise Invalid("orders.one_evidence")
    if not evidence:
        evidence = _kept(case, login, _body(snapshot) if snapshot else words.encode())
    asked = _Asked(
        case=case,
        kind=OrderKind.BLOCK,
        institution=institution,
        number=what,
        target=kind,
        reason=reason,
        terms=Terms(days=days, evidence=evidence),
    )
    _draft(asked, login, form)


def _body(file: str) -> bytes:
    """What a file holds, one byte more than is kept at most."""
    with readable(file) as source:
        return source.read(LARGEST + 1)


def _kept(case: str, login: str, body: bytes) -> str:
    with opened_house() as house:
        return keep_snapshot(house, standing_in_for(house, login), case, body)
