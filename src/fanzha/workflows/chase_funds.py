"""The chase: what leaves now under standing authority, and what waits for a person (house section 6).

It joins what tracing finds worth doing, what orders were made already and what people allowed; it decides nothing that
nobody signed for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from fanzha.cases.incident import Incident, IncidentState
from fanzha.kernel.ids import InstitutionId, SubjectId
from fanzha.kernel.money import Fen, fen
from fanzha.orders.authority import NOTHING_USED, AccountSort, Authority, Denial, Use, Used, Wanted, denial
from fanzha.orders.effects import RESTRICTING, Effect, OrderKind
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import Order, QueryOf, Terms
from fanzha.orders.proportion import Lying
from fanzha.tracing.frontier import PPM, Lead

QUERY_AGAIN = timedelta(minutes=10)
"""A statement so old tells too little of money that was seen to lie there: it is asked for again, and the next time
after twice as long."""
BEFORE = timedelta(days=1)
"""A statement is asked for from so long before the money came: what lay there tells whose the rest is."""
AHEAD = timedelta(days=1)
"""A statement is asked for until so long after now, so that it tells what moves while its bank works on it."""
MONITOR_DAYS = 30
ROUND_MOVES = 60
"""Orders that leave in one round of a chase; the next round goes on."""


class Waiting(StrEnum):
    """Why a move waits for a person, beyond what authorities deny."""

    NO_AUTHORITY = "no_authority"
    INCOMPLETE = "incomplete"
    NO_INSTITUTION = "no_institution"
    NO_NAME = "no_name"
    HALTED = "halted"
    ROUND_FULL = "round_full"
    FIRST_ROUND = "first_round"
    PAPERWORK = "paperwork"
    PAPERS_FIRST = "papers_first"
    OWN_MONEY = "own_money"
    LET_GO = "let_go"


_FOR_NOBODY = frozenset({Waiting.HALTED, Waiting.ROUND_FULL, Waiting.FIRST_ROUND})
_ONE_BY_ONE = frozenset({Waiting.OWN_MONEY, Waiting.LET_GO, Denial.SHARE, Denial.SORT})
"""Why a stop waits that may take much from somebody who knows nothing: people look at each before they draft it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasedAccount:
    """An account that the chase looks at: who it is, where, what sort, and what its bank last told of its balance.

    `told_class`: the sort that its bank told; `own_fen`: what lay there all the while, its holder's own;
    `came_last_at`: when victims' money came there last; `is_named`: a report names it; `has_name`: its holder's name is
    known, without which no bank stops it; `is_complete`: no figure of its number is hidden, else no bank finds it;
    `of`: the incidents whose money lies there, of which a person halted one (`is_halted`) or closed all (`is_over`);
    `lacks_papers`: the time in which the papers of one of them had to follow is over; `papers_first`: nobody has seen
    papers for any of them, and the account's institution does nothing before; `is_absent`: its institution says that
    it keeps no such account.
    """

    lead: Lead
    subject: SubjectId
    institution_id: InstitutionId | None
    sorts: frozenset[AccountSort] = frozenset()
    told_class: AccountSort | None = None
    balance_fen: Fen | None = None
    own_fen: Fen | None = None
    came_last_at: datetime | None = None
    is_named: bool = False
    has_name: bool = True
    is_complete: bool = True
    of: frozenset[UUID] = frozenset()
    is_halted: bool = False
    is_over: bool = False
    lacks_papers: bool = False
    papers_first: bool = False
    is_absent: bool = False

    @property
    def lying(self) -> Lying:
        """What lies there, as far as anybody told."""
        return Lying(traced_fen=fen(self.lead.fen), balance_fen=self.balance_fen, own_fen=self.own_fen)

    @property
    def is_told(self) -> bool:
        """Whether its own statement tells what became of the money that came."""
        return self.lead.told_until_s is not None and self.lead.told_until_s >= self.lead.came_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An authority and what has left under it."""

    authority: Authority
    used: Used = NOTHING_USED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseMove:
    """One order that is worth making now: it leaves under `authority_id`, or waits for a person and `waits` says why.

    `recoverable_fen` is what to expect of it, `share_ppm` the traceable part of the balance where that is known.
    """

    kind: OrderKind
    account: ChasedAccount
    traceable_fen: Fen
    recoverable_fen: int
    share_ppm: int | None
    query_of: QueryOf | None = None
    authority_id: UUID | None = None
    waits: str = ""

    @property
    def leaves(self) -> bool:
        """Whether it leaves without a click."""
        return self.authority_id is not None

    def put_off(self, authorities: Collection[UUID]) -> ChaseMove:
        """The move, which under one of these authorities leaves with the first stops of reports and not now."""
        if self.authority_id not in authorities:
            return self
        return replace(self, authority_id=None, waits=Waiting.FIRST_ROUND)

    @property
    def for_a_person(self) -> bool:
        """Whether it is a stop that does not leave until somebody drafts it; what people halted waits for nobody."""
        return self.kind is OrderKind.STOP and not self.leaves and self.waits not in _FOR_NOBODY

    @property
    def may_go_with_others(self) -> bool:
        """Whether a person may draft it in one press with others: nothing known speaks for its holder."""
        return self.for_a_person and self.waits not in _ONE_BY_ONE

    @property
    def holder_class(self) -> str:
        """Person or company as the account's bank told it; nothing where nobody did: a bank refuses the wrong one."""
        told = self.account.told_class
        return told.value if told in {AccountSort.PERSON, AccountSort.COMPANY} else ""

    def terms(self, now: datetime) -> Terms:
        """A statement from before the money came until it is answered; a watch for as long as the rulebook proposes."""
        if self.kind is OrderKind.QUERY:
            return Terms(query_of=self.query_of, since=self.account.lead.came_at - BEFORE, until=now + AHEAD)
        return Terms(days=MONITOR_DAYS) if self.kind is OrderKind.MONITOR else Terms()


def chase(
    incident: Incident,
    accounts: Sequence[ChasedAccount],
    orders: Mapping[SubjectId, Sequence[Order]],
    standing: Sequence[Standing],
    law: AuthorityLaw,
    now: datetime,
) -> tuple[ChaseMove, ...]:
    """What is worth doing now, most recoverable first, each with the authority under which it leaves.

    `orders` are those of the incident's case by account. A halted incident lets nothing leave; accounts that a person
    excluded are left alone.
    """
    if incident.state is IncidentState.CLOSED:
        return ()
    moves: list[ChaseMove] = []
    for each in sorted(accounts, key=lambda one: (-one.lead.recoverable_fen, -one.lead.fen, one.subject)):
        if each.subject in incident.excluded or each.is_over or each.is_absent:
            continue  # of an account that its bank does not keep nothing is asked until a person corrects the number
        for kind, query_of, waits in _worth(each, orders.get(each.subject, ()), now):
            move = replace(_move(kind, query_of, each), waits=waits)
            decided, standing = _decided(incident, move, standing, law, now)
            moves.append(decided)
    return tuple(_bounded(moves))


def _worth(
    account: ChasedAccount, orders: Sequence[Order], now: datetime
) -> Iterator[tuple[OrderKind, QueryOf | None, str]]:
    """Stop it, ask for its statement, or watch it: what has not been done, all of it at once, and why it waits for a
    person whatever is allowed.

    Where money is only awaited it is watched too, so that its coming is heard.
    """
    stop, freeze = _last(orders, OrderKind.STOP), _last(orders, OrderKind.FREEZE)
    if freeze is None:
        if stop is None or _anew(stop, account):
            yield OrderKind.STOP, None, ""
        elif _came_since(stop, account):
            yield OrderKind.STOP, None, Waiting.LET_GO
    awaited = account.lead.fen == 0
    left_alone = _holds_all(orders, account) or _found_unrelated(orders, account)
    if (awaited or not left_alone) and _asks(account, _queries(orders, QueryOf.DETAILS), now):
        yield OrderKind.QUERY, QueryOf.DETAILS, ""
    if not account.has_name and account.lead.told_until_s is not None and not _queries(orders, QueryOf.HOLDER):
        yield OrderKind.QUERY, QueryOf.HOLDER, ""
    first = stop or freeze
    refused = first is not None and first.effect is Effect.REFUSED
    if (refused or awaited) and _last(orders, OrderKind.MONITOR) is None:
        yield OrderKind.MONITOR, None, ""


def _queries(orders: Sequence[Order], query_of: QueryOf) -> list[Order]:
    """What was asked of an account's bank, oldest first."""
    asked = [each for each in orders if each.kind is OrderKind.QUERY and each.instructions]
    return [each for each in asked if each.instructions[0].terms.query_of is query_of]


def _asks(account: ChasedAccount, asked: Sequence[Order], now: datetime) -> bool:
    """Whether its statement would tell more: nobody asked, or what was told is older than what came.

    A bank that refused is not asked again without a person.
    """
    if any(each.effect in {Effect.DRAFT, Effect.APPROVED, Effect.REFUSED} for each in asked):
        return False
    left_at = max((each.instructions[0].first_sent_at or each.opened_at for each in asked), default=None)
    if left_at is None or now - left_at >= QUERY_AGAIN * 2 ** (len(asked) - 1):
        return True
    lead = account.lead
    return left_at < lead.came_at and (lead.told_until_s is None or lead.told_until_s < lead.came_s)


def _anew(stop: Order, account: ChasedAccount) -> bool:
    """Whether it was let go by its terms only, and more is traced there now than was then."""
    lift = stop.let_go_by
    return lift is not None and lift.by_terms and account.lead.fen > (stop.victim_traceable_fen or 0)


def _came_since(stop: Order, account: ChasedAccount) -> bool:
    """Whether a person let it go, and victims' money came there since: that word was about what lay there then."""
    lift, came_at = stop.let_go_by, account.came_last_at
    if lift is None or lift.answered_at is None or came_at is None or account.lead.fen == 0:
        return False
    return not lift.by_terms and came_at > lift.answered_at


def _found_unrelated(orders: Sequence[Order], account: ChasedAccount) -> bool:
    """Whether a person found what lay there unrelated, it was let go, and no victims' money came there since."""
    found = [each.unrelated_at for each in orders if each.unrelated_at is not None and each.effect is Effect.LIFTED]
    return bool(found) and (account.came_last_at is None or account.came_last_at <= max(found))


def _holds_all(orders: Sequence[Order], account: ChasedAccount) -> bool:
    """Whether the orders that restrict the account hold what lies there: a freeze after a lapsed stop, or both."""
    holding = [each.holding_fen for each in orders if each.effect in RESTRICTING]
    return bool(holding) and sum(holding) >= account.lead.fen


def _last(orders: Sequence[Order], kind: OrderKind) -> Order | None:
    some = [each for each in orders if each.kind is kind and each.effect not in {Effect.CANCELLED, Effect.REJECTED}]
    return some[-1] if some else None


def _move(kind: OrderKind, query_of: QueryOf | None, account: ChasedAccount) -> ChaseMove:
    lead = account.lead
    share = None
    if account.balance_fen is not None and account.balance_fen > 0:
        share = min(PPM, PPM * lead.fen // account.balance_fen)
    return ChaseMove(
        kind=kind,
        query_of=query_of,
        account=account,
        traceable_fen=fen(lead.fen),
        recoverable_fen=lead.recoverable_fen if kind is OrderKind.STOP else lead.moved_fen,
        share_ppm=share,
    )


def _decided(
    incident: Incident, move: ChaseMove, standing: Sequence[Standing], law: AuthorityLaw, now: datetime
) -> tuple[ChaseMove, Sequence[Standing]]:
    """The move with the first authority that covers it, and the authorities with what it uses up."""
    wanted, hindered = _wanted(incident, move), _hindered(incident, move)
    own = move.account.lying.mostly_own(law) and not (wanted.is_named or wanted.is_confirmed)
    if not hindered and own and move.kind is OrderKind.STOP:
        hindered = Waiting.OWN_MONEY
    if hindered:
        return replace(move, waits=hindered), standing
    why: Denial | Waiting = Waiting.NO_AUTHORITY
    for place, each in enumerate(standing):
        if each.authority.incident_id not in {None, *(move.account.of or {incident.id})}:
            continue  # what was allowed for one victim's money restricts nobody for another's
        denied = denial(each.authority, each.used, wanted, now)
        if denied is None:
            use = Use(kind=move.kind, account=wanted.account, traceable_fen=wanted.traceable_fen)
            used = [*standing]
            used[place] = replace(each, used=each.used.after(use))
            return replace(move, authority_id=each.authority.id), used
        if why is Waiting.NO_AUTHORITY:  # the nearest one's reason is what a person can mend
            why = denied
    return replace(move, waits=why), standing


def _hindered(incident: Incident, move: ChaseMove) -> str:
    """Why it waits whatever authorities there are; nothing where they decide."""
    account = move.account
    if incident.state is IncidentState.HALTED or account.is_halted:
        return Waiting.HALTED
    if not account.is_complete:
        return Waiting.INCOMPLETE
    balked = incident.balked.get((account.subject, move.kind.value))
    if balked is not None:
        return balked
    if account.lacks_papers:
        return Waiting.PAPERWORK
    if account.papers_first:
        return Waiting.PAPERS_FIRST
    if account.institution_id is None:
        return Waiting.NO_INSTITUTION
    if move.kind is OrderKind.STOP and not account.has_name:
        return Waiting.NO_NAME
    return move.waits


def _wanted(incident: Incident, move: ChaseMove) -> Wanted:
    account = move.account
    return Wanted(
        kind=move.kind,
        account=account.subject,
        layer=account.lead.layer,
        traceable_fen=move.traceable_fen,
        share_ppm=move.share_ppm,
        sorts=account.sorts,
        is_named=account.is_named,
        is_confirmed=account.subject in incident.confirmed,
        has_come=account.lead.fen > 0,
    )


def _bounded(moves: Sequence[ChaseMove]) -> Iterator[ChaseMove]:
    """What one round lets leave; the rest of it waits for the next."""
    left = 0
    for each in moves:
        if each.leaves and left >= ROUND_MOVES:
            yield replace(each, authority_id=None, waits=Waiting.ROUND_FULL)
            continue
        left += each.leaves
        yield each
