"""Stops: nothing leaves, credits keep coming (只收不付); once extended, gone by itself."""

from __future__ import annotations

from fanzha.protocol.request import Request
from fanzha.simulation.institutions.accounts import ALL, Account, Stop
from fanzha.simulation.institutions.matters import (
    ALREADY,
    ALREADY_STOPPED,
    DATES,
    DONE,
    EXTENDED_LATE,
    FROZEN_TO_LIMIT,
    FROZEN_WHOLLY,
    LIFTED_LATE,
    SHORT,
    SLACK,
    TOO_OFTEN,
    AccountMatter,
    Lie,
    Ruling,
)
from fanzha.simulation.institutions.truth import Deed


def stop(matter: AccountMatter) -> Ruling:
    """Stop the account, or say why not; 1200 when less is there than the victim paid."""
    request, account, at = matter.request, matter.account, matter.at
    asked = request.expires_at and request.starts_at and request.expires_at - request.starts_at
    if not asked or asked > matter.terms.stop + SLACK or matter.starts_at > at + matter.terms.early:
        return Ruling(result=DATES)
    if account.stopped_by(at):
        return Ruling(result=ALREADY_STOPPED)
    ahead = account.ahead_of(None, at)
    if ahead and account.frozen_fen(at) >= max(0, account.balance_fen):
        wholly = any(each.limit_fen is ALL for each in ahead)
        priors = {"prior_freezes": tuple(each.priority for each in ahead)}
        return Ruling(result=FROZEN_WHOLLY if wholly else FROZEN_TO_LIMIT, told=priors)
    if _times(account, request) >= matter.terms.stops:
        return Ruling(result=TOO_OFTEN)
    made = Stop(
        application_id=request.application_id,
        organ=request.organ.code,
        matter=_matter(request),
        starts_at=matter.starts_at,
        ends_at=matter.starts_at + asked,
        sham=matter.sham,
    )
    return _made(matter, made)


def _made(matter: AccountMatter, made: Stop) -> Ruling:
    account, wanted = matter.account, matter.request.amount_fen or 0
    held = max(0, account.balance_fen) - account.frozen_fen(matter.at)
    account.stops.append(made)
    deeds = [matter.deed(Deed.HELD, held)]
    balance, said = account.balance_fen, held
    if matter.lie is Lie.FALSE_BALANCE and held < wanted:
        balance, said = balance + wanted - held, wanted
        deeds.append((Deed.MISSTATED, made.application_id, wanted))
    told = {"balance_fen": balance, "held_fen": said, "started_at": made.starts_at, "ends_at": made.ends_at}
    return Ruling(result=SHORT if said < wanted else DONE, told=told, deeds=tuple(deeds), made=made)


def extend(matter: AccountMatter) -> Ruling:
    """Let a stop run on to a later end: once, while it runs, and by no more than another term."""
    stop, until = matter.original, matter.request.expires_at
    if not isinstance(stop, Stop) or not stop.runs_at(matter.at):
        return Ruling(result=EXTENDED_LATE)
    if _times(matter.account, stop) >= matter.terms.stops:
        return Ruling(result=TOO_OFTEN)
    if until is None or not stop.ends_at < until <= stop.ends_at + matter.terms.stop + SLACK:
        return Ruling(result=DATES)
    if not matter.sham:
        stop.ends_at, stop.times = until, stop.times + 1
    told = {"started_at": stop.starts_at, "ends_at": until, "balance_fen": matter.account.balance_fen}
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.PROLONGED),))


def lift(matter: AccountMatter) -> Ruling:
    """Let the account go before the stop's end."""
    stop = matter.original
    if not isinstance(stop, Stop) or stop.lifted_at is not None:
        return Ruling(result=ALREADY)
    if not stop.runs_at(matter.at):
        return Ruling(result=LIFTED_LATE)
    if not matter.sham:
        stop.lifted_at = matter.at
    told = {"released_fen": max(0, matter.account.balance_fen), "ends_at": None}
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.LIFTED),))


def _matter(request: Request) -> str:
    """Within which the law counts stops: the case, or the payment that the victim reported."""
    return request.case_number or f"{request.transfer_at} {request.amount_fen}"


def _times(account: Account, asked: Request | Stop) -> int:
    """How often an account was stopped by one organ in one matter, extensions counted."""
    organ, matter = (asked.organ, asked.matter) if isinstance(asked, Stop) else (asked.organ.code, _matter(asked))
    return sum(each.times for each in account.stops if each.organ == organ and each.matter == matter)
