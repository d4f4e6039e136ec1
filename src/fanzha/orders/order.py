"""An order as it stands: whom it concerns, what it has done, how much money, and every instruction about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId, UserId
from fanzha.kernel.money import Fen
from fanzha.kernel.units import UnitPath
from fanzha.orders.deliveries import OUT, Delivery
from fanzha.orders.effects import IN_FORCE, RESTRICTING, Act, Effect, OrderKind

NO_FEN = Fen(0)


class TargetKind(StrEnum):
    """What an order is about."""

    ACCOUNT = "account"
    PHONE = "phone"
    SITE = "site"
    APP = "app"


class QueryOf(StrEnum):
    """What a query asks an institution to tell."""

    DETAILS = "details"
    HOLDER = "holder"
    ACCOUNTS = "accounts"


class Capacity(StrEnum):
    """As what a person signs; which capacities an instruction needs is law (`orders.law`)."""

    OFFICER = "officer"
    SECOND_OFFICER = "second_officer"
    COUNTY_CHIEF = "county_chief"
    CITY_CHIEF = "city_chief"
    PROVINCE_CHIEF = "province_chief"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The account, number, site or app and the name it goes by, as the vault knows them; `holder_class` is person or
    company, empty where nobody knows."""

    kind: TargetKind
    subject: SubjectId
    holder: SubjectId | None = None
    holder_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The payment on which an order rests: from which bank and account, how much, when by the payer's bank."""

    amount_fen: Fen
    at: datetime
    payer_institution: InstitutionId | None = None
    payer: SubjectId | None = None
    payer_name: SubjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an instruction asks for; which of these a kind and act need is checked when it is drafted.

    `limit_fen` caps what a freeze takes, `release_fen` None is all of it, `term` is the kind of a freeze's term in the
    law pack and `months` its length, `days` a monitor's or a block's, `since` and `until` a query's period, `evidence`
    the SHA-256 of the snapshot on which a block rests.
    """

    limit_fen: Fen | None = None
    release_fen: Fen | None = None
    term: str = "ordinary"
    months: int | None = None
    days: int | None = None
    include_interest: bool = False
    evidence: str = ""
    query_of: QueryOf | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who did something: a person of the centre, or the house itself (`user_id` None)."""

    user_id: UserId | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """That somebody answers for an instruction, as what, and for whom while that person was away.

    `under` names the standing authority whose signature it is; empty where it was given to this instruction.
    """

    by: By
    capacity: Capacity
    at: datetime
    for_user: UserId | None = None
    under: str = ""


class Paper(StrEnum):
    """Whether an instruction may be sent."""

    DRAFT = "draft"
    SIGNED = "signed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_ALIVE = frozenset({Paper.DRAFT, Paper.SIGNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One message about an order, from its draft to its answer; its id is the application id at the institution.

    `silent_since`: from when on nobody knows whether it arrived, because the institution says nothing; `was_found`:
    whether it was in doubt since it was last sent, and the institution then said that it has it.
    """

    id: UUID
    act: Act
    terms: Terms
    reason: str
    drafted_at: datetime
    drafted_by: By
    needs: tuple[Capacity, ...]
    signatures: tuple[Signature, ...] = ()
    paper: Paper = Paper.DRAFT
    delivery: Delivery = Delivery.UNSENT
    tries: int = 0
    asked: int = 0
    was_found: bool = False
    first_sent_at: datetime | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    silent_since: datetime | None = None
    code: str = ""

    @property
    def missing(self) -> tuple[Capacity, ...]:
        """The capacities in which nobody has signed yet."""
        signed = {each.capacity for each in self.signatures}
        return tuple(each for each in self.needs if each not in signed)

    @property
    def signed_at(self) -> datetime:
        """Its last signature, by which its paper is issued; of a draft that nobody signed, when it was drafted."""
        return max((each.at for each in self.signatures), default=self.drafted_at)

    @property
    def by_terms(self) -> bool:
        """Whether nobody signed it but a standing authority, whose terms it carries out."""
        return bool(self.signatures) and all(each.under for each in self.signatures)

    @property
    def open(self) -> bool:
        """Whether it may still come to something."""
        if self.paper is Paper.DRAFT:
            return True
        return self.paper is Paper.SIGNED and self.delivery in OUT | {Delivery.UNSENT, Delivery.QUEUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorFreeze:
    """A freeze that stood before ours, as the bank tells it: ours waits behind it."""

    organ: str
    amount_fen: Fen | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as its entries leave it.

    `requested_fen`, `balance_fen`, `victim_traceable_fen`, `held_fen`, `released_fen` and `returned_fen` are different
    things and are never added together (house section 6). `times` counts how often it took effect or was prolonged;
    `contradicted` keeps every answer that did not hold, `unseen` what no person has looked at yet; `papers_due` is
    until when the papers of a report must follow it, `confirmed_at` when a named person said that a stop stays before
    anything came, `nothing_came_at` when its time was over without, `out_of_proportion_at` when people were called
    because too little of what it holds is traced.
    """

    id: OrderId
    number: str
    kind: OrderKind
    case_id: CaseId
    unit_path: UnitPath
    institution_id: InstitutionId
    target: Target
    opened_at: datetime
    opened_by: By
    payment: Payment | None = None
    effect: Effect = Effect.DRAFT
    times: int = 0
    requested_fen: Fen | None = None
    balance_fen: Fen | None = None
    victim_traceable_fen: Fen | None = None
    held_fen: Fen | None = None
    released_fen: Fen = NO_FEN
    returned_fen: Fen = NO_FEN
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    unrelated_at: datetime | None = None
    papers_due: datetime | None = None
    confirmed_at: datetime | None = None
    nothing_came_at: datetime | None = None
    out_of_proportion_at: datetime | None = None
    prior: tuple[PriorFreeze, ...] = ()
    contradicted: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    instructions: tuple[Instruction, ...] = field(default=())

    @property
    def in_force(self) -> bool:
        """Whether it has effect now."""
        return self.effect in IN_FORCE

    @property
    def is_early(self) -> bool:
        """Whether it stopped an account before money was seen to come there, and its time runs."""
        called = self.nothing_came_at is not None or self.out_of_proportion_at is not None
        return self.victim_traceable_fen == 0 and not called and self.ends_by_terms

    @property
    def ends_by_terms(self) -> bool:
        """Whether it is a stop that the terms under which it left may end: nobody extended it or said that it stays."""
        return (
            self.kind is OrderKind.STOP
            and self.effect is Effect.HELD
            and self.confirmed_at is None
            and not any(each.act is Act.EXTEND and each.paper in _ALIVE for each in self.instructions)
        )

    @property
    def ends_unless_confirmed(self) -> bool:
        """Whether it is let go by its own terms unless a named person says that it stays: nothing came, or too much."""
        return self.is_early or (self.out_of_proportion_at is not None and self.ends_by_terms)

    @property
    def let_go_by(self) -> Instruction | None:
        """The instruction by which it was lifted."""
        lifts = [each for each in self.instructions if each.act is Act.LIFT and each.answered_at is not None]
        return lifts[-1] if lifts and self.effect is Effect.LIFTED else None

    @property
    def holding_fen(self) -> Fen:
        """The fen it keeps from moving now; nothing once it lapsed, was lifted or was used up."""
        if self.effect not in RESTRICTING:
            return Fen(0)
        return Fen(max(0, (self.held_fen or 0) - self.released_fen - self.returned_fen))

    @property
    def latest(self) -> Instruction | None:
        """The last instruction about it."""
        return self.instructions[-1] if self.instructions else None

    @property
    def applied(self) -> Instruction | None:
        """The signed instruction by which it began, the last of them where one was refused."""
        begun = [each for each in self.instructions if each.act is Act.APPLY and each.paper is Paper.SIGNED]
        return begun[-1] if begun else None

    def instruction(self, instruction_id: UUID) -> Instruction:
        """The instruction of this id."""
        for each in self.instructions:
            if each.id == instruction_id:
                return each
        raise NotFound("orders.no_such_instruction", instruction=instruction_id)
