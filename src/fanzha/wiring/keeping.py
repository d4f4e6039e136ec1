"""How long a case is kept, who else may read it, and how it ends: asked and answered by whoever may, each on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_by_ref, case_entries, set_hold
from fanzha.adapters.store.erasures import (
    Erasure,
    ask_erasure,
    asked_erasure,
    erase_case,
    refuse_erasure,
    replay_erasures,
    require_orders_over,
)
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.sharing import NewShare, Share, end_share, share_case, shares_of
from fanzha.cases.case import Case, CaseEntry, EntryKind
from fanzha.cases.retention import Classes, kept_until, require_erasable, retention_classes
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Forbidden, Illegal, Invalid
from fanzha.kernel.ids import CaseId, ImportId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.rulebook import load_retention
from fanzha.wiring.erasure_log import keep_erasure_log
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places

_log = structlog.get_logger()

HOLD, SHARE, ERASE, EDIT = "cases.hold", "sharing.give", "subjects.erase", "cases.edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a case is kept: held by which entry, shared with whom, asked to be erased by whom.

    `kept_until` is None before its end and where a person decides; `kept_because` is None when it may be erased.
    """

    case: Case
    kept_until: datetime | None
    hold: CaseEntry | None
    shares: Sequence[Share]
    asked: CaseEntry | None
    kept_because: Illegal | None


def keeping_of(house: House, actor: Actor, ref: str) -> Keeping:
    """How the case is kept."""
    require(actor, "cases.read")
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        holds = case_entries(connection, case.id, EntryKind.HOLD)
        return Keeping(
            case=case,
            kept_until=kept_until(case, _classes()),
            hold=holds[-1] if case.held else None,
            shares=shares_of(connection, case.id, house.now()),
            asked=asked_erasure(connection, case.id),
            kept_because=_kept_because(connection, case, house.now()),
        )


def hold(house: House, actor: Actor, ref: str, held: bool, reason: str) -> None:
    """Put the case under a legal hold, so that nothing of it is erased, or release it."""
    require(actor, HOLD)
    with house.act(actor) as connection:
        set_hold(connection, case_by_ref(connection, ref).id, held, reason, actor, house.now())


def share(house: House, actor: Actor, ref: str, new: NewShare) -> None:
    """Let another unit read the case."""
    require(actor, SHARE)
    with house.act(actor) as connection:
        share_case(connection, case_by_ref(connection, ref).id, new, actor, house.now())


def unshare(house: House, actor: Actor, ref: str, unit: UnitPath, reason: str) -> None:
    """Withdraw a grant before its day."""
    require(actor, SHARE)
    with house.act(actor) as connection:
        end_share(connection, case_by_ref(connection, ref).id, unit, reason, actor, house.now())


def ask(house: House, actor: Actor, ref: str, reason: str) -> None:
    """Ask that the case be erased; somebody else has to confirm it."""
    _require_erasing(actor)
    with house.act(actor) as connection:
        ask_erasure(connection, case_by_ref(connection, ref).id, _classes(), reason, actor, house.now())


def refuse(house: House, actor: Actor, ref: str, reason: str) -> None:
    """The case is not erased; whoever asked takes it back so, too."""
    _require_erasing(actor)
    with house.act(actor) as connection:
        refuse_erasure(connection, case_by_ref(connection, ref).id, reason, actor, house.now())


def erase(house: House, actor: Actor, ref: str) -> int:
    """Erase the case that another person asked to have erased; how many imports died."""
    require(actor, ERASE)
    with house.act(actor) as connection:
        case = case_by_ref(connection, ref)
        dead = erase_case(connection, case.id, _classes(), actor, house.now())
    remove_dead(house, case.id, dead)
    _keep_log(house)
    return len(dead)


def erase_again(house: House, actor: Actor, log: Sequence[Erasure]) -> list[Erasure]:
    """After a restore: what the log says was erased and the restored data still held is erased again."""
    require(actor, ERASE)
    with house.act(actor) as connection:
        done = replay_erasures(connection, log, actor)
        dead = {each.object_id: list_imports(connection, CaseId(UUID(each.object_id))) for each in done}
    for case_id, imports in dead.items():
        remove_dead(house, CaseId(UUID(case_id)), [each.id for each in imports])
    _keep_log(house)
    return done


def end_of_day(day: str) -> datetime:
    """The first instant after a day (`2026-12-31`) in Shanghai; `Invalid` for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), SHANGHAI)
    except (ValueError, OverflowError):
        raise Invalid("cases.bad_day") from None


def remove_dead(house: House, case_id: CaseId, dead: Sequence[ImportId]) -> None:
    """Take the files of an erased case away, after its keys are gone for good."""
    for each in dead:
        places(house).remove_import(each)
    places(house).remove_reconciliations(case_id, but=[])
    places(house).remove_kept(case_id)


def _keep_log(house: House) -> None:
    """The erasure itself is done: a keys folder that cannot be written is logged here, and stops the next backup."""
    try:
        keep_erasure_log(house)
    except OSError as refused:
        _log.error("erasures.log_not_kept", kind=type(refused).__name__)


def _require_erasing(actor: Actor) -> None:
    """Who works on a case knows first that it is to go; who guards personal data may ask for any."""
    if not (actor.may(EDIT) or actor.may(ERASE)):
        raise Forbidden("access.not_permitted", permission=ERASE)


def _kept_because(connection: Connection, case: Case, now: datetime) -> Illegal | None:
    try:
        require_erasable(case, _classes(), now)
        require_orders_over(connection, case)
    except Illegal as kept:
        return kept
    return None


def _classes() -> Classes:
    return retention_classes(load_retention())
