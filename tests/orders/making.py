"""Orders as tests make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fanzha.kernel.ids import CaseId, InstitutionId, OrderId, SubjectId, UserId
from fanzha.kernel.money import Fen
from fanzha.kernel.units import UnitPath
from fanzha.orders.drafting import Ground, Wish, drafted
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.entries import Entry, folded
from fanzha.orders.order import By, Capacity, Order, Payment, QueryOf, Target, TargetKind, Terms
from fanzha.orders.signing import Signer, signed
from fanzha.wiring.law import law_at

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LAW = law_at(NOW)
UNIT = UnitPath("centre.county01")
DRAFTER = By(user_id=UserId(UUID(int=1)), name="drafter")
SECOND = Signer(by=By(user_id=UserId(UUID(int=2)), name="second"), own=frozenset({Capacity.SECOND_OFFICER}))
CHIEF = Signer(
    by=By(user_id=UserId(UUID(int=3)), name="chief"), own=frozenset({Capacity.COUNTY_CHIEF, Capacity.CITY_CHIEF})
)
HOUSE = By(user_id=None, name="worker")

TERMS = {
    OrderKind.QUERY: Terms(query_of=QueryOf.DETAILS, since=NOW - timedelta(days=30), until=NOW),
    OrderKind.MONITOR: Terms(days=30),
    OrderKind.STOP: Terms(),
    OrderKind.FREEZE: Terms(limit_fen=Fen(4_000_000), months=6),
    OrderKind.BLOCK: Terms(days=30, evidence="0" * 64),
}


def opened(kind: OrderKind = OrderKind.STOP, amount_fen: int = 4_000_000, at: datetime = NOW) -> Order:
    """An order that nobody has drafted anything for yet."""
    target = TargetKind.PHONE if kind is OrderKind.BLOCK else TargetKind.ACCOUNT
    return Order(
        id=OrderId(UUID(int=100)),
        number="S2026-000001",
        kind=kind,
        case_id=CaseId(UUID(int=200)),
        unit_path=UNIT,
        institution_id=InstitutionId(UUID(int=300)),
        target=Target(kind=target, subject=SubjectId(7), holder=SubjectId(8), holder_class="person"),
        payment=Payment(amount_fen=Fen(amount_fen), at=at - timedelta(minutes=20)),
        opened_at=at,
        opened_by=DRAFTER,
    )


def ground(*, filed: bool = True, earlier: int = 0) -> Ground:
    """What a draft is judged on, with the law of today."""
    return Ground(law=LAW, case_filed=filed, earlier_stops=earlier)


def wish(number: int, act: Act = Act.APPLY, terms: Terms | None = None, kind: OrderKind = OrderKind.STOP) -> Wish:
    """A wish with an application id of its own."""
    return Wish(id=UUID(int=1000 + number), act=act, terms=terms or TERMS[kind], reason="synthetic")


def applied(order: Order, now: datetime = NOW) -> Order:
    """The order with its first instruction drafted, signed by all who must, and queued."""
    order = folded(order, [drafted(order, wish(1, kind=order.kind), ground(), DRAFTER, now)])
    return countersigned(order, now)


def countersigned(order: Order, now: datetime = NOW) -> Order:
    """The order with its last instruction signed by everybody whom it needs."""
    for signer in (SECOND, CHIEF):
        latest = order.instructions[-1]
        if latest.missing and set(latest.missing) & signer.own:
            order = folded(order, signed(order, latest, signer, now))
    return order


def with_entries(order: Order, *entries: Entry) -> Order:
    """The order after these entries."""
    return folded(order, entries)
