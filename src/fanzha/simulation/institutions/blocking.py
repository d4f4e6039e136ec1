"""Blocks of numbers, sites and apps at carriers, resolvers and stores."""

from __future__ import annotations

from collections.abc import Iterable

from fanzha.simulation.institutions.matters import ALREADY, DATES, DONE, LIFTED_LATE, Block, Matter, Ruling
from fanzha.simulation.institutions.truth import Deed


def block(matter: Matter, standing: Iterable[Block]) -> Ruling:
    """Cut the address off until the end asked for; one that is cut off already stays as it is."""
    request, until = matter.request, matter.request.expires_at
    if until is None or until > matter.starts_at + matter.terms.block:
        return Ruling(result=DATES)
    if not matter.starts_at < until or matter.starts_at > matter.at + matter.terms.early:
        return Ruling(result=DATES)
    for each in standing:
        if each.organ == request.organ.code and each.runs_at(matter.at):
            return Ruling(result=ALREADY, told={"started_at": each.starts_at, "ends_at": each.ends_at})
    made = Block(
        application_id=request.application_id,
        organ=request.organ.code,
        address=request.target.number,
        starts_at=matter.starts_at,
        ends_at=until,
        sham=matter.sham,
    )
    told = {"started_at": made.starts_at, "ends_at": made.ends_at}
    return Ruling(result=DONE, told=told, deeds=(matter.deed(Deed.BLOCKED),), made=made)


def unblock(matter: Matter) -> Ruling:
    """Let the address be reached again."""
    blocked = matter.original
    if not isinstance(blocked, Block) or blocked.lifted_at is not None:
        return Ruling(result=ALREADY)
    if not blocked.runs_at(matter.at):
        return Ruling(result=LIFTED_LATE)
    if not matter.sham:
        blocked.lifted_at = matter.at
    return Ruling(result=DONE, deeds=(matter.deed(Deed.UNBLOCKED),))
