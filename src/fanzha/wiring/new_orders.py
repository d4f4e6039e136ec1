"""What somebody asks to order, in clear words: identifiers go to the vault and to the case, the rest to the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.mentions import link_all_unknown
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.cases.case import Case
from fanzha.cases.subjects import Mention, Role, SubjectKind, cleaned
from fanzha.kernel.ids import CaseId, SubjectId
from fanzha.kernel.money import fen
from fanzha.orders.effects import OrderKind
from fanzha.orders.order import Payment, Target, TargetKind, Terms
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House

_KINDS = {
    TargetKind.ACCOUNT: SubjectKind.ACCOUNT,
    TargetKind.PHONE: SubjectKind.PHONE,
    TargetKind.SITE: SubjectKind.SITE,
    TargetKind.APP: SubjectKind.APP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """The victim's payment: amount, time, and as far as known from which institution, account and name."""

    amount_fen: int
    at: datetime
    payer_institution: str = ""
    payer: str = ""
    payer_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A new order; `institution` is its short name or code, `number` the account, phone, site or app.

    `id` of its first instruction is given by whoever asks twice and wants one order.
    """

    case_id: CaseId
    kind: OrderKind
    institution: str
    target_kind: TargetKind
    number: str
    holder: str
    holder_class: str
    terms: Terms
    reason: str
    payment: NewPayment | None = None
    victim_traceable_fen: int | None = None
    id: UUID | None = None

    @property
    def text(self) -> str:
        """What it is about, clean; `Invalid` for a text that cannot be what it is said to be."""
        return cleaned(_KINDS[self.target_kind], self.number, Role.ORDERED).text

    def mentions(self) -> Iterator[Mention]:
        """Everybody whom the order names; `Invalid` for a text that cannot be what it is said to be."""
        yield cleaned(_KINDS[self.target_kind], self.number, Role.ORDERED)
        paid = self.payment
        named = [(SubjectKind.NAME, self.holder)]
        if paid is not None:
            named += [(SubjectKind.ACCOUNT, paid.payer), (SubjectKind.NAME, paid.payer_name)]
        yield from (cleaned(kind, text, Role.ORDERED) for kind, text in named if text.strip())


def target_of(house: House, new: NewOrder) -> Target:
    """What the order is about, as the vault knows it."""
    return Target(
        kind=new.target_kind,
        subject=_id(house, cleaned(_KINDS[new.target_kind], new.number, Role.ORDERED)),
        holder=_maybe(house, SubjectKind.NAME, new.holder),
        holder_class=new.holder_class,
    )


def payment_of(desk: Desk, told: NewPayment | None) -> Payment | None:
    """The payment on which the order rests."""
    if told is None:
        return None
    return Payment(
        amount_fen=fen(told.amount_fen),
        at=told.at,
        payer_institution=institution_called(desk.connection, told.payer_institution).id
        if told.payer_institution
        else None,
        payer=_maybe(desk.house, SubjectKind.ACCOUNT, told.payer),
        payer_name=_maybe(desk.house, SubjectKind.NAME, told.payer_name),
    )


def mention_all(desk: Desk, named: Sequence[tuple[Case, NewOrder, str]]) -> None:
    """Let cases tell of everybody whom their new orders name, each with its number, so that the vault opens for them
    and the case is found."""
    told = [(case, each, number) for case, new, number in named for each in new.mentions()]
    link_all_unknown(desk.connection, desk.house.keys, told, desk.actor, desk.now)


def _maybe(house: House, kind: SubjectKind, text: str) -> SubjectId | None:
    return _id(house, cleaned(kind, text, Role.ORDERED)) if text.strip() else None


def _id(house: House, told: Mention) -> SubjectId:
    return subject_id(house.keys, Identifier(told.kind, told.text))
