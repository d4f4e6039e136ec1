"""Questions and monitoring: details, holder, all accounts of a holder; new transactions as they happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fanzha.kernel.legal_days import days_after
from fanzha.protocol.facts import HeldAccount, PriorFreeze
from fanzha.simulation.institutions.accounts import Account, Books, Monitor
from fanzha.simulation.institutions.matters import ALREADY, DATES, DONE, LIFTED_LATE, AccountMatter, Ruling
from fanzha.simulation.institutions.truth import Deed

STATES = {False: "normal", True: "stopped"}


def details(matter: AccountMatter) -> Ruling:
    """The lines of the account within the period, as far as they have happened."""
    period = matter.request.period
    if period is None or period.since > matter.at:
        return Ruling(result=DATES)
    lines = tuple(each for each in matter.account.lines if period.since <= each.at < period.until)
    told = {"balance_fen": matter.account.balance_fen, "available_fen": matter.account.available_fen(matter.at)}
    return Ruling(result=DONE, told=told, lines=lines)


def holder(matter: AccountMatter) -> Ruling:
    """Who holds the account or line."""
    return Ruling(result=DONE, told={"holder": matter.account.opening.holder})


def accounts(matter: AccountMatter, books: Books) -> Ruling:
    """Every account of the same holder, with balances and what lies upon each."""
    document = matter.account.opening.holder.document_number
    held = books.held_by(document) if document else [matter.account]
    told = {"holder": matter.account.opening.holder, "accounts": tuple(_told(each, matter.at) for each in held)}
    return Ruling(result=DONE, told=told)


def _told(account: Account, at: datetime) -> HeldAccount:
    opening = account.opening
    return HeldAccount(
        number=account.number,
        card=opening.card,
        currency=opening.currency,
        state=STATES[account.stopped_by(at) is not None],
        balance_fen=account.balance_fen,
        available_fen=account.available_fen(at),
        opened_at=opening.opened_at,
        last_transaction_at=account.lines[-1].at if account.lines else None,
        measures=_measures(account, at),
    )


def _measures(account: Account, at: datetime) -> tuple[PriorFreeze, ...]:
    stops = [
        PriorFreeze(organ=each.organ, currency="CNY", expires_at=each.ends_at, kind="stop")
        for each in account.stops
        if each.runs_at(at)
    ]
    frozen = [replace(each.priority, kind="freeze") for each in account.freezes if each.runs_at(at)]
    return (*stops, *frozen)


def monitor_on(matter: AccountMatter) -> Ruling:
    """Push every new transaction of the account from now; a second request of the same organ changes nothing."""
    request, account = matter.request, matter.account
    if matter.starts_at > matter.at + matter.terms.early:
        return Ruling(result=DATES)
    for each in account.monitors:
        if each.organ == request.organ.code and each.runs_at(matter.at):
            return Ruling(result=ALREADY, told={"started_at": each.starts_at, "ends_at": each.ends_at})
    made = Monitor(
        application_id=request.application_id,
        organ=request.organ.code,
        starts_at=matter.starts_at,
        ends_at=days_after(matter.starts_at, request.monitor_days or 1),
        sham=matter.sham,
    )
    account.monitors.append(made)
    told = {"started_at": made.starts_at, "ends_at": made.ends_at}
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.MONITORED),), made=made)


def monitor_off(matter: AccountMatter) -> Ruling:
    """Push nothing more."""
    monitor = matter.original
    if not isinstance(monitor, Monitor) or monitor.off_at is not None:
        return Ruling(result=ALREADY)
    if not monitor.runs_at(matter.at):
        return Ruling(result=LIFTED_LATE)
    if not matter.sham:
        monitor.off_at = matter.at
    return Ruling(result=DONE, deeds=(matter.deed(Deed.UNMONITORED),))
