"""People and shops in the path of stolen money who know nothing of it: what they were paid buys coins, goods, gold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from fanzha.protocol.parties import HolderClass
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.roster import opened
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.laundering import Incident
from fanzha.simulation.parameters import Parameters

T = TypeVar("T")
_TRADES = timedelta(hours=2)
"""So long after the victim paid their own business is simulated."""
_MOST = 0.2
"""No payment of their own is more of what they had at first."""


@dataclass(slots=True, kw_only=True)
class _Street:
    """The bystanders of one incident in the making."""

    began: datetime
    banks: Sequence[Setup]
    parameters: Parameters
    chance: Chance
    openings: dict[str, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))

    def somebody(self) -> tuple[str, Opening]:
        """An account of a person or a shop with money of their own, and its bank's code."""
        bank = self.banks[int(self.chance.share() * len(self.banks))]
        drawn = opened(bank, self.parameters, self.chance, self.began)
        is_company = self.chance.happens(self.parameters.number("bystander.companies"))
        holder = replace(drawn.holder, holder_class=HolderClass.COMPANY if is_company else HolderClass.PERSON)
        low, high = self.parameters.several("loss.bounds")
        usual = self.parameters.spread("bystander.own")
        own = self.chance.amount(usual.median, usual.log_sd, (low, high))
        account = Opening(number=drawn.number, holder=holder, opened_at=drawn.opened_at, balance_fen=own)
        self.openings[bank.code].append(account)
        return bank.code, account

    def business(self, code: str, account: Opening) -> None:
        """Customers pay them, and they pay suppliers, as on any day."""
        for _ in range(self.chance.poisson(self.parameters.number("bystander.payments"))):
            self._pay(self.somebody(), (code, account))
        for _ in range(self.chance.poisson(self.parameters.number("bystander.payments"))):
            self._pay((code, account), self.somebody())

    def _pay(self, payer: tuple[str, Opening], payee: tuple[str, Opening]) -> None:
        fen = 1 + int(payer[1].balance_fen * _MOST * self.chance.share())
        at = self.began + self.chance.share() * _TRADES
        paid = Payment(
            payment_id=self.chance.uuid(),
            at=at,
            payer_number=payer[1].number,
            amount_fen=fen,
            payee_code=payee[0],
            payee_number=payee[1].number,
            payee_name=payee[1].holder.name,
        )
        self.payments[payer[0]].append(paid)


def among_bystanders(
    case: Incident, began: datetime, banks: Sequence[Setup], parameters: Parameters, chance: Chance
) -> tuple[Incident, frozenset[str]]:
    """The incident with some of what left as cash paid, at the same time, to people who sold something in good faith.

    And the numbers of all their accounts: the gang's payments are otherwise the same, to the fen and the second.
    """
    street = _Street(began=began, banks=banks, parameters=parameters, chance=chance)
    share = parameters.number("bystander.share")
    paid = {code: [*_sold(street, some, share)] for code, some in sorted(case.payments.items())}
    made = replace(case, openings=_both(case.openings, street.openings), payments=_both(paid, street.payments))
    return made, frozenset(each.number for some in street.openings.values() for each in some)


def _sold(street: _Street, payments: Sequence[Payment], share: float) -> Iterator[Payment]:
    for each in payments:
        if each.payee_code is not None or not street.chance.happens(share):
            yield each
            continue
        code, seller = street.somebody()
        street.business(code, seller)
        yield replace(each, payee_code=code, payee_number=seller.number, payee_name=seller.holder.name)


def _both(some: Mapping[str, Sequence[T]], more: Mapping[str, Sequence[T]]) -> dict[str, list[T]]:
    return {code: [*some.get(code, ()), *more.get(code, ())] for code in sorted({*some, *more})}
