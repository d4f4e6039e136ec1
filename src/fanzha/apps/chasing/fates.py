"""What became of every fen of an incident, by the banks' own books, and why what was not held got away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanzha.apps.chasing.memory_desk import MemoryDesk
from fanzha.orders.authority import Denial
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.protocol.facts import Side
from fanzha.simulation.institutions.accounts import Account
from fanzha.simulation.laundering import Incident as Laundered


class Cause(StrEnum):
    """Why money that was still in the banks at the moment of the report is not held."""

    INTAKE = "intake"
    MOVED_BEFORE_ANSWER = "moved_before_answer"
    BANK_SLOW = "bank_slow"
    BANK_REFUSED = "bank_refused"
    BANK_LIED = "bank_lied"
    REPORT_WRONG = "report_wrong"
    OUTSIDE_LIMITS = "outside_limits"
    EXCLUDED_CLASS = "excluded_class"
    SMALL_SUM = "small_sum"
    WAITS_FOR_PERSON = "waits_for_person"
    LIES_UNHELD = "lies_unheld"


_NOT_COVERED: Mapping[str, Cause] = {
    Denial.LAYER: Cause.OUTSIDE_LIMITS,
    Denial.ACCOUNTS: Cause.OUTSIDE_LIMITS,
    Denial.TOTAL: Cause.OUTSIDE_LIMITS,
    Denial.SHARE: Cause.OUTSIDE_LIMITS,
    Denial.OVER: Cause.OUTSIDE_LIMITS,
    Denial.SORT: Cause.EXCLUDED_CLASS,
    Denial.TRACEABLE: Cause.SMALL_SUM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One incident: lost, still in the banks when it was reported, held at the end, and what got away by cause.

    `out_fen` left the banks before the report; `held_fen`, `out_fen` and the causes make up `loss_fen` to the fen.
    `wrong_fen_hours` is others' money on stopped accounts, by the hours until each stop ends by itself.
    """

    loss_fen: int
    out_fen: int
    held_fen: int
    away_fen: Mapping[Cause, int]
    stops: int
    wrong_fen_hours: int

    @property
    def in_system_fen(self) -> int:
        """What was still in the banks when it was reported."""
        return self.loss_fen - self.out_fen


def fate_of(case: Laundered, desk: MemoryDesk) -> Fate:
    """What one incident came to, by the banks' own books."""
    reported, taken, now = desk.incident.reported_at, desk.incident.taken_at, desk.now
    payer_of = {each.payee_number: each.payer_number for paid in case.payments.values() for each in paid}
    clean = {each.number: each.balance_fen for opened in case.openings.values() for each in opened}
    clean[case.victim.number] = 0
    away: Counter[Cause] = Counter()
    out = held = wrong = 0
    for account in _accounts(desk):
        for at, fen in _cash(account):
            if at <= reported:
                out += fen
            else:
                away[Cause.INTAKE if at <= taken else _cause(desk, account.number, payer_of, at)] += fen
        lies = account.balance_fen - clean[account.number]
        stop = account.stopped_by(now)
        if stop is None:
            away[Cause.LIES_UNHELD] += lies
        else:
            held += lies
            wrong += clean[account.number] * round((stop.ends_at - stop.starts_at).total_seconds() / 3600)
    return Fate(
        loss_fen=case.loss_fen,
        out_fen=out,
        held_fen=held,
        away_fen={each: fen for each, fen in away.items() if fen},
        stops=sum(each.kind is OrderKind.STOP for each in desk.orders.values()),
        wrong_fen_hours=wrong,
    )


def _accounts(desk: MemoryDesk) -> Iterator[Account]:
    for each in desk.world.institutions.values():
        yield from each.books.accounts.values()


def _cash(account: Account) -> Iterator[tuple[datetime, int]]:
    """When how much left the account out of the banks."""
    for each in account.lines:
        if each.side is Side.DEBIT and each.success and each.cash:
            yield each.at, each.amount_fen


def _cause(desk: MemoryDesk, number: str, payer_of: Mapping[str | None, str], at: datetime) -> Cause:
    """Why it was not held on the account that it left the banks from, or never seen to come there."""
    subject = desk.vault.ids.get(number)
    seen = None if subject is None else desk.seen.get(subject)
    if subject is not None and seen is not None and seen.since <= at:
        return _not_stopped(desk, desk.orders_on(subject, OrderKind.STOP), seen.waits.get(OrderKind.STOP, ""), at)
    before = payer_of[number]
    if before not in payer_of:
        return Cause.REPORT_WRONG
    return _not_seen(desk, before, payer_of, at)


def _not_stopped(desk: MemoryDesk, stops: list[Order], waits: str, at: datetime) -> Cause:
    if not stops:
        return _NOT_COVERED.get(waits, Cause.WAITS_FOR_PERSON)
    if all(each.effect is Effect.REFUSED for each in stops):
        return Cause.BANK_REFUSED
    if any(each.opened_at <= at and each.starts_at is not None and each.starts_at < at for each in stops):
        return Cause.BANK_LIED
    return Cause.BANK_SLOW if any(each.opened_at <= at for each in stops) else Cause.MOVED_BEFORE_ANSWER


def _not_seen(desk: MemoryDesk, number: str, payer_of: Mapping[str | None, str], at: datetime) -> Cause:
    """Why nobody saw in time where the money of this account went."""
    subject = desk.vault.ids.get(number)
    seen = None if subject is None else desk.seen.get(subject)
    if subject is None or seen is None or seen.since > at:
        before = payer_of[number]
        return Cause.REPORT_WRONG if before not in payer_of else _not_seen(desk, before, payer_of, at)
    queries = [each for each in desk.orders_on(subject, OrderKind.QUERY) if each.opened_at <= at]
    if not queries:
        return _NOT_COVERED.get(seen.waits.get(OrderKind.QUERY, ""), Cause.MOVED_BEFORE_ANSWER)
    if all(each.effect is Effect.REFUSED for each in queries):
        return Cause.BANK_REFUSED
    return Cause.MOVED_BEFORE_ANSWER
