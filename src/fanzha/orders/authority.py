"""Standing authority: what named people allow beforehand within limits, so that speed skips nobody (house law 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from fanzha.kernel.errors import Forbidden, Illegal, Invalid
from fanzha.kernel.ids import SubjectId
from fanzha.kernel.money import Fen
from fanzha.kernel.units import UnitPath
from fanzha.orders.effects import Act, Move, OrderKind
from fanzha.orders.entries import Entry, EntryKind
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import By, Capacity, Instruction, Signature
from fanzha.orders.signing import Signer, queued

SHARE_PPM = 1_000_000
MOST_LAYERS = 10
MOST_ACCOUNTS = 1_000
REASON_CHARACTERS = 500


class Reach(StrEnum):
    """For what an authority stands: first stops on accounts that reports name, or the whole chase of one incident."""

    FIRST_STOPS = "first_stops"
    INCIDENT = "incident"


class AccountSort(StrEnum):
    """Whose account it is, as far as anybody told: what an authority may leave out."""

    PERSON = "person"
    COMPANY = "company"
    MERCHANT = "merchant"
    PAYROLL = "payroll"
    PUBLIC = "public"
    HOSPITAL = "hospital"
    PAYMENT_POOL = "payment_pool"


_TRADERS = frozenset({AccountSort.COMPANY, AccountSort.MERCHANT})
"""Left out of stops only: they are asked about first, and a person decides (house section 6)."""


class AuthorityState(StrEnum):
    """Where an authority stands; that its time is over is told by the clock."""

    DRAFT = "draft"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class AuthorityEntryKind(StrEnum):
    """What happens to an authority; widening is a new one, which is signed anew."""

    SIGNED = "signed"
    NARROWED = "narrowed"
    WITHDRAWN = "withdrawn"


class Denial(StrEnum):
    """Why something is not covered and waits for a person."""

    NOT_SIGNED = "not_signed"
    WITHDRAWN = "withdrawn"
    NOT_YET = "not_yet"
    OVER = "over"
    KIND = "kind"
    NOT_NAMED = "not_named"
    BEFORE_MONEY = "before_money"
    LAYER = "layer"
    ACCOUNTS = "accounts"
    TOTAL = "total"
    TRACEABLE = "traceable"
    SHARE = "share"
    SORT = "sort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far an authority goes: layers (1 = first receiving account), accounts stopped, victims' fen traceable to them
    in sum, the least such fen of one account, and their least share of its balance, in millionths, where it is known.
    """

    layers: int
    accounts: int
    total_fen: Fen
    least_traceable_fen: Fen
    least_share_ppm: int
    excluded: frozenset[AccountSort]

    def __post_init__(self) -> None:
        """`Invalid` for limits that limit nothing or allow nothing."""
        if not 1 <= self.layers <= MOST_LAYERS:
            raise Invalid("authority.bad_layers", most=MOST_LAYERS)
        if not 1 <= self.accounts <= MOST_ACCOUNTS:
            raise Invalid("authority.bad_accounts", most=MOST_ACCOUNTS)
        if self.total_fen < 1 or not 1 <= self.least_traceable_fen <= self.total_fen:
            raise Invalid("authority.bad_fen")
        if not 0 <= self.least_share_ppm <= SHARE_PPM:
            raise Invalid("authority.bad_share")

    def within(self, other: Limits) -> bool:
        """Whether these allow nothing that the others forbid."""
        return (
            self.layers <= other.layers
            and self.accounts <= other.accounts
            and self.total_fen <= other.total_fen
            and self.least_traceable_fen >= other.least_traceable_fen
            and self.least_share_ppm >= other.least_share_ppm
            and self.excluded >= other.excluded
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority as it stands: what it lends is the capacities in which it was signed, and its drafter's name.

    `wider` are its limits before each narrowing, with the moment until which they stood.
    """

    id: UUID
    number: str
    unit_path: UnitPath
    reach: Reach
    incident_id: UUID | None
    kinds: frozenset[OrderKind]
    limits: Limits
    since: datetime
    until: datetime
    drafted_at: datetime
    drafted_by: By
    reason: str
    needs: tuple[Capacity, ...]
    signatures: tuple[Signature, ...] = ()
    state: AuthorityState = AuthorityState.DRAFT
    wider: tuple[tuple[datetime, Limits], ...] = ()

    @property
    def missing(self) -> tuple[Capacity, ...]:
        """The capacities in which nobody has signed yet."""
        signed = {each.capacity for each in self.signatures}
        return tuple(each for each in self.needs if each not in signed)

    def stands(self, now: datetime) -> bool:
        """Whether it may be used now."""
        return self.state is AuthorityState.SIGNED and self.since <= now < self.until

    def when_left(self, at: datetime) -> Authority:
        """The authority by whose terms an order ends that left under it then: what was narrowed later is no term of it.

        That it was taken back or is over since changes nothing of them either: whoever signed it promised the holder
        that what it takes beyond them is let go.
        """
        limits = next((limits for until, limits in self.wider if at < until), None)
        return self if limits is None else replace(self, limits=limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEntry:
    """One thing that happened to an authority; `limits` are the narrower ones."""

    kind: AuthorityEntryKind
    at: datetime
    by: By
    capacity: Capacity | None = None
    limits: Limits | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One order that left under an authority: on which account, and how much of victims' money was traceable there."""

    kind: OrderKind
    account: SubjectId
    traceable_fen: Fen

    def answered(self, held_fen: int) -> Use:
        """What it uses up once its institution answered: no more than was held there.

        Money that had gone on is stopped where it went, and counts there: each fen of a victim's is used up once.
        """
        return replace(self, traceable_fen=Fen(min(self.traceable_fen, held_fen)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the stops that left under an authority use up of it: on which accounts, and victims' fen in sum."""

    accounts: frozenset[SubjectId] = frozenset()
    stopped_fen: int = 0

    def after(self, use: Use) -> Used:
        """With one more order: a look uses up nothing."""
        if use.kind is not OrderKind.STOP:
            return self
        return Used(accounts=self.accounts | {use.account}, stopped_fen=self.stopped_fen + use.traceable_fen)


NOTHING_USED = Used()


def used_up(uses: Iterable[Use]) -> Used:
    """What these orders use up together."""
    found = NOTHING_USED
    for each in uses:
        found = found.after(each)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the chase wants to do to one account.

    `share_ppm` is the traceable part of its balance, None where nobody told the balance yet; `is_named`: a report names
    it; `is_confirmed`: a named person confirmed it as involved; `has_come`: money was seen to come.
    """

    kind: OrderKind
    account: SubjectId
    layer: int
    traceable_fen: Fen
    share_ppm: int | None
    sorts: frozenset[AccountSort]
    is_named: bool = False
    is_confirmed: bool = False
    has_come: bool = True


def drafted_authority(new: Authority, law: AuthorityLaw) -> Authority:
    """The authority as it is put forward for signature; `Invalid` or `Illegal` where it may not be."""
    _require_reason(new.reason)
    if not new.kinds or not new.kinds <= {OrderKind.QUERY, OrderKind.MONITOR, OrderKind.STOP}:
        raise Invalid("authority.bad_kinds")
    if (new.reach is Reach.INCIDENT) != (new.incident_id is not None):
        raise Invalid("authority.bad_reach")
    if new.reach is Reach.FIRST_STOPS and new.kinds != {OrderKind.STOP}:
        raise Invalid("authority.first_stops_only")
    longest = timedelta(hours=law.longest_hours)
    if not new.since < new.until <= new.since + longest:
        raise Illegal("authority.too_long", hours=law.longest_hours)
    return new


def signed_authority(told: Authority, signer: Signer, now: datetime) -> AuthorityEntry:
    """The entry of one signature, in the first capacity that is missing and that this person has of their own.

    An authority is never signed for somebody else, nor by its drafter, nor twice by one person.
    """
    if told.state is not AuthorityState.DRAFT:
        raise Illegal("authority.not_to_sign", state=told.state.value)
    if now >= told.until:
        raise Illegal("authority.over")
    people = {told.drafted_by.user_id, *(each.by.user_id for each in told.signatures)}
    if signer.by.user_id is None or signer.by.user_id in people:
        raise Forbidden("orders.own_draft")
    own = [each for each in told.missing if each in signer.own]
    if not own:
        raise Forbidden("orders.capacity_missing", capacity=",".join(told.missing))
    return AuthorityEntry(kind=AuthorityEntryKind.SIGNED, at=now, by=signer.by, capacity=own[0])


def narrowed(told: Authority, limits: Limits, by: By, reason: str, now: datetime) -> AuthorityEntry:
    """The entry of narrower limits: anybody who answers for it may; wider ones need a new authority."""
    _require_answers(told, by)
    _require_reason(reason)
    if told.state is AuthorityState.WITHDRAWN:
        raise Illegal("authority.withdrawn")
    if limits == told.limits or not limits.within(told.limits):
        raise Illegal("authority.not_narrower")
    return AuthorityEntry(kind=AuthorityEntryKind.NARROWED, at=now, by=by, limits=limits, reason=reason)


def withdrawn(told: Authority, by: By, reason: str, now: datetime) -> AuthorityEntry:
    """The entry of its end: whoever drafted or signed it may take it back, and no move leaves under it any more; what
    left is still let go by its terms."""
    _require_answers(told, by)
    _require_reason(reason)
    if told.state is AuthorityState.WITHDRAWN:
        raise Illegal("authority.withdrawn")
    return AuthorityEntry(kind=AuthorityEntryKind.WITHDRAWN, at=now, by=by, reason=reason)


def authority_after(told: Authority, entries: Iterable[AuthorityEntry]) -> Authority:
    """The authority after these entries."""
    for each in entries:
        told = _after(told, each)
    return told


def _after(told: Authority, entry: AuthorityEntry) -> Authority:
    if entry.kind is AuthorityEntryKind.WITHDRAWN:
        return replace(told, state=AuthorityState.WITHDRAWN)
    if entry.limits is not None:
        return replace(told, limits=entry.limits, wider=(*told.wider, (entry.at, told.limits)))
    if entry.capacity is None:
        return told
    made = Signature(by=entry.by, capacity=entry.capacity, at=entry.at)
    told = replace(told, signatures=(*told.signatures, made))
    return told if told.missing else replace(told, state=AuthorityState.SIGNED)


def denial(told: Authority, used: Used, wanted: Wanted, now: datetime) -> Denial | None:
    """Why the authority does not cover what is wanted; None where it does."""
    return _standing(told, now) or _meant(told, wanted) or _measured(told, used, wanted)


def _standing(told: Authority, now: datetime) -> Denial | None:
    if told.state is AuthorityState.WITHDRAWN:
        return Denial.WITHDRAWN
    if told.state is AuthorityState.DRAFT:
        return Denial.NOT_SIGNED
    if now < told.since:
        return Denial.NOT_YET
    return Denial.OVER if now >= told.until else None


def _meant(told: Authority, wanted: Wanted) -> Denial | None:
    """Whether it is for this kind of order and this account at all."""
    if wanted.kind not in told.kinds:
        return Denial.KIND
    if told.reach is Reach.FIRST_STOPS and not wanted.is_named:
        return Denial.NOT_NAMED
    if wanted.sorts & (told.limits.excluded - (_TRADERS if wanted.kind is not OrderKind.STOP else frozenset())):
        return Denial.SORT
    if wanted.layer > told.limits.layers:
        return Denial.LAYER
    stops_early = wanted.kind is OrderKind.STOP and not wanted.has_come and not wanted.is_confirmed
    return Denial.BEFORE_MONEY if stops_early else None


def _measured(told: Authority, used: Used, wanted: Wanted) -> Denial | None:
    """Proportion: a look takes no more than the least traceable fen, a stop also counts accounts, fen and share."""
    limits = told.limits
    if wanted.has_come and wanted.traceable_fen < limits.least_traceable_fen:
        return Denial.TRACEABLE
    if wanted.kind is not OrderKind.STOP:
        return None
    if wanted.share_ppm is not None and wanted.share_ppm < limits.least_share_ppm:
        return Denial.SHARE
    if len(used.accounts | {wanted.account}) > limits.accounts:
        return Denial.ACCOUNTS
    return Denial.TOTAL if used.stopped_fen + wanted.traceable_fen > limits.total_fen else None


def signed_under(instruction: Instruction, told: Authority, now: datetime) -> list[Entry]:
    """The entries of an authority's own signatures on an instruction that it covers, which is queued with them.

    `Illegal` where the instruction needs a capacity in which nobody signed the authority.
    """
    given = {each.capacity: each for each in told.signatures}
    lacking = [each for each in instruction.missing if each not in given]
    if lacking:
        raise Illegal("authority.capacity_missing", capacity=",".join(lacking), number=told.number)
    last = instruction.missing[-1]
    begins = instruction.act is Act.APPLY
    made = [
        Entry(
            kind=EntryKind.SIGNED,
            at=now,
            by=given[each].by,
            instruction=instruction.id,
            capacity=each,
            move=Move.APPROVE if begins and each is last else None,
            code=f"{UNDER}{told.number}",
        )
        for each in instruction.missing
    ]
    return [*made, queued(instruction, told.drafted_by, now)]


UNDER = "authority."
"""With this begins what a signature's entry says that was given beforehand: the authority's number follows."""


def _require_answers(told: Authority, by: By) -> None:
    people = {told.drafted_by.user_id, *(each.by.user_id for each in told.signatures)}
    if by.user_id is None or by.user_id not in people:
        raise Forbidden("authority.not_yours")


def _require_reason(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= REASON_CHARACTERS:
        raise Invalid("orders.reason_length", limit=REASON_CHARACTERS)
