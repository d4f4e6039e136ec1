"""What people of a story do by hand: cases filed, orders drafted and signed."""

from __future__ import annotations

from datetime import timedelta

from fanzha.adapters.store.cases import case_of, move_case
from fanzha.adapters.store.orders import order_of
from fanzha.apps.stories.stage import Stage
from fanzha.cases.case import CaseState
from fanzha.cases.incident import Incident
from fanzha.i18n import text
from fanzha.kernel.money import fen
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import Capacity, Order, TargetKind, Terms
from fanzha.registers.institutions import InstitutionKind
from fanzha.wiring.chase_look import look_at
from fanzha.wiring.kept_files import keep_snapshot
from fanzha.wiring.new_orders import NewOrder, NewPayment
from fanzha.wiring.orders import NewInstruction, instruct, open_order, sign

MONTHS = 6
DAYS = 30


def filed(stage: Stage, told: Incident) -> None:
    """The case is filed (立案), without which nothing is frozen."""
    reason = text("zh", "stories.reason")
    stage.at(
        stage.officer,
        lambda desk: move_case(desk.connection, told.case_id, CaseState.FILED, reason, desk.actor, desk.now),
    )
    stage.tell("filed", number=told.number)


def ordered(stage: Stage, told: Incident, kind: OrderKind, account: str, terms: Terms) -> Order:
    """An order on an account, drafted by the officer and signed by everybody who must; it leaves at once."""
    paid = next((each for each in stage.cast.payments if each.payee == account), None)
    payment = None
    if paid is not None:
        payment = NewPayment(amount_fen=paid.amount_fen, at=stage.began + timedelta(minutes=paid.minutes))
    new = NewOrder(
        case_id=told.case_id,
        kind=kind,
        institution=stage.bank(account),
        target_kind=TargetKind.ACCOUNT,
        number=stage.numbers[account],
        holder=stage.holder(account),
        holder_class="person",
        terms=terms,
        reason=text("zh", "stories.reason"),
        payment=payment,
    )
    return signed(stage, stage.at(stage.officer, lambda desk: open_order(desk, new)))


def blocked(stage: Stage, told: Incident, kind: InstitutionKind, target: TargetKind, what: str) -> Order:
    """A number, a site or an app is blocked on what the victim showed."""
    ref = stage.at(stage.officer, lambda desk: case_of(desk.connection, told.case_id)).ref
    evidence = keep_snapshot(stage.house, stage.officer, ref, what.encode())
    new = NewOrder(
        case_id=told.case_id,
        kind=OrderKind.BLOCK,
        institution=next(each.id for each in stage.setups if each.kind is kind),
        target_kind=target,
        number=what,
        holder="",
        holder_class="",
        terms=Terms(days=DAYS, evidence=evidence),
        reason=text("zh", "stories.reason"),
    )
    return signed(stage, stage.at(stage.officer, lambda desk: open_order(desk, new)))


def frozen(stage: Stage, told: Incident, account: str, limit_fen: int) -> Order:
    """A freeze of so much for the ordinary six months."""
    terms = Terms(limit_fen=fen(limit_fen), months=MONTHS)
    return ordered(stage, told, OrderKind.FREEZE, account, terms)


def traced_fen(stage: Stage, told: Incident, account: str) -> int:
    """How much of the victims' money lies in an account by all that the case knows."""
    look = stage.at(stage.officer, lambda desk: look_at(desk, told.number))
    number = stage.numbers[account]
    return sum(each.lead.fen for each in look.facts.values() if any(one.endswith(number) for one in each.identifiers))


def instructed(stage: Stage, order: Order, act: Act, terms: Terms) -> Order:
    """One more instruction about an order, drafted and signed."""
    new = NewInstruction(act=act, terms=terms, reason=text("zh", "stories.reason"))
    return signed(stage, stage.at(stage.officer, lambda desk: instruct(desk, order.id, new)))


def signed(stage: Stage, order: Order) -> Order:
    """The order with its last instruction signed by everybody who must."""
    people = {
        Capacity.SECOND_OFFICER: stage.second,
        Capacity.COUNTY_CHIEF: stage.chief,
        Capacity.CITY_CHIEF: stage.above,
    }
    latest = order.instructions[-1].id
    while missing := order.instruction(latest).missing:
        order = stage.at(people[missing[0]], lambda desk: sign(desk, order.id, latest))  # noqa: B023  # called at once
    stage.run.settle()
    return seen(stage, order)


def seen(stage: Stage, order: Order) -> Order:
    """The order as it stands now."""
    return stage.at(stage.officer, lambda desk: order_of(desk.connection, order.id))
