"""The terms under which a stop left: what is written of it as more is known, and when they let it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.orders.authority import Authority
from fanzha.orders.entries import Entry
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import By, Order
from fanzha.orders.proportion import (
    Lying,
    called,
    is_to_end,
    money_came,
    nothing_left,
    out_of_proportion,
    review_ends,
    takes_too_much,
)
from fanzha.workflows.chase_funds import ChasedAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTerms:
    """On what an order of a chase is judged at `now`, and in whose name that is written.

    `account` is None where nothing traced lies there any more; `others` are the orders of its case on that account;
    `spared`: a report names the account, or a named person confirmed it as involved; `mistaken`: a report named it by
    mistake, a person put that right, and nothing traced lies there.
    """

    account: ChasedAccount | None
    others: Sequence[Order]
    authority: Authority
    law: AuthorityLaw
    spared: bool
    by: By
    now: datetime
    mistaken: bool = False

    def lying(self, order: Order) -> Lying:
        """What lies there; where nothing traced does any more, what its bank told."""
        return nothing_left(order) if self.account is None else self.account.lying

    def due(self, order: Order) -> Iterator[Entry]:
        """What is to be written of the order now: that money came, or that it takes too much."""
        lying = self.lying(order)
        came = money_came(order, lying.traced_fen, self.by, self.now)
        if came is not None:
            yield came
        elif self.mistaken:
            beyond = called(order, lying, self.by, self.now)
            if beyond is not None:
                yield beyond
        elif not order.is_early and not (self.spared and lying.traced_fen == 0):
            beyond = out_of_proportion(order, lying, self.authority, self.law, self.by, self.now)
            if beyond is not None:
                yield beyond

    def ends(self, order: Order) -> bool:
        """Whether it takes more than people allowed, and nobody keeps it: at once where the account's own statement
        tells that much is the holder's own, or it was named by mistake, else once the time to look at it is over."""
        lying = self.lying(order)
        if self.mistaken:
            return is_to_end(order, self.others, at_once=True, law=self.law, now=self.now)
        if self.spared or not takes_too_much(lying, self.authority, self.law):
            return False
        at_once = self.account is not None and self.account.is_told and lying.mostly_own(self.law)
        return is_to_end(order, self.others, at_once=at_once, law=self.law, now=self.now)

    def looks_again(self, order: Order) -> datetime | None:
        """When the time is over in which people may look at it, where that is still to come."""
        ends_at = review_ends(order, self.others, self.law)
        return None if ends_at is None or ends_at <= self.now else ends_at
