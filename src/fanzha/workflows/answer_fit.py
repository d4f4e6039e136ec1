"""Whether what an institution says is about what it was asked: its own words for it, a code where it is not."""

from __future__ import annotations

from fanzha.kernel.identifiers import account
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, TargetKind
from fanzha.protocol.answer import Answer
from fanzha.protocol.messages import Push
from fanzha.protocol.trades import Trade
from fanzha.workflows.order_request import CURRENCY, trade_of


def misfit(order: Order, said: Answer | Push, asked: str) -> str:
    """Why this cannot be believed of the order, empty where it can; `asked` is the account that it is about.

    Signed by the right institution under the right application, it may still tell of another account (numbers mixed
    up, or a lie), answer another question, or tell foreign money as ours.
    """
    if isinstance(said, Push):
        if order.kind is not OrderKind.MONITOR:
            return "push_unasked"
        return "" if _names(order, asked, said.number, None) else "other_account"
    if said.trade is Trade.ACTIVATE:
        answers = order.kind is OrderKind.FREEZE
    else:
        instruction = next(each for each in order.instructions if str(each.id) == said.application_id)
        answers = said.trade is trade_of(order.kind, instruction.act, instruction.terms)
    if not answers:
        return "other_question"
    if said.currency not in {None, CURRENCY}:
        return "other_currency"
    return "" if _names(order, asked, said.number, said.card) else "other_account"


def _names(order: Order, asked: str, number: str | None, card: str | None) -> bool:
    """Whether one of the numbers told, if any, is the account asked about; a card may stand for its account."""
    told = {_main(each) for each in (number, card) if each}
    return order.target.kind is not TargetKind.ACCOUNT or not asked or not told or _main(asked) in told


def _main(number: str) -> str:
    """The account without its institution's prefix and the number of a sub-account."""
    return account.clean(number.rpartition(":")[2].partition("_")[0])
