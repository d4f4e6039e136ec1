"""The chase of an incident: each wish recomputes everything from the case's data and lets leave what people allowed.

One transaction a round, alone on the case: what an answer told is in the case's ledger already, and what leaves is rows
of work in the same transaction (house section 6).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.authorities import KeptUse, keep_uses
from fanzha.adapters.store.case_orders import any_stop_restricts
from fanzha.adapters.store.cases import case_for_change
from fanzha.adapters.store.imports import Import, included_imports_of
from fanzha.adapters.store.incidents import Stakes, keep_incident_entries, keep_stakes
from fanzha.adapters.store.orders import stops_on_each
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.wishes import Due, take_back_due, waiting_keys
from fanzha.adapters.store.work import NewWork, Work, enqueue_all
from fanzha.cases.incident import Incident, IncidentEntry, IncidentEntryKind, IncidentState
from fanzha.cases.joined import payments_of
from fanzha.i18n import text
from fanzha.kernel.errors import Conflict, FanzhaError, Illegal, Invalid, Unavailable
from fanzha.kernel.ids import CaseId, SubjectId, uuid7
from fanzha.kernel.money import shared_out
from fanzha.orders.authority import Authority, Use
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Order, TargetKind
from fanzha.wiring.batches import Done, Later, Outcome
from fanzha.wiring.chase_cases import Chased, chased, locked
from fanzha.wiring.chase_look import Look
from fanzha.wiring.chase_scene import Scene, first_scene, scene_of, scenes_alone
from fanzha.wiring.chase_terms import kept_to_terms, owner, reviews_end
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.incidents import CHASES_FOR, NEXT_WORK, REPORT_WORK, ROUND_KINDS, wish_chase, wished_chase
from fanzha.wiring.ledgers import keep_ledger
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import Prepared, open_order, open_prepared, prepared_by_hand, prepared_under
from fanzha.workflows.chase_funds import ChaseMove, Waiting
from fanzha.workflows.chase_leads import LeadFacts

AGAIN = timedelta(minutes=2)
"""How often a young chase looks by itself: chances fall, statements grow old."""
AGAIN_SHARE = 10
"""An older chase looks again after a tenth of its age."""
SAME_ROUND = "same_round"
LOOK = "at"
"""With this begins what a look without a cause has for one in its key: its time."""


def do_chases(connection: Connection, house: House, rows: Sequence[Work]) -> Mapping[UUID, Outcome]:
    """One round for the incident that all these rows name, however many they are, and for all that are chased with it.

    What would leave under a shift's authority does where a report asks, and else is wished for as such.
    """
    try:
        found = locked(connection, str(rows[0].payload["number"]))
    except Unavailable:  # others go first, and it comes again as if for the first time
        return {each.id: Later(due_at=house.now()) for each in rows}
    desk = Desk(house=house, connection=connection, actor=worker(found.asked.unit_path))
    told = chase_round(desk, found, is_first=any(each.kind == REPORT_WORK for each in rows))
    return {each.id: Done(progress=told) for each in rows}


def chase_round(desk: Desk, found: Chased, *, is_first: bool) -> Mapping[str, object]:
    """One round for an incident and for all that are chased with it; what is told of it."""
    take_back(desk, [found])
    counting = included_imports_of(desk.connection, {found.case.id: found.cases})
    if not alive(found):
        return _judged_still(desk, found, counting)
    scenes = [first_scene(desk, found, counting)] if is_first else scenes_alone(desk, [found], counting)
    (told,) = _played(desk, scenes, counting)
    return told


def chase_rounds(desk: Desk, some: Sequence[Chased]) -> list[Mapping[str, object]]:
    """A round of each of these chases of one unit, no first one and none that is over; what is told of each."""
    take_back(desk, some)
    counting = included_imports_of(desk.connection, {each.case.id: each.cases for each in some})
    return _played(desk, scenes_alone(desk, some, counting), counting)


def _played(
    desk: Desk, scenes: Sequence[Scene], counting: Mapping[CaseId, Sequence[Import]]
) -> list[Mapping[str, object]]:
    """What the scenes come to: stops kept to their terms, orders that leave, how each chase stands."""
    scenes = kept_to_terms(desk, scenes)
    foresee(desk, [each.look for each in scenes], {account for each in scenes for account in stopped(each)})
    leaving = [leaving_of(desk, each) for each in scenes]
    for each in leaving:
        found = each.seen.look.chased
        if any(move.waits == Waiting.FIRST_ROUND for move in each.seen.moves):
            _wish_first(desk, alive(found)[0])
        if not each.orders:  # it rests: what each round reckons is kept once, not once a round, and before orders leave
            keep_ledger(desk.house, desk.connection, found.case, counting[found.case.id])
    return let_leave(desk, leaving)


def stopped(seen: Scene) -> set[SubjectId]:
    """The accounts that a scene stops by itself."""
    return {each.account.subject for each, _ in _leaving(seen.moves) if each.kind is OrderKind.STOP}


def alive(found: Chased) -> list[Incident]:
    """Those of the incidents whose chase people did not close."""
    return [each for each in found.together if each.state is not IncidentState.CLOSED]


def take_back(desk: Desk, some: Sequence[Chased]) -> None:
    """Rows that need no round of their own beside the one that begins now are done: their cause is committed, so that
    it is seen; and looks without a cause, but for the one that is wished for now, by which the chase looks next by
    itself while the last report of those chased together is young."""
    now, by, then = desk.now, dict[str, datetime](), list[NewWork]()
    for found in some:
        by |= {f"{each.id}:": now for each in found.together}
        chasing = alive(found)
        if chasing and (again := look_again(chasing[-1].taken_at, now)) < chasing[-1].taken_at + CHASES_FOR:
            by |= {f"{each.id}:{LOOK}": again - timedelta(microseconds=1) for each in found.together}
            then.append(wished_chase(chasing[-1], f"{LOOK}{int(again.timestamp())}", again))
    due = Due(kinds=ROUND_KINDS, by=by, then=then)
    take_back_due(desk.connection, due, SAME_ROUND, now, desk.house.wall.now())


def _judged_still(desk: Desk, found: Chased, counting: Mapping[CaseId, Sequence[Import]]) -> Mapping[str, object]:
    """A chase that people closed: nothing leaves any more, but what it stopped ends by its terms, or is called for."""
    if any_stop_restricts(desk.connection, found.cases):
        (seen,) = kept_to_terms(desk, scenes_alone(desk, [found], counting))
        enqueue_all(desk.connection, [*_reviews(seen.look, found.asked, desk.now)], desk.now)
    return {"left": 0, "over": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What leaves in a scene: each move, the authority under which it does, and its order but for the number."""

    seen: Scene
    orders: Sequence[tuple[ChaseMove, Authority, Prepared]]


def let_leave(desk: Desk, some: Sequence[Leaving]) -> list[Mapping[str, object]]:
    """What is allowed leaves, every chase says how it stands and when a stop is looked at again; what is told of each
    round.

    The caller holds the locks of their cases, and of the authorities under which something leaves. Orders come last:
    from their numbers on everybody waits who makes one.
    """
    scenes = [each.seen for each in some]
    reviews = [each for seen in scenes for each in _reviews(seen.look, alive(seen.look.chased)[-1], desk.now)]
    enqueue_all(desk.connection, reviews, desk.now)
    keep_stakes(desk.connection, {who: each for seen in scenes for who, each in stakes_at(seen, desk.now).items()})
    uses = _left(desk, some)
    if uses:
        with desk.as_house() as as_house:
            keep_uses(as_house, uses, desk.now)
    return [{"left": len(each.orders), "waiting": sum(not move.leaves for move in each.seen.moves)} for each in some]


def _wish_first(desk: Desk, incident: Incident) -> None:
    """Let the chase look as first rounds do, unless it is about to."""
    if not waiting_keys(desk.connection, REPORT_WORK, [f"{incident.id}:"]):
        cause = f"first{uuid7(desk.now, desk.house.chance)}"
        wish_chase(desk.connection, incident, cause, desk.now, REPORT_WORK)


def _reviews(look: Look, incident: Incident, now: datetime) -> Iterator[NewWork]:
    """The rows by which a chase looks when people had their time to look at a stop."""
    for order, ends_at in reviews_end(look, now):
        yield wished_chase(incident, f"review{order.number}", ends_at)


def look_again(taken_at: datetime, now: datetime) -> datetime:
    """When a chase looks next by itself: on a grid, so that however many causes wake it, it keeps one beat."""
    rest = max(AGAIN, (now - taken_at) / AGAIN_SHARE)
    beats = -(-(now - taken_at + rest) // AGAIN)
    return taken_at + beats * AGAIN


def _leaving(moves: Sequence[ChaseMove]) -> Iterator[tuple[ChaseMove, UUID]]:
    """Stops first, whatever they are worth: they hold money."""
    for each in sorted(moves, key=lambda one: one.kind is not OrderKind.STOP):
        if each.authority_id is not None:
            yield each, each.authority_id


def stakes_at(seen: Scene, now: datetime) -> Mapping[UUID, Stakes]:
    """What a chase has in hand, can still expect beyond it, and has lost, for each incident: nothing counts for two."""
    held, expected, doubtful, gone = Counter[UUID](), Counter[UUID](), Counter[UUID](), Counter[UUID]()
    look, lying = seen.look, Counter[int]()
    for account in {**look.facts, **look.orders}:
        holding = sum(each.holding_fen for each in look.orders.get(account, ()))
        held.update(_whose(look, account, holding))
        if account in look.facts:
            facts = look.facts[account]
            free = max(0, facts.lead.fen - holding)
            hoped = 0 if holds_all(look.orders.get(account, ())) else min(facts.lead.recoverable_fen, free)
            expected.update(_whose(look, account, hoped))
            doubtful.update(_whose(look, account, free - hoped))
            lying.update(facts.parts)
    for place, told in enumerate(payments_of(look.chased.together)):
        gone[told.of[0]] += max(0, told.payment.amount_fen - lying[place])
    waiting = stops_waiting(seen)
    return {
        each: Stakes(
            held_fen=held[each],
            recoverable_fen=expected[each],
            doubtful_fen=doubtful[each],
            gone_fen=gone[each],
            stops_waiting=waiting,
            looked_at=now,
        )
        for each in (one.id for one in look.chased.together)
    }


def holds_all(orders: Iterable[Order]) -> bool:
    """Whether a stop or a freeze is in force on an account: what it does not hold is not there any more."""
    return any(each.in_force and each.kind in {OrderKind.STOP, OrderKind.FREEZE} for each in orders)


def stops_waiting(seen: Scene) -> int:
    """Accounts of the chase whose stop waits for a person."""
    return sum(each.for_a_person for each in seen.moves)


def stops_together(seen: Scene) -> int:
    """Those of them that a person may draft in one press."""
    return sum(each.may_go_with_others for each in seen.moves)


def _whose(look: Look, account: SubjectId, amount: int) -> Mapping[UUID, int]:
    """The part of each incident in what is held or expected of an account, by what of its money lies there."""
    parts = look.parts.get(account) or {owner(look, account).id: 1}
    return dict(zip(parts, shared_out(amount, [*parts.values()]), strict=True))


def _left(desk: Desk, some: Sequence[Leaving]) -> list[KeptUse]:
    """What the orders that left use up of their authorities."""
    leaving = [order for each in some for order in each.orders]
    opened = open_prepared(desk, [prepared for _, _, prepared in leaving])
    return [
        KeptUse(authority=authority, order_id=order.id, use=use_of(move), layer=move.account.lead.layer)
        for (move, authority, _), order in zip(leaving, opened, strict=True)
    ]


def leaving_of(desk: Desk, seen: Scene) -> Leaving:
    """The orders that leave in a scene; what hinders one is written, and a person sees it."""
    look, case = seen.look, seen.look.chased.case
    leaving: list[tuple[ChaseMove, Authority, Prepared]] = []
    balked: dict[UUID, list[IncidentEntry]] = defaultdict(list)
    for move, by in _leaving(seen.moves):
        authority = seen.authorities[by]
        try:
            leaving.append((move, authority, prepared_under(desk, case, _order(desk, look, move), authority)))
        except Unavailable:
            raise  # passes by itself: the whole round is done again
        except FanzhaError as failure:
            balked[owner(look, move.account.subject).id].append(_balked(move, failure, desk.now))
    for each in look.chased.together:
        if each.id in balked:
            keep_incident_entries(desk.connection, each, balked[each.id], desk.actor, desk.now)
    return Leaving(seen=seen, orders=leaving)


def foresee(desk: Desk, looks: Sequence[Look], stopped: Collection[SubjectId]) -> None:
    """What every order of these rounds would ask for by itself is known to the desk at once, `stopped` the accounts
    that may be stopped."""
    for case in (each.chased.case for each in looks):
        desk.known["stands", case.id] = case.id  # an incident stands in no case that was joined to another
        desk.known["paper.case", case.id] = case
        if case.since == case.opened_at:  # it never moved, so that nobody filed it
            desk.known["paper.filed", case.id] = []
    for profile in (one for each in looks for one in each.profiles.values()):
        desk.known["institution", profile.institution.name] = profile
        desk.known["paper.institution", profile.id] = profile.institution
    if stopped:
        desk.known.update({("stops", each): many for each, many in stops_on_each(desk.connection, stopped).items()})


def _balked(move: ChaseMove, failure: FanzhaError, now: datetime) -> IncidentEntry:
    return IncidentEntry(
        kind=IncidentEntryKind.BALKED,
        at=now,
        by_id=None,
        by_name=HOUSE.name,
        value=f"{move.kind.value}:{failure.code}",
        subject=move.account.subject,
    )


def use_of(move: ChaseMove) -> Use:
    """What an order for this move uses up of its authority."""
    return Use(kind=move.kind, account=move.account.subject, traceable_fen=move.traceable_fen)


def _order(desk: Desk, look: Look, move: ChaseMove) -> NewOrder:
    facts, subject = look.facts[move.account.subject], move.account.subject
    reason = text(
        "zh", f"incidents.reason.{move.kind}", number=owner(look, subject).number, layer=move.account.lead.layer
    )
    return NewOrder(
        case_id=look.chased.case.id,
        kind=move.kind,
        institution=look.profiles[subject].institution.name,
        target_kind=TargetKind.ACCOUNT,
        number=facts.identifiers[0],
        holder=facts.name,
        holder_class=move.holder_class,
        terms=move.terms(desk.now),
        reason=reason,
        payment=_payment(facts) if move.kind is OrderKind.STOP else None,
        victim_traceable_fen=move.traceable_fen if move.kind is OrderKind.STOP else None,
    )


def draft_move(desk: Desk, number: str, kind: OrderKind, account: SubjectId, holder: str = "") -> Order:
    """What waits for a person, drafted by one: it is signed like any order; `holder` is whom the person names.

    Who waits for another on the case sees what that one drafted.
    """
    require(desk.actor, "orders.draft")
    seen = _waited_for(desk, number)
    for each in seen.moves:
        if each.kind is kind and each.account.subject == account:
            new = _by_hand(desk, seen.look, each)
            order = open_order(desk, replace(new, holder=holder) if holder else new)
            wish_chase(desk.connection, seen.look.chased.asked, f"drafted{order.number}", desk.now, NEXT_WORK)
            return order
    raise Conflict("incidents.move_gone")


def draft_stops(desk: Desk, number: str) -> list[Order]:
    """Every stop that waits for a person, of all incidents that are chased together, drafted by one at once.

    Not those that may take much from somebody who knows nothing: they are looked at one by one. One that cannot be
    drafted keeps none of the others back; where none can, why the first cannot is raised.
    """
    require(desk.actor, "orders.draft")
    seen, ready, failures = _waited_for(desk, number), list[Prepared](), list[FanzhaError]()
    for each in seen.moves:
        if each.may_go_with_others:
            try:
                ready.append(prepared_by_hand(desk, seen.look.chased.case, _by_hand(desk, seen.look, each)))
            except Unavailable:
                raise
            except FanzhaError as failure:
                failures.append(failure)
    if not ready:
        raise failures[0] if failures else Conflict("incidents.move_gone")
    drafted = open_prepared(desk, ready)
    wish_chase(desk.connection, seen.look.chased.asked, f"drafted{drafted[0].number}", desk.now, NEXT_WORK)
    return drafted


def _waited_for(desk: Desk, number: str) -> Scene:
    """The chase for a person, who is alone on its case from now on, however long somebody else was."""
    case_for_change(desk.connection, chased(desk.connection, number).case.id, desk.actor)
    return scene_of(desk, locked(desk.connection, number))


def _by_hand(desk: Desk, look: Look, move: ChaseMove) -> NewOrder:
    """What a person drafts of a move, where its institution is known and takes it."""
    account = move.account.subject
    if account not in look.profiles:
        raise Invalid("institutions.none", institution=look.facts[account].bank)
    if move.account.papers_first:
        raise Illegal("orders.papers_first", institution=look.profiles[account].institution.name_zh)
    return _order(desk, look, move)


def _payment(facts: LeadFacts) -> NewPayment:
    """The payment that brought the money there, as the account's bank can look it up."""
    return NewPayment(amount_fen=facts.paid_fen, at=facts.paid_at, payer=facts.payer, payer_name=facts.payer_name)
