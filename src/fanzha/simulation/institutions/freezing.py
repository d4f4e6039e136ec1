"""Freezes: of so much or of all, in the order they came; those that find nothing free wait, then take over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fanzha.kernel.legal_days import months_after
from fanzha.simulation.institutions.accounts import ALL, Account, Freeze
from fanzha.simulation.institutions.matters import (
    ALREADY,
    DATES,
    DONE,
    EXTENDED_LATE,
    FROZEN_TO_LIMIT,
    FROZEN_WHOLLY,
    LIFTED_LATE,
    SLACK,
    TOO_MUCH,
    AccountMatter,
    Lie,
    Ruling,
    renewed_until,
)
from fanzha.simulation.institutions.truth import Deed


def freeze(matter: AccountMatter) -> Ruling:
    """Freeze up to the limit, or wait in line; the same organ's stop gives way to it."""
    request, account, at = matter.request, matter.account, matter.at
    start, until = matter.starts_at, request.expires_at
    if start > at + matter.terms.early:
        return Ruling(result=DATES)
    if until is None or not start < until <= months_after(start, matter.terms.freeze_months) + SLACK:
        return Ruling(result=DATES)
    ahead = account.ahead_of(None, at)
    wholly = any(each.limit_fen is ALL for each in ahead)
    waits = wholly or (bool(ahead) and account.frozen_fen(at) >= max(0, account.balance_fen))
    made = Freeze(
        application_id=request.application_id,
        organ=request.organ.name,
        limit_fen=request.limit_fen,
        starts_at=start,
        ends_at=until,
        waiting=waits,
        sham=matter.sham,
    )
    account.freezes.append(made)
    if waits:
        deeds = (matter.deed(Deed.WAITING),)
        code = FROZEN_WHOLLY if wholly else FROZEN_TO_LIMIT
        return Ruling(result=code, told=_told(matter, made, ahead) | {"frozen_fen": 0}, deeds=deeds, made=made)
    return _frozen(matter, made, ahead)


def _frozen(matter: AccountMatter, made: Freeze, ahead: list[Freeze]) -> Ruling:
    account, at = matter.account, matter.at
    gave_way = [] if made.sham else [each for each in account.stops if _gives_way(each.organ, each.runs_at(at), matter)]
    for each in gave_way:
        each.lifted_at = at
    took = account.taken_by(made, at)
    ended = [(Deed.ENDED, each.application_id, 0) for each in gave_way]
    deeds = [matter.deed(Deed.FROZEN, took), *ended]
    told = _told(matter, made, ahead)
    wanted = made.limit_fen or 0
    if made.sham:
        told |= {"frozen_fen": min(wanted, max(0, account.balance_fen))}
    elif matter.lie is Lie.FALSE_BALANCE and took < wanted:
        told |= {"frozen_fen": wanted, "balance_fen": account.balance_fen + wanted - took}
        deeds.append((Deed.MISSTATED, made.application_id, wanted))
    return Ruling(result=DONE, told=told, deeds=tuple(deeds), made=made)


def _gives_way(organ: str, runs: bool, matter: AccountMatter) -> bool:
    return runs and organ == matter.request.organ.code


def _told(matter: AccountMatter, made: Freeze, ahead: list[Freeze]) -> dict[str, object]:
    account, at = matter.account, matter.at
    return {
        "asked_fen": made.limit_fen,
        "frozen_fen": account.taken_by(made, at),
        "balance_fen": account.balance_fen,
        "available_fen": account.available_fen(at),
        "started_at": made.starts_at,
        "ends_at": made.ends_at,
        "prior_freezes": tuple(each.priority for each in ahead),
    }


def release(matter: AccountMatter) -> Ruling:
    """Let part of a freeze go, or all of it."""
    freeze, at, wanted = matter.original, matter.at, matter.request.release_fen
    if not isinstance(freeze, Freeze) or freeze.released_at is not None:
        return Ruling(result=ALREADY)
    if not freeze.runs_at(at):
        return Ruling(result=LIFTED_LATE)
    took = matter.account.taken_by(freeze, at)
    if wanted is not None and wanted > took and not freeze.waiting and not freeze.sham:
        return Ruling(result=TOO_MUCH)
    partly = wanted is not None and wanted < took
    if partly and not matter.sham:
        freeze.limit_fen = took - (wanted or 0)
    elif not matter.sham:
        freeze.released_at = at
    left = matter.account.taken_by(freeze, at)
    gone = took - left if not matter.sham else (wanted or took)
    told = {"released_fen": gone, "frozen_fen": took - gone, "balance_fen": matter.account.balance_fen}
    told["available_fen"] = matter.account.available_fen(at)
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.RELEASED, gone),))


def renew(matter: AccountMatter) -> Ruling:
    """Let a freeze run on, asked for while it runs, by no more than another term."""
    freeze, until = matter.original, matter.request.expires_at
    if not isinstance(freeze, Freeze) or not freeze.runs_at(matter.at):
        return Ruling(result=EXTENDED_LATE)
    last = months_after(freeze.ends_at, matter.terms.freeze_months) + SLACK
    if until is None or not freeze.ends_at < until <= last:
        return Ruling(result=DATES)
    if not matter.sham:
        freeze.ends_at = until
    took = matter.account.taken_by(freeze, matter.at)
    told = {"started_at": freeze.starts_at, "ends_at": until, "frozen_fen": took}
    told["balance_fen"] = matter.account.balance_fen
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.RENEWED),))


def activated(account: Account, at: datetime) -> Iterator[Freeze]:
    """Freezes whose turn has come because all before them are gone; their terms begin now."""
    for each in account.freezes:
        if each.waiting and each.runs_at(at) and not each.sham and not account.ahead_of(each, at):
            each.ends_at = renewed_until(at, each)
            each.starts_at, each.waiting = at, False
            yield each
