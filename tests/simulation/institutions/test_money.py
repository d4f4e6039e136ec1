"""Money at simulated institutions: conserved to the fen, kept where it is held, and nothing done twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fanzha.kernel.errors import Unavailable
from fanzha.protocol.answer import Answer
from fanzha.protocol.facts import Side
from fanzha.protocol.messages import Push
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.accounts import Payment
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import EFFECTS, Deed, Happening, twice
from fanzha.simulation.parameters import published
from tests.simulation.making import (
    ALICE,
    BEGAN,
    BOB,
    EMPTY,
    FIRST,
    SECOND,
    SHOP,
    UNTROUBLED,
    WALLETS,
    asked,
    city,
    opening,
    paid,
    setup,
    target,
)

CAROL = "9999990000000000207"
PLACES = [(FIRST, ALICE), (FIRST, BOB), (FIRST, SHOP), (FIRST, EMPTY), (SECOND, CAROL), (SECOND, "nowhere")]
NAMES = {ALICE: "测试·甲", BOB: "测试·乙", SHOP: "测试·商行", EMPTY: "测试·甲", CAROL: "测试·丙"}
OPENED_FEN = 100_000_00 + 5_00 + 7_000_00 + 9_00 + 9_00 + 50_000_00 + 3_00
ROUGH = published().changed(
    failure__bank=0.1,
    fault__lost_before=0.1,
    fault__lost_after=0.2,
    fault__duplicate=0.3,
    fault__late=0.3,
    fault__silent=0.1,
    fault__not_applied=0.1,
    fault__false_balance=0.1,
    outage__share=0.1,
)


class Dealings(RuleBasedStateMachine):
    """Any payments and any requests, repeated, lost and late, over any time."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.clock = city(ROUGH, 11, [setup(), setup(SECOND, profile=Profile.AUTOMATIC)])
        self.requests: list[tuple[str, Request]] = []

    @rule(source=st.sampled_from(PLACES), to=st.sampled_from([*PLACES, None]), fen=st.integers(1, 120_000_00))
    def pay(self, source: tuple[str, str], to: tuple[str, str] | None, fen: int) -> None:
        """Somebody pays somebody, or takes cash."""
        self.world.plan({source[0]: [paid(source[1], fen, self.clock.now(), to)]})
        self.world.advance()

    @rule(place=st.sampled_from(PLACES[:5]), trade=st.sampled_from([Trade.STOP, Trade.FREEZE, Trade.MONITOR_ON]))
    def restrict(self, place: tuple[str, str], trade: Trade) -> None:
        """The centre asks for something new."""
        code, number = place
        self._send(code, asked(trade, self.clock.now(), target=target(number, code=code, name=NAMES[number])))

    @rule(pick=st.integers(0, 99), trade=st.sampled_from([Trade.LIFT_STOP, Trade.RELEASE, Trade.EXTEND_STOP]))
    def change(self, pick: int, trade: Trade) -> None:
        """The centre changes something old."""
        made = [(code, each) for code, each in self.requests if each.trade is trade.changes]
        if made:
            code, original = made[pick % len(made)]
            ends = {"expires_at": original.expires_at + timedelta(hours=40)} if original.expires_at else {}
            told = {"original_application_id": original.application_id, "target": original.target}
            extra = ends if trade is Trade.EXTEND_STOP else {}
            self._send(code, asked(trade, self.clock.now(), **told, **extra))

    @rule(pick=st.integers(0, 99))
    def repeat(self, pick: int) -> None:
        """A request comes again, as after a lost receipt."""
        if self.requests:
            self._send(*self.requests[pick % len(self.requests)], new=False)

    @rule(minutes=st.integers(0, 3_000))
    def wait(self, minutes: int) -> None:
        """Time passes and answers come."""
        self.clock.move(timedelta(minutes=minutes))
        self.world.due()

    @invariant()
    def money_is_conserved(self) -> None:
        """Nothing is made and nothing lost: balances, money under way and cash are what was opened."""
        cash = sum(each.till.cash_fen for each in self.world.institutions.values())
        assert self.world.money_fen + cash == OPENED_FEN

    @invariant()
    def no_more_is_held_than_is_there(self) -> None:
        """What is frozen and what can be used are within the balance."""
        now = self.clock.now()
        for institution in self.world.institutions.values():
            for account in institution.books.accounts.values():
                assert 0 <= account.frozen_fen(now) <= account.balance_fen
                assert 0 <= account.available_fen(now) <= account.balance_fen - account.frozen_fen(now)

    @invariant()
    def nothing_takes_effect_twice(self) -> None:
        """No application did the same thing more than once."""
        assert not twice(self.world.truth)

    @invariant()
    def nothing_leaves_a_stopped_account(self) -> None:
        """Every debit lies outside every true hold of its account, as the truth has them."""
        for institution in self.world.institutions.values():
            for number, account in institution.books.accounts.items():
                holds = true_holds(institution.truth, number)
                left = [each.at for each in account.lines if each.side is Side.DEBIT and each.success]
                assert not [at for at in left if any(since < at < until for since, until in holds)]

    def _send(self, code: str, request: Request, new: bool = True) -> None:
        if new:
            self.requests.append((code, request))
        try:
            self.world.send(code, request)
        except Unavailable:
            return


def true_holds(truth: list[Happening], number: str) -> list[tuple[datetime, datetime]]:
    """When nothing could leave an account, from each true stop to what ended it."""
    here = [each for each in truth if each.number == number]
    far = datetime.max.replace(tzinfo=BEGAN.tzinfo)
    ends = [each.at for each in here if each.deed in {Deed.LIFTED, Deed.ENDED}]
    return [
        (each.at, min((at for at in ends if at >= each.at), default=far)) for each in here if each.deed is Deed.HELD
    ]


TestDealings = Dealings.TestCase
TestDealings.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_stop_keeps_debits_out_and_lets_credits_in() -> None:
    world, clock = city()
    world.send(FIRST, asked(Trade.STOP))
    world.plan({FIRST: [paid(ALICE, 1_00, BEGAN, (SECOND, CAROL))], SECOND: [paid(CAROL, 2_00, BEGAN, (FIRST, ALICE))]})
    clock.move(timedelta(hours=1))
    world.advance()
    alice, carol = world.institutions[FIRST].books.accounts[ALICE], world.institutions[SECOND].books.accounts[CAROL]
    assert (alice.balance_fen, carol.balance_fen) == (100_002_00, 1_00)
    assert [(each.side, each.success) for each in alice.lines] == [(Side.DEBIT, False), (Side.CREDIT, True)]
    clock.move(timedelta(hours=48))
    world.plan({FIRST: [paid(ALICE, 1_00, clock.now(), (SECOND, CAROL))]})
    world.advance()
    assert carol.balance_fen == 2_00, "a stop ends by itself"


def test_a_lie_of_not_applying_lets_money_leave_and_the_truth_says_so() -> None:
    world, clock = city(UNTROUBLED.changed(fault__not_applied=1.0), setups=[setup(profile=Profile.AUTOMATIC)])
    world.send(FIRST, asked(Trade.STOP))
    clock.move(timedelta(hours=2))
    (told,) = world.due()
    assert isinstance(told, Answer) and (told.result, told.held_fen) == ("0000", 100_000_00)
    world.plan({FIRST: [paid(ALICE, 60_000_00, clock.now())]})
    world.advance()
    assert world.institutions[FIRST].books.accounts[ALICE].balance_fen == 40_000_00
    assert [each.deed for each in world.truth] == [Deed.PRETENDED]
    assert not EFFECTS & {each.deed for each in world.truth}


def test_a_false_balance_is_told_and_the_truth_has_the_right_one() -> None:
    world, clock = city(UNTROUBLED.changed(fault__false_balance=1.0), setups=[setup(profile=Profile.AUTOMATIC)])
    world.send(FIRST, asked(Trade.STOP, target=target(EMPTY)))
    clock.move(timedelta(hours=2))
    (told,) = world.due()
    assert isinstance(told, Answer) and (told.result, told.held_fen) == ("0000", 80_000_00)
    assert [(each.deed, each.fen) for each in world.truth] == [(Deed.HELD, 0), (Deed.MISSTATED, 80_000_00)]


def test_a_leg_of_a_payment_company_shows_its_name_and_no_number() -> None:
    world, clock = city(setups=[setup(), setup(WALLETS, InstitutionKind.PAYMENT)])
    world.open({WALLETS: [opening("wxid_test01", 9_00, name="测试·丁")]})
    world.plan({WALLETS: [paid("wxid_test01", 9_00, BEGAN, (FIRST, EMPTY))]})
    to_wallet = paid(ALICE, 4_00, BEGAN, (WALLETS, "wxid_test01"), payee_name="测试支付公司", hidden=True)
    world.plan({FIRST: [to_wallet]})
    clock.move(timedelta(minutes=1))
    world.advance()
    books = world.institutions[FIRST].books.accounts
    for account in (books[EMPTY], books[ALICE]):
        other = account.lines[0].counterparty
        assert other is not None and other.number is None and other.name is not None
    assert world.institutions[WALLETS].books.accounts["wxid_test01"].balance_fen == 4_00


def test_money_for_an_account_that_is_not_there_comes_back() -> None:
    world, clock = city()
    world.plan({FIRST: [paid(ALICE, 1_00, BEGAN, (SECOND, "nowhere"))]})
    clock.move(timedelta(minutes=1))
    world.advance()
    alice = world.institutions[FIRST].books.accounts[ALICE]
    assert alice.balance_fen == 100_000_00
    assert [each.side for each in alice.lines] == [Side.DEBIT, Side.CREDIT]


def test_monitoring_pushes_each_line_in_order_until_it_is_off() -> None:
    world, clock = city()
    on = asked(Trade.MONITOR_ON)
    world.send(FIRST, on)
    world.plan({FIRST: [paid(ALICE, each * 1_00, BEGAN + timedelta(minutes=each)) for each in (1, 2, 3)]})
    clock.move(timedelta(minutes=2))
    pushed = [each for each in world.due() if isinstance(each, Push)]
    assert [(each.sequence, each.transactions[0].amount_fen) for each in pushed] == [(1, 1_00), (2, 2_00)]
    world.send(FIRST, asked(Trade.MONITOR_OFF, clock.now(), original_application_id=on.application_id))
    clock.move(timedelta(minutes=2))
    assert not world.due()


@settings(max_examples=15, deadline=None)
@given(lines=st.integers(0, 650))
def test_a_long_statement_comes_in_parts_whose_lines_sum(lines: int) -> None:
    world, clock = city(UNTROUBLED.changed(fault__reordered=1.0), setups=[setup(profile=Profile.AUTOMATIC)])
    world.plan({FIRST: [paid(ALICE, 1, BEGAN + timedelta(seconds=each)) for each in range(lines)]})
    clock.move(timedelta(hours=1))
    world.send(FIRST, asked(Trade.QUERY_DETAILS, clock.now()))
    clock.move(timedelta(hours=1))
    parts = [each for each in world.due() if isinstance(each, Answer)]
    assert [each.part for each in parts] == list(range(len(parts), 0, -1)), "the last comes first"
    assert [each.final for each in parts] == [place == 0 for place in range(len(parts))]
    assert sum(len(each.transactions) for each in parts) == lines


def run(seed: int, rates: float = 0.2) -> tuple[SteppedInstitutions, int]:
    """A day of payments and requests under faults; how many messages came."""
    rough = published().changed(fault__duplicate=rates, fault__late=rates, fault__lost_after=rates)
    world, clock = city(rough, seed, [setup(profile=Profile.AUTOMATIC), setup(SECOND, profile=Profile.SEMI_MANUAL)])
    told = 0
    for hour in range(12):
        world.plan({FIRST: [_numbered(paid(ALICE, 100 * hour + 1, clock.now(), (SECOND, CAROL)), hour)]})
        stop = asked(Trade.STOP if hour % 2 else Trade.QUERY_HOLDER, clock.now())
        named = _numbered_request(stop, hour)
        try:
            world.send(FIRST, named)
        except Unavailable:
            told += 1
        clock.move(timedelta(hours=1))
        told += len(world.due())
    return world, told


def _numbered(payment: Payment, number: int) -> Payment:
    return replace(payment, payment_id=f"00000000-0000-4000-8000-{number:012d}")


def _numbered_request(request: Request, number: int) -> Request:
    return replace(request, application_id=f"00000000-0000-4000-9000-{number:012d}")


def test_a_run_repeats_bit_for_bit_from_its_seed() -> None:
    (one, told), (two, again), (other, _) = run(1), run(1), run(2)
    assert told == again > 0
    assert one.digest() == two.digest() != other.digest()
