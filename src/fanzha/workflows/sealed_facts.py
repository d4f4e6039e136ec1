"""Facts of papers as they are kept: ids of the vault in place of numbers and names, opened only to set the paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import SubjectId
from fanzha.workflows.order_facts import AccountTold, OrderFacts

_SEALED = "subject:"


def sealed(subject: SubjectId | None) -> str:
    """What stands for somebody until the paper is set; nothing for nobody."""
    return "" if subject is None else f"{_SEALED}{subject}"


def named(facts: OrderFacts) -> Iterator[SubjectId]:
    """Everybody whom the facts name by an id of the vault."""
    for text in _texts(facts):
        if text.startswith(_SEALED):
            yield SubjectId(int(text.removeprefix(_SEALED)))


def opened(facts: OrderFacts, clear: Mapping[SubjectId, str]) -> OrderFacts:
    """The facts in full; `Invalid` where the vault no longer opens whom they name."""
    known = {sealed(each): text for each, text in clear.items()}

    def told(text: str) -> str:
        if text.startswith(_SEALED) and text not in known:
            raise Invalid("orders.identifier_erased")
        return known.get(text, text)

    def account(each: AccountTold) -> AccountTold:
        return replace(each, holder=told(each.holder), number=told(each.number))

    payment, channel = facts.payment, facts.channel
    return replace(
        facts,
        addressee=told(facts.addressee),
        account=account(facts.account) if facts.account else None,
        payment=replace(payment, payer=account(payment.payer)) if payment else None,
        channel=replace(channel, value=told(channel.value), name=told(channel.name)) if channel else None,
    )


def _texts(facts: OrderFacts) -> Iterator[str]:
    yield facts.addressee
    for each in (facts.account, facts.payment.payer if facts.payment else None):
        if each is not None:
            yield from (each.holder, each.number)
    if facts.channel is not None:
        yield from (facts.channel.value, facts.channel.name)
