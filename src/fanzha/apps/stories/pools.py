"""A pool in which twelve victims' money and honest takings lie together."""

from __future__ import annotations

from datetime import timedelta

from fanzha.adapters.store.incidents import stakes_of
from fanzha.apps.stories.cast import AUTO, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.hands import filed, frozen, seen, traced_fen
from fanzha.apps.stories.stage import CHASING, Stage
from fanzha.cases.incident import Incident, Source
from fanzha.orders.effects import OrderKind
from fanzha.wiring.incidents import NewPaid, NewReport, take_report

VICTIMS, MULES = 12, 3
_OWN, _EARLY, _LATE = 40_000 * YUAN, 15_000 * YUAN, 25_000 * YUAN
_SPENT = 60_000 * YUAN
_DRAWN = _SPENT - _OWN - _EARLY
"""What is spent of the victims' money: what lay there first and came first has left first."""
_MOST_DAYS = 3


def _loss_fen(number: int) -> int:
    return 6_000 * YUAN + 31_337 * number


def _mule(number: int) -> str:
    return f"mule{number * MULES // VICTIMS}"


_LOST = sum(map(_loss_fen, range(VICTIMS)))

POOL = Cast(
    banks=(AUTO, AUTO, AUTO),
    accounts=(
        *(
            Account(name=f"victim{each}", bank=1, holder=f"Test Victim {each}", balance_fen=_loss_fen(each))
            for each in range(VICTIMS)
        ),
        *(Account(name=f"mule{each}", bank=2, holder=f"Test Mule {each}") for each in range(MULES)),
        Account(name="customer", bank=1, holder="Test Customer", balance_fen=_EARLY + _LATE),
        Account(name="pool", bank=3, holder="Test Shop", balance_fen=_OWN),
    ),
    payments=(
        *(
            Paid(payer=f"victim{each}", minutes=1 + each, amount_fen=_loss_fen(each), payee=_mule(each))
            for each in range(VICTIMS)
        ),
        Paid(payer="customer", minutes=14, amount_fen=_EARLY, payee="pool"),
        *(
            Paid(
                payer=f"mule{mule}",
                minutes=15 + mule,
                amount_fen=sum(_loss_fen(each) for each in range(VICTIMS) if _mule(each) == f"mule{mule}"),
                payee="pool",
            )
            for mule in range(MULES)
        ),
        Paid(payer="customer", minutes=19, amount_fen=_LATE, payee="pool"),
        Paid(payer="pool", minutes=22, amount_fen=_SPENT),
        Paid(payer="pool", minutes=2 * HOUR, amount_fen=_LATE + _LOST),
        Paid(payer="pool", minutes=30 * HOUR, amount_fen=_LATE),
    ),
)
"""A shop that also takes in what three mules send on: its own money is older and younger than the victims'."""


def mixed_pool(stage: Stage) -> None:
    """The pool is stopped whole; what is frozen is what the trace finds there, part for part, and the rest is free."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(30)
    told = [_reported(stage, 0, None)]
    told += [_reported(stage, each, told[0]) for each in range(1, VICTIMS)]
    for each in told[:: VICTIMS // MULES]:
        stage.allow(CHASING, each, excluded=frozenset())
    stage.until(4 * HOUR)
    (stop,) = [each for each in stage.orders(OrderKind.STOP) if each.holding_fen]
    stage.fact("stopped_fen", stop.holding_fen, "fen", _LOST - _DRAWN + _LATE, "=")
    filed(stage, told[0])
    freeze = frozen(stage, told[0], "pool", traced_fen(stage, told[0], "pool"))
    stage.until(5 * HOUR)
    freeze = seen(stage, freeze)
    with stage.house.act(stage.officer) as connection:
        parts = [stakes_of(connection, each.id).held_fen for each in told]
    stage.fact("held_fen", stage.held_fen(), "fen", _LOST - _DRAWN, "=")
    stage.fact("held_by_victim_fen", sum(parts), "fen", _LOST - _DRAWN, "=")
    stage.fact("first_victim_fen", parts[0], "fen", _loss_fen(0) - _DRAWN, "=")
    whole = sum(part == _loss_fen(number) for number, part in enumerate(parts))
    stage.fact("held_whole", whole, "people", VICTIMS - 1, "=")
    stage.fact("free_fen", stage.books("pool").available_fen(stage.now), "fen", _LATE, "=")
    out = (freeze.starts_at or stage.now) - (stop.starts_at or stage.now)
    stage.fact("wrongly_held", round(_LATE * (out / timedelta(hours=1))), "fen*h", _LATE * 24 * _MOST_DAYS, "<=")
    stage.fact("out_hours", round(out / timedelta(hours=1)), "h", 24 * _MOST_DAYS, "<=")
    stage.until(31 * HOUR)
    stage.fact("there_fen", stage.lies_fen("pool"), "fen", _LOST - _DRAWN, "=")


def _reported(stage: Stage, number: int, lead: Incident | None) -> Incident:
    """One victim's report of a payment to a mule, the first of which opens the case."""
    mule = _mule(number)
    paid = NewPaid(
        institution=stage.bank(mule),
        payee=stage.numbers[mule],
        payee_name=stage.holder(mule),
        amount_fen=_loss_fen(number),
        at=stage.began + timedelta(minutes=1 + number),
        payer=stage.numbers[f"victim{number}"],
    )
    new = NewReport(
        source=Source.STATION,
        reported_at=stage.now,
        payments=(paid,),
        victim=stage.holder(f"victim{number}"),
        scam_type="ST02",
        identity_checked=True,
        case=None if lead is None else lead.stands_in,
    )
    told = stage.at(stage.officer, lambda desk: take_report(desk, new))
    stage.tell("reported", number=told.number, fen=told.lost_fen)
    return told
