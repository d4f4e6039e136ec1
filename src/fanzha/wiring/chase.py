"""The chase of an incident: each wish recomputes everything from the case's data and lets leave what people allowed.

One transaction a round, alone on the case: what an answer told is in the case's ledger already, and what leaves is rows
of work in the same transaction (house section 6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.authorities import KeptUse, keep_uses
from fanzha.adapters.store.cases import joined_cases
from fanzha.adapters.store.incidents import Stakes, incident_numbered, keep_incident_entries, keep_stakes
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.wishes import Due, take_back_due
from fanzha.adapters.store.work import Work
from fanzha.cases.incident import IncidentEntry, IncidentEntryKind, IncidentState
from fanzha.i18n import text
from fanzha.kernel.errors import Conflict, FanzhaError, Invalid, Unavailable
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.money import shared_out
from fanzha.orders.authority import Authority, Use
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, TargetKind
from fanzha.wiring.batches import Batch, Done, Outcome
from fanzha.wiring.chase_scene import Scene, incidents_of, scene
from fanzha.wiring.chase_terms import kept_to_terms, owner
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASE_WORK, CHASES_FOR, locked_incident, wish_chase
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import open_order, opened_under
from fanzha.workflows.chase_funds import ChaseMove
from fanzha.workflows.chase_leads import LeadFacts

AGAIN = timedelta(minutes=2)
"""How often a young chase looks by itself: chances fall, statements grow old."""
AGAIN_SHARE = 10
"""An older chase looks again after a tenth of its age."""
ROUNDS_AT_ONCE = 8
"""Causes taken at once: what is more urgent waits for no more rounds than these."""
SAME_ROUND = "same_round"


def do_chases(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """One round for the incident that all these rows name, however many they are, and for all that are chased with it.

    A round holds the locks of its case and of its authorities: two incidents in one transaction could wait for
    another worker that holds them the other way round.
    """
    told = Done(progress=_round(connection, house, _incident_of(rows[0])))
    return {each.id: told for each in rows}


def _incident_of(row: Work) -> str:
    return str(row.payload["number"])


CHASES = Batch(do=do_chases, limit=ROUNDS_AT_ONCE, apart=_incident_of)


def _round(connection: Connection, house: House, number: str) -> Mapping[str, object]:
    incident = locked_incident(connection, number)
    desk = Desk(house=house, connection=connection, actor=worker(incident.unit_path))
    together = incidents_of(connection, joined_cases(connection, incident.stands_in))
    alive = [each for each in together if each.state is not IncidentState.CLOSED]
    if not alive:
        return {"left": 0, "over": True}
    # What caused these rows is committed, so that this round sees it: they need none of their own.
    due = Due(kind=CHASE_WORK, prefixes=[f"{each.id}:" for each in together], by=desk.now)
    take_back_due(connection, due, SAME_ROUND, house.wall.now())
    seen = scene(desk, alive[0].number, lock=True)
    seen = kept_to_terms(desk, seen)
    left = [_left(desk, seen, each, seen.authorities[by]) for each, by in _leaving(seen.moves)]
    uses = [each for each in left if each is not None]
    with desk.as_house() as as_house:
        keep_uses(as_house, uses, desk.now)
    again = look_again(alive[-1].taken_at, desk.now)
    if again < alive[-1].taken_at + CHASES_FOR:
        wish_chase(connection, alive[-1], f"at{int(again.timestamp())}", again)
    keep_stakes(connection, stakes_at(seen, desk.now))
    return {"left": len(uses), "waiting": sum(not each.leaves for each in seen.moves)}


def look_again(taken_at: datetime, now: datetime) -> datetime:
    """When a chase looks next by itself: on a grid, so that however many causes wake it, it keeps one beat."""
    rest = max(AGAIN, (now - taken_at) / AGAIN_SHARE)
    beats = -(-(now - taken_at + rest) // AGAIN)
    return taken_at + beats * AGAIN


def _leaving(moves: Sequence[ChaseMove]) -> Iterator[tuple[ChaseMove, UUID]]:
    """Stops first, whatever they are worth: they hold money, and all rounds take numbers of orders in one sequence."""
    for each in sorted(moves, key=lambda one: (one.kind is not OrderKind.STOP, one.kind)):
        if each.authority_id is not None:
            yield each, each.authority_id


def stakes_at(seen: Scene, now: datetime) -> Mapping[UUID, Stakes]:
    """What a chase has in hand and can still expect beyond it, for each incident: nothing is counted for two."""
    held, expected, waiting = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    for account in {**seen.facts, **seen.orders}:
        holding = sum(each.holding_fen for each in seen.orders.get(account, ()))
        held.update(_whose(seen, account, holding))
        if account in seen.facts:
            lead = seen.facts[account].lead
            expected.update(_whose(seen, account, min(lead.recoverable_fen, max(0, lead.fen - holding))))
    for each in seen.moves:
        waiting[owner(seen, each.account.subject).id] += not each.leaves
    return {
        each.id: Stakes(
            held_fen=held[each.id], recoverable_fen=expected[each.id], waiting=waiting[each.id], looked_at=now
        )
        for each in seen.incidents
    }


def _whose(seen: Scene, account: SubjectId, amount: int) -> Mapping[UUID, int]:
    """The part of each incident in what is held or expected of an account, by what of its money lies there."""
    parts = seen.parts.get(account) or {owner(seen, account).id: 1}
    return dict(zip(parts, shared_out(amount, [*parts.values()]), strict=True))


def _left(desk: Desk, seen: Scene, move: ChaseMove, authority: Authority) -> KeptUse | None:
    """What the order that left uses up of its authority; what hinders it is written, and a person sees it."""
    try:
        with desk.connection.begin_nested():
            order = opened_under(desk, _order(desk, seen, move), authority)
    except Unavailable:
        raise  # passes by itself: the whole round is done again
    except FanzhaError as failure:
        entry = IncidentEntry(
            kind=IncidentEntryKind.BALKED,
            at=desk.now,
            by_id=None,
            by_name=HOUSE.name,
            value=f"{move.kind.value}:{failure.code}",
            subject=move.account.subject,
        )
        now_told = incident_numbered(desk.connection, owner(seen, move.account.subject).number)
        keep_incident_entries(desk.connection, now_told, [entry], desk.actor, desk.now)
        return None
    use = Use(kind=move.kind, account=move.account.subject, traceable_fen=move.traceable_fen)
    return KeptUse(authority=authority, order_id=order.id, use=use, layer=move.account.lead.layer)


def _order(desk: Desk, seen: Scene, move: ChaseMove) -> NewOrder:
    facts, subject = seen.facts[move.account.subject], move.account.subject
    reason = text(
        "zh", f"incidents.reason.{move.kind}", number=owner(seen, subject).number, layer=move.account.lead.layer
    )
    return NewOrder(
        case_id=seen.case.id,
        kind=move.kind,
        institution=seen.profiles[subject].institution.name,
        target_kind=TargetKind.ACCOUNT,
        number=facts.identifiers[0],
        holder=facts.name,
        holder_class=move.holder_class,
        terms=move.terms(desk.now),
        reason=reason,
        payment=_payment(facts) if move.kind is OrderKind.STOP else None,
        victim_traceable_fen=move.traceable_fen if move.kind is OrderKind.STOP else None,
    )


def draft_move(desk: Desk, number: str, kind: OrderKind, account: SubjectId) -> Order:
    """What waits for a person, drafted by one: it is signed like any order."""
    seen = scene(desk, number)
    for each in seen.moves:
        if each.kind is kind and each.account.subject == account:
            if account not in seen.profiles:
                raise Invalid("institutions.none", institution=seen.facts[account].bank)
            return open_order(desk, _order(desk, seen, each))
    raise Conflict("incidents.move_gone")


def _payment(facts: LeadFacts) -> NewPayment:
    """The payment that brought the money there, as the account's bank can look it up."""
    return NewPayment(amount_fen=facts.paid_fen, at=facts.paid_at, payer=facts.payer, payer_name=facts.payer_name)
