"""What became of every fen of an incident, by the banks' own books, and why what was not held got away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fanzha.apps.chasing.memory_desk import MemoryDesk
from fanzha.apps.chasing.one_incident import Chased
from fanzha.apps.chasing.paper_model import held_by_paper
from fanzha.orders.authority import Denial
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import Order
from fanzha.orders.proportion import HOUR_S
from fanzha.protocol.facts import Side
from fanzha.simulation.institutions.accounts import Account
from fanzha.simulation.institutions.stepped import SteppedInstitutions

MINUTE = timedelta(minutes=1)


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
    LET_GO = "let_go"
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

    `out_fen` left the gang before the report, as cash or to somebody who sold in good faith; `held_fen`, `out_fen` and
    the causes make up `loss_fen` to the fen. `paper_fen` is what the design paper's own algorithm holds of it.
    `wrong_fen` lies at the end on stopped accounts of people who know nothing; `wrong_fen_hours` is their fen × hours
    until each stop was let go or ends by itself, of it `own` never came from the gang, and `known` is what stood after
    the house knew that too little of the balance is traced.
    """

    loss_fen: int
    out_fen: int
    held_fen: int
    away_fen: Mapping[Cause, int]
    paper_fen: int
    stops: int
    bystanders: int
    bystanders_stopped: int
    bystanders_let_go: int
    let_go_minutes: int
    wrong_fen: int
    wrong_fen_hours: int
    own_fen_hours: int
    known_fen_hours: int

    @property
    def in_system_fen(self) -> int:
        """What was still in the banks when it was reported."""
        return self.loss_fen - self.out_fen


def fate_of(done: Chased) -> Fate:
    """What one incident came to, by the banks' own books."""
    case, desk = done.gang, done.desk
    reported, taken, now = desk.incident.reported_at, desk.incident.taken_at, desk.now
    payer_of = {each.payee_number: each.payer_number for paid in case.payments.values() for each in paid}
    away: Counter[Cause] = Counter()
    out = held = 0
    for account in books_of(desk.world):
        if account.number in done.bystanders or account.number == case.victim.number:
            continue
        for at, fen in _gone(account, done.bystanders):
            if at <= reported:
                out += fen
            else:
                away[Cause.INTAKE if at <= taken else _cause(desk, account.number, payer_of, at)] += fen
        if account.stopped_by(now) is None:
            away[Cause.LIES_UNHELD] += account.balance_fen
        else:
            held += account.balance_fen
    wrong = [
        wronged for each in books_of(desk.world) if each.number in done.bystanders for wronged in _wrong(done, each)
    ]
    return Fate(
        loss_fen=case.loss_fen,
        out_fen=out,
        held_fen=held,
        away_fen={each: fen for each, fen in away.items() if fen},
        paper_fen=held_by_paper(case, taken),
        stops=sum(each.kind is OrderKind.STOP for each in desk.orders.values()),
        bystanders=len(done.bystanders),
        bystanders_stopped=len(wrong),
        bystanders_let_go=sum(not each.stands for each in wrong),
        let_go_minutes=sum(round(each.stood / MINUTE) for each in wrong if not each.stands),
        wrong_fen=sum(each.fen for each in wrong if each.stands),
        wrong_fen_hours=sum(each.fen_hours(each.fen) for each in wrong),
        own_fen_hours=sum(each.fen_hours(each.own_fen) for each in wrong),
        known_fen_hours=sum(each.fen * int(each.since_known.total_seconds()) // HOUR_S for each in wrong),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    """What one stop did to somebody who knows nothing: how long it stood or will, with how much, and since when the
    house knew that too little of it is traced."""

    fen: int
    own_fen: int
    stood: timedelta
    since_known: timedelta
    stands: bool

    def fen_hours(self, fen: int) -> int:
        """So many fen × the hours it stood."""
        return fen * int(self.stood.total_seconds()) // HOUR_S


def _wrong(done: Chased, account: Account) -> Iterator[_Wrong]:
    """Every stop that stood on the account; of its money `own_fen` never came from the gang."""
    desk, gangs = done.desk, {each.number for some in done.gang.openings.values() for each in some}
    ours = desk.orders_on(desk.vault.id(account.number), OrderKind.STOP)
    for each in account.stops:
        ends = each.lifted_at or each.ends_at
        known = next((one.out_of_proportion_at for one in ours if one.starts_at == each.starts_at), None)
        lines = [one for one in account.lines if one.at <= ends]
        lay = account.opening.balance_fen if not lines else lines[-1].balance_after_fen or 0
        came = sum(one.amount_fen for one in lines if one.counterparty and one.counterparty.number in gangs)
        if not each.sham:
            yield _Wrong(
                fen=lay,
                own_fen=max(0, lay - came),
                stood=ends - each.starts_at,
                since_known=timedelta(0) if known is None else ends - max(known, each.starts_at),
                stands=each.lifted_at is None,
            )


def books_of(world: SteppedInstitutions) -> Iterator[Account]:
    """Every account of every institution."""
    for each in world.institutions.values():
        yield from each.books.accounts.values()


def _gone(account: Account, bystanders: frozenset[str]) -> Iterator[tuple[datetime, int]]:
    """When how much left the gang's account out of the banks, or to somebody who sold something in good faith."""
    for each in account.lines:
        sold = each.counterparty is not None and each.counterparty.number in bystanders
        if each.side is Side.DEBIT and each.success and (each.cash or sold):
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
    if any(each.effect is Effect.LIFTED for each in stops):
        return Cause.LET_GO
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
