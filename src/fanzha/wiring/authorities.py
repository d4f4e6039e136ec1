"""Standing authority as people give it: drafted, signed, narrowed, taken back, and what left under it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.authorities import (
    authorities_for,
    authority_for_change,
    keep_authority_entry,
    keep_drafted,
    lock_authorities,
    next_authority_number,
    uses_of,
)
from fanzha.adapters.store.incidents import IncidentQuery, incident_numbered, incidents
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.unit_of_work import for_a_moment_as_worker
from fanzha.cases.incident import Incident, IncidentState
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.ids import uuid7
from fanzha.kernel.money import fen
from fanzha.kernel.units import covers
from fanzha.orders.authority import (
    NOTHING_USED,
    AccountSort,
    Authority,
    Limits,
    Reach,
    Used,
    drafted_authority,
    narrowed,
    signed_authority,
    withdrawn,
)
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Capacity
from fanzha.orders.signing import Signer
from fanzha.rulebook import load_chase
from fanzha.wiring.cards import require_card_to_sign
from fanzha.wiring.delegating import own_now
from fanzha.wiring.desk import Desk
from fanzha.wiring.incidents import CHASES_FOR, NEXT_WORK, wish_chase
from fanzha.wiring.law import law_at
from fanzha.workflows.chase_funds import Standing

MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAuthority:
    """What somebody asks to be allowed: for a shift's first stops, or for the incident of that number."""

    kinds: frozenset[OrderKind]
    limits: Limits
    until: datetime
    reason: str
    incident: str = ""
    id: UUID | None = None


def draft_authority(desk: Desk, new: NewAuthority) -> Authority:
    """Put an authority forward for signature; its drafter will stand as operator on what leaves under it."""
    require(desk.actor, "orders.draft")
    if desk.actor.user_id is None:
        raise Forbidden("orders.by_nobody")
    law = law_at(desk.now)
    needed = [law.signing(kind, Act.APPLY).signers for kind in sorted(new.kinds)]
    incident = incident_numbered(desk.connection, new.incident) if new.incident else None
    told = Authority(
        id=new.id or uuid7(desk.now, desk.house.chance),
        number=next_authority_number(desk.connection, desk.now),
        unit_path=desk.actor.scope if incident is None else incident.unit_path,
        reach=Reach.FIRST_STOPS if incident is None else Reach.INCIDENT,
        incident_id=None if incident is None else incident.id,
        kinds=new.kinds,
        limits=new.limits,
        since=desk.now,
        until=new.until,
        drafted_at=desk.now,
        drafted_by=desk.by,
        reason=new.reason.strip(),
        needs=tuple(dict.fromkeys(Capacity(each) for signers in needed for each in signers)),
    )
    keep_drafted(desk.connection, drafted_authority(told, law.authority), desk.actor, desk.now)
    return told


def sign_authority(desk: Desk, number: str) -> Authority:
    """Sign in the first capacity that is missing and that is this person's own."""
    told = authority_for_change(desk.connection, number, desk.actor)
    signer = Signer(by=desk.by, own=own_now(desk))
    entry = signed_authority(told, signer, desk.now)
    require_card_to_sign(desk, entry.capacity)
    told = keep_authority_entry(desk.connection, told, entry, desk.actor, desk.now)
    if told.stands(desk.now):
        _let_look(desk, told)
    return told


def narrow_authority(desk: Desk, number: str, limits: Limits, reason: str) -> Authority:
    """Narrower limits, at once; what is wider in any part is a new authority, signed anew."""
    told = authority_for_change(desk.connection, number, desk.actor)
    entry = narrowed(told, limits, desk.by, reason.strip(), desk.now)
    return keep_authority_entry(desk.connection, told, entry, desk.actor, desk.now)


def withdraw_authority(desk: Desk, number: str, reason: str) -> Authority:
    """From now on nothing leaves under it."""
    told = authority_for_change(desk.connection, number, desk.actor)
    entry = withdrawn(told, desk.by, reason, desk.now)
    return keep_authority_entry(desk.connection, told, entry, desk.actor, desk.now)


def proposed(name: str) -> Limits:
    """The limits that the rulebook proposes for a shift or an incident."""
    tables: Mapping[str, Mapping[str, Mapping[str, object]]] = load_chase()  # type: ignore[assignment]
    told = tables["limits"][name]
    return Limits(
        layers=int(str(told["layers"])),
        accounts=int(str(told["accounts"])),
        total_fen=fen(int(str(told["total_fen"]))),
        least_traceable_fen=fen(int(str(told["least_traceable_fen"]))),
        least_share_ppm=int(str(told["least_share_ppm"])),
        excluded=frozenset(AccountSort(str(each)) for each in list(told["excluded"])),  # type: ignore[call-overload]
    )


def standing_for(desk: Desk, together: Sequence[Incident], alone_on: Collection[UUID] | None = None) -> list[Standing]:
    """The authorities that may cover incidents of one unit now, theirs first.

    With `alone_on` nobody else uses these and the incidents' own until the transaction ends, and the others look as if
    nobody had used them. The house looks: an authority of the city covers a county whose worker cannot see it.
    """
    ids, unit = [each.id for each in together], together[0].unit_path
    with desk.as_house() as as_house:
        mine = frozenset[UUID]() if alone_on is None else lock_authorities(as_house, ids, alone_on)
        found = authorities_for(as_house, ids, unit, desk.now)
    if alone_on is not None:  # one of an incident that was put forward and signed since is used by the next round
        found = [each for each in found if each.incident_id is None or each.id in mine]
    counted = [each for each in found if alone_on is None or each.incident_id is not None or each.id in alone_on]
    used = _used(desk, counted)
    return [Standing(authority=each, used=used.get(each.id, NOTHING_USED)) for each in found]


def _used(desk: Desk, found: Sequence[Authority]) -> Mapping[UUID, Used]:
    """What is used up of each, counted by the unit that gave it: the house itself sees no order's answer."""
    used: dict[UUID, Used] = {}
    for unit in {each.unit_path for each in found}:
        with for_a_moment_as_worker(desk.connection, unit, desk.now) as giver:
            used |= uses_of(giver, [each.id for each in found if each.unit_path == unit])
    return used


def _let_look(desk: Desk, told: Authority) -> None:
    """Chases that waited for this go on at once: the incident's, or every young one of the unit."""
    young = IncidentQuery(id=told.incident_id, since=desk.now - CHASES_FOR, limit=MOST_WAITING)
    for each in incidents(desk.connection, young):
        if each.state is not IncidentState.CLOSED and covers(told.unit_path, each.unit_path):
            wish_chase(desk.connection, each, told.number, desk.now, NEXT_WORK)
