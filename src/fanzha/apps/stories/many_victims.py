"""Two hundred victims of one app in a day: one case, each account held once, each victim's money told apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fanzha.adapters.store.incidents import stakes_of
from fanzha.apps.stories.cast import AUTO, HOUR, YUAN, Account, Cast, Paid
from fanzha.apps.stories.hands import blocked, filed, frozen, ordered, traced_fen
from fanzha.apps.stories.stage import CHASING, Stage
from fanzha.cases.incident import Incident, Source
from fanzha.i18n import text
from fanzha.orders.effects import Effect, OrderKind
from fanzha.orders.order import QueryOf, TargetKind, Terms
from fanzha.protocol.facts import Side
from fanzha.registers.institutions import InstitutionKind
from fanzha.wiring.chase_look import look_at
from fanzha.wiring.incidents import NewPaid, NewReport, close_incident, same_payees, take_report
from fanzha.wiring.joining import join_incidents

VICTIMS = 200
AT_ONCE = 20
FIRST_AT, PASSED_ON = 30, 25
"""When the first victims call, and when the mules have sent on what they had by then."""
_EVERY = 2 * HOUR
_SOON = 8
"""Minutes after which the desk has seen the money held, and closes what was reported."""
_MULES = ("first", "other")
_LINE = "12012345678"
_CHANNELS = {
    InstitutionKind.CARRIER: (TargetKind.PHONE, _LINE),
    InstitutionKind.RESOLVER: (TargetKind.SITE, "hxxps://pay[.]lucky.example/"),
    InstitutionKind.STORE: (TargetKind.APP, "com.lucky.example"),
}


def _loss_fen(number: int) -> int:
    """What a victim pays: sums that differ, to the fen."""
    return 3_000 * YUAN + 1_037 * number


def _paid_at(number: int) -> float:
    """When: the first twenty before anybody reports, then twenty in every two hours."""
    turn, place = divmod(number, AT_ONCE)
    return 2 + place if turn == 0 else FIRST_AT + (turn - 1) * _EVERY + 5 * (place + 1)


def _mule(number: int) -> str:
    return _MULES[number % len(_MULES)]


def _gone_fen() -> int:
    """What the mules have sent on before the first report: all of what came first."""
    return sum(_loss_fen(each) for each in range(AT_ONCE))


ONE_APP = Cast(
    banks=(AUTO, AUTO, AUTO),
    others=tuple(_CHANNELS),
    accounts=(
        *(
            Account(name=f"victim{each}", bank=1, holder=f"Test Victim {each}", balance_fen=_loss_fen(each))
            for each in range(VICTIMS)
        ),
        Account(name="first", bank=2, holder="Test A"),
        Account(name="other", bank=2, holder="Test B"),
        Account(name="second", bank=3, holder="Test C"),
        Account(name="line", bank=4, holder="Test D", number=_LINE),
    ),
    payments=(
        *(
            Paid(payer=f"victim{each}", minutes=_paid_at(each), amount_fen=_loss_fen(each), payee=_mule(each))
            for each in range(VICTIMS)
        ),
        *(
            Paid(
                payer=mule,
                minutes=PASSED_ON,
                amount_fen=sum(_loss_fen(each) for each in range(AT_ONCE) if _mule(each) == mule),
                payee="second",
            )
            for mule in _MULES
        ),
        Paid(payer="second", minutes=PASSED_ON + 1, amount_fen=_gone_fen() // 3),
        *(Paid(payer=mule, minutes=20.5 * HOUR, amount_fen=1_000 * YUAN) for mule in _MULES),
    ),
)
"""The first twenty victims' money has gone on, and a third of it is cash, before the first of them calls."""


def one_app(stage: Stage) -> None:
    """Reports come in all day, each recognised while it is typed: one case, and no account is stopped twice."""
    stage.allow(frozenset({OrderKind.STOP}))
    told: list[Incident] = []
    for turn in range(VICTIMS // AT_ONCE):
        stage.until(FIRST_AT + turn * _EVERY)
        taken = [_taken(stage, each) for each in range(turn * AT_ONCE, (turn + 1) * AT_ONCE)]
        stage.run.settle()
        told += taken
        if turn == 0:
            _one_case(stage, told)
        stage.until(FIRST_AT + turn * _EVERY + _SOON)
        _closed(stage, [each for each in taken if each is not told[0]])
    again = _taken(stage, 0)
    _closed(stage, [again])
    _held_at_last(stage, told[0])
    _counted(stage, told, again)


def _closed(stage: Stage, incidents: Sequence[Incident]) -> None:
    """Their money is held: the chase goes on for the first of the case alone."""
    for each in incidents:
        stage.at(stage.officer, lambda desk, each=each: close_incident(desk, each.number, _reason()))  # type: ignore[misc]


def _one_case(stage: Stage, told: Sequence[Incident]) -> None:
    """Two cases turn out to be one app's: they are joined, chased together, and the app's channels are cut off."""
    lead, apart = told[0], sorted({each.number for each in told if each.case_id != told[0].case_id})
    stage.at(stage.officer, lambda desk: join_incidents(desk, lead.number, apart, _reason()))
    stage.tell("joined", count=len(apart), number=lead.number)
    stage.allow(CHASING, lead, excluded=frozenset())
    for kind, (target, what) in _CHANNELS.items():
        blocked(stage, lead, kind, target, what)
    stage.fact("recognised", len(told) - len(_MULES), "incidents", AT_ONCE - len(_MULES), "=")


def _taken(stage: Stage, number: int) -> Incident:
    """One victim's report: into the case of those who named the same account, where somebody did."""
    payee = stage.numbers[_mule(number)]
    paid = NewPaid(
        institution=stage.bank(_mule(number)),
        payee=payee,
        payee_name=stage.holder(_mule(number)),
        amount_fen=_loss_fen(number),
        at=stage.began + timedelta(minutes=_paid_at(number)),
        payer=stage.numbers[f"victim{number}"],
    )
    alike = stage.at(stage.officer, lambda desk: same_payees(desk, [payee], 1))
    new = NewReport(
        source=Source.HOTLINE,
        reported_at=stage.now,
        payments=(paid,),
        victim=stage.holder(f"victim{number}"),
        scam_type="ST01",
        identity_checked=True,
        case=alike[0].stands_in if alike else None,
    )
    told = stage.at(stage.officer, lambda desk: take_report(desk, new))
    stage.tell("reported" if new.case is None else "recognised", number=told.number, fen=told.lost_fen)
    return told


def _held_at_last(stage: Stage, lead: Incident) -> None:
    """The statements of the mules' accounts are asked for once more, the case is filed, and all that lies is frozen."""
    accounts = (*_MULES, "second")
    last = 21 * HOUR
    stage.until(last)
    for each in accounts:
        period = Terms(query_of=QueryOf.DETAILS, since=stage.began - timedelta(days=1), until=stage.now)
        ordered(stage, lead, OrderKind.QUERY, each, period)
    stage.until(last + 10)
    filed(stage, lead)
    for each in accounts:
        frozen(stage, lead, each, traced_fen(stage, lead, each))
    stage.until(last + 30)


def _counted(stage: Stage, told: Sequence[Incident], again: Incident) -> None:
    """What is held by orders, by victim and by the banks' own books is one sum; nothing is counted for two."""
    with stage.house.act(stage.officer) as connection:
        held = [stakes_of(connection, each.id).held_fen for each in told]
        twice = stakes_of(connection, again.id).held_fen
    look = stage.at(stage.officer, lambda desk: look_at(desk, told[0].number))
    losses, accounts = [int(each.lost_fen) for each in told], (*_MULES, "second")
    came = sum(line.amount_fen for mule in _MULES for line in stage.books(mule).lines if line.side is Side.CREDIT)
    cash = sum(line.amount_fen for line in stage.books("second").lines if line.cash and line.success)
    stops = [each for name in accounts for each in stage.books(name).stops]
    blocks = [each for each in stage.orders(OrderKind.BLOCK) if each.effect is Effect.BLOCKED]
    stage.fact("victims", len(told), "people", VICTIMS, "=")
    stage.fact("in_one_case", len(look.chased.together), "incidents", VICTIMS + 1, "=")
    stage.fact("stops", len(stage.orders(OrderKind.STOP)), "orders", len(accounts), "=")
    stage.fact("stopped_by_banks", len(stops), "accounts", len(accounts), "=")
    stage.fact("blocked", len(blocks), "orders", len(_CHANNELS), "=")
    stage.fact("lost_fen", sum(losses), "fen", came, "=")
    stage.fact("held_fen", stage.held_fen(), "fen", came - cash, "=")
    stage.fact("there_fen", stage.lies_fen(*accounts), "fen", came - cash, "=")
    stage.fact("held_by_victim_fen", sum(held), "fen", came - cash, "=")
    beyond = sum(part > loss for part, loss in zip(held, losses, strict=True))
    stage.fact("held_beyond_loss", beyond, "people", 0, "=")
    whole = sum(part == loss for part, loss in zip(held, losses, strict=True))
    stage.fact("held_whole", whole, "people", VICTIMS - AT_ONCE, ">=")
    stage.fact("counted_twice_fen", twice, "fen", 0, "=")


def _reason() -> str:
    return text("zh", "stories.reason")
