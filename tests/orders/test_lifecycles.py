"""No sequence of moves, answers and clock jumps takes an order where the law forbids (stateful)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fanzha.kernel.errors import Forbidden, Illegal, Invalid
from fanzha.kernel.legal_days import months_after
from fanzha.kernel.money import Fen
from fanzha.orders.answers import Reading, activated, answered, lawful_end
from fanzha.orders.clocks import ClockKind, clocks_of
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import Ground, Wish, drafted, lapsed, unrelated
from fanzha.orders.effects import IN_FORCE, Act, Effect, OrderKind
from fanzha.orders.entries import Entry, folded
from fanzha.orders.order import Capacity, Instruction, Order, Paper, QueryOf, Terms
from fanzha.orders.sending import Next, Patience, asked, given_up, lost, next_step, revived, sent
from fanzha.orders.signing import Signer, cancelled, rejected, signed
from fanzha.protocol.answer import Answer
from fanzha.protocol.trades import Trade
from tests.orders.making import CHIEF, DRAFTER, HOUSE, LAW, NOW, SECOND, TERMS, opened

CODES = ["0000", "0000", "0000", "0900", "1200", "0301", "0302", "0600", "1300", "1301", "1303", "1304", "1800", "4711"]
FEN = st.integers(0, 6_000_000)
MINUTES = st.sampled_from([-400, -1, 0, 1, 4, 6, 400])
FREEZE_TERMS = st.sampled_from(["ordinary", "ordinary", "complex"])
SIGNERS = st.sampled_from([SECOND, CHIEF, Signer(by=DRAFTER, own=frozenset(Capacity))])


class OneOrder(RuleBasedStateMachine):
    """One order in everybody's hands at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.order: Order = opened()
        self.entries: list[Entry] = []
        self.first: Order = self.order
        self.wishes = 0
        self.at_bank: dict[UUID, int] = {}
        """How often each application id has taken effect at the bank."""

    @initialize(
        kind=st.sampled_from([*OrderKind, OrderKind.STOP, OrderKind.FREEZE, OrderKind.FREEZE]),
        far=st.sampled_from(["drafted", "in force", "waiting"]),
        term=FREEZE_TERMS,
        over=MINUTES,
    )
    def begin(self, kind: OrderKind, far: str, term: str, over: int) -> None:
        """An order that nobody has touched, or one that is already in force or waits."""
        self.order = self.first = opened(kind)
        if far == "drafted":
            return
        self.draft_well(term)
        self.sign_and_send()
        if far == "in force":
            self.be_answered_to_the_minute(0, over)
        elif kind is OrderKind.FREEZE:
            self.be_told_to_wait()

    def write(self, entries: list[Entry]) -> None:
        self.order = folded(self.order, entries)
        self.entries.extend(entries)

    @rule(
        act=st.sampled_from(list(Act)),
        months=st.integers(0, 14),
        days=st.integers(0, 120),
        release=FEN,
        more=FEN,
        term=FREEZE_TERMS,
    )
    def draft_anything(self, act: Act, months: int, days: int, release: int, more: int, term: str) -> None:
        self.draft(act, months, days, release, more, term)

    def draft(self, act: Act, months: int, days: int, release: int, more: int, term: str = "ordinary") -> None:
        terms = Terms(
            term=term,
            limit_fen=Fen(more) or None,
            release_fen=Fen(release) or None,
            months=months,
            days=days,
            evidence="0" * 64,
            query_of=QueryOf.HOLDER,
        )
        self.wishes += 1
        wanted = Wish(id=UUID(int=5_000 + self.wishes), act=act, terms=terms, reason="synthetic")
        try:
            self.write([drafted(self.order, wanted, Ground(law=LAW, case_filed=True), DRAFTER, self.now)])
        except (Illegal, Invalid):
            return

    @precondition(lambda self: not self.order.instructions)
    @rule(term=FREEZE_TERMS)
    def draft_well(self, term: str) -> None:
        terms = replace(TERMS[self.order.kind], term=term)
        wanted = Wish(id=UUID(int=4_999), act=Act.APPLY, terms=terms, reason="synthetic")
        self.write([drafted(self.order, wanted, Ground(law=LAW, case_filed=True), DRAFTER, self.now)])

    @precondition(lambda self: self.order.effect in IN_FORCE)
    @rule(act=st.sampled_from([Act.EXTEND, Act.RENEW, Act.RELEASE, Act.LIFT]), months=st.integers(1, 6), part=FEN)
    def draft_change(self, act: Act, months: int, part: int) -> None:
        """What a desk does with an order in force, right in form."""
        self.draft(act, months, 0, min(part, self.order.holding_fen), 0)

    @precondition(lambda self: self.order.instructions and self.order.instructions[-1].paper is Paper.DRAFT)
    @rule()
    def sign_and_send(self) -> None:
        """Everybody who must sign does, and it goes out."""
        latest = self.order.instructions[-1].id
        for signer in (SECOND, CHIEF):
            if set(self.order.instruction(latest).missing) & signer.own:
                self.write(signed(self.order, self.order.instruction(latest), signer, self.now))
        self.write([sent(self.order.instruction(latest), HOUSE, self.now)])

    @precondition(lambda self: any(each.delivery is Delivery.SENT for each in self.order.instructions))
    @rule(balance=st.integers(1, 6_000_000), claimed=FEN, lasts=st.integers(1, 10_000))
    def be_answered(self, balance: int, claimed: int, lasts: int) -> None:
        """The institution says that it was done, with whatever numbers."""
        waiting = [at for at, each in enumerate(self.order.instructions) if each.delivery is Delivery.SENT]
        self.answer(waiting[-1], "0000", balance, claimed, 0, lasts, True)

    @precondition(lambda self: self.order.instructions)
    @rule(signer=SIGNERS, says=st.sampled_from(["yes", "yes", "yes", "no", "take back"]))
    def decide(self, signer: object, says: str) -> None:
        latest = self.order.instructions[-1]
        try:
            if says == "yes":
                self.write(signed(self.order, latest, signer, self.now))  # type: ignore[arg-type]
            elif says == "no":
                self.write([rejected(self.order, latest, signer, "no", self.now)])  # type: ignore[arg-type]
            else:
                self.write([cancelled(self.order, latest, DRAFTER, "typed wrong", self.now)])
        except (Illegal, Forbidden):
            return

    @precondition(lambda self: self.order.instructions)
    @rule(arrives=st.booleans(), known=st.sampled_from(["not_known", "received", "working", "silent"]))
    def travel(self, arrives: bool, known: str) -> None:
        """The house's next step, with a line that may fail after the bank acted."""
        instruction = self.order.instructions[-1]
        match next_step(instruction, Patience(sends=2, questions=3)):
            case Next.SEND:
                self.write([sent(instruction, HOUSE, self.now)])
                if arrives:
                    self.at_bank[instruction.id] = self.at_bank.get(instruction.id, 0) + 1
                else:
                    self.write([lost(self.order.instruction(instruction.id), HOUSE, self.now, "timeout")])
            case Next.ASK:
                says = known if instruction.id not in self.at_bank or known != "not_known" else "received"
                self.write([asked(instruction, HOUSE, self.now, says)])
            case Next.GIVE_UP:
                self.write([given_up(instruction, HOUSE, self.now, "used_up")])

    @precondition(lambda self: any(each.delivery is Delivery.DEAD for each in self.order.instructions))
    @rule()
    def revive(self) -> None:
        dead = [each for each in self.order.instructions if each.delivery is Delivery.DEAD]
        self.write([revived(dead[-1], DRAFTER, self.now, "line is up")])

    @precondition(lambda self: self.order.instructions)
    @rule(
        which=st.integers(0, 5),
        code=st.sampled_from(CODES),
        balance=FEN,
        claimed=FEN,
        start=st.integers(-100, 100),
        lasts=st.integers(1, 10_000),
        final=st.booleans(),
    )
    def answer_anything(
        self, which: int, code: str, balance: int, claimed: int, start: int, lasts: int, final: bool
    ) -> None:
        self.answer(which, code, balance, claimed, start, lasts, final)

    def answer(self, which: int, code: str, balance: int, claimed: int, start: int, lasts: int, final: bool) -> None:
        """Any instruction, old ones too, gets any answer, true or false."""
        instruction = self.order.instructions[which % len(self.order.instructions)]
        began = self.now + timedelta(hours=start)
        told = self.told(instruction, code, balance, claimed, began, timedelta(hours=lasts), final)
        self.take(instruction, told)

    def take(self, instruction: Instruction, told: Answer) -> None:
        """What the answer does; what had lapsed comes back only by what the institution did before the lapse."""
        before = self.order
        noted = answered(self.reading(instruction, told))
        assert noted, "an answer was dropped without a record"
        self.write(noted)
        if before.effect is Effect.LAPSED and self.order.effect in IN_FORCE:
            assert told.started_at is not None and before.ends_at is not None
            assert told.started_at < before.ends_at

    def told(
        self,
        instruction: Instruction,
        code: str,
        balance: int,
        claimed: int,
        began: datetime,
        lasts: timedelta,
        final: bool,
    ) -> Answer:
        return Answer(
            answer_id=str(UUID(int=9_000)),
            application_id=str(instruction.id),
            institution_code="999900000001",
            trade=Trade.STOP,
            result=code,
            answered_at=self.now,
            part=1,
            final=final,
            exercise=True,
            balance_fen=balance,
            held_fen=claimed,
            frozen_fen=claimed,
            released_fen=claimed,
            started_at=began,
            ends_at=began + lasts,
        )

    def reading(self, instruction: Instruction, told: Answer) -> Reading:
        return Reading(
            order=self.order, instruction=instruction, answer=told, stop_hours=LAW.stop.hours, by=HOUSE, now=self.now
        )

    @precondition(lambda self: any(each.delivery is Delivery.SENT for each in self.order.instructions))
    @rule(start=st.integers(-100, 0), over=MINUTES)
    def be_answered_to_the_minute(self, start: int, over: int) -> None:
        """The institution names an end of its own, minutes from the lawful one."""
        waiting = [each for each in self.order.instructions if each.delivery is Delivery.SENT]
        began = self.now + timedelta(hours=start)
        ends = lawful_end(self.order.kind, waiting[-1], min(began, self.now), LAW.stop.hours)
        lasts = timedelta(hours=1) if ends is None else ends - began + timedelta(minutes=over)
        told = self.told(waiting[-1], "0000", 4_000_000, 4_000_000, began, max(lasts, timedelta(minutes=1)), True)
        self.take(waiting[-1], told)

    @precondition(
        lambda self: (
            self.order.effect in {Effect.HELD, Effect.EXTENDED, Effect.FROZEN} and self.order.ends_at is not None
        )
    )
    @precondition(lambda self: not any(each.open for each in self.order.instructions))
    @rule(made=st.sampled_from([-60, -1, 0, 1, 60]), late=st.integers(1, 100))
    def be_prolonged_late(self, made: int, late: int) -> None:
        """What was asked for in time is answered after the lapse: done minutes before it, or minutes after."""
        assert self.order.ends_at is not None
        end = self.order.ends_at
        self.now = max(self.now, end - timedelta(hours=2))
        self.draft(Act.EXTEND if self.order.kind is OrderKind.STOP else Act.RENEW, 6, 0, 0, 0)
        if self.order.instructions[-1].paper is not Paper.DRAFT:  # refused: a third stop
            return
        self.sign_and_send()
        self.now = max(self.now, end + timedelta(hours=late))
        self.ring()
        told = self.told(self.order.instructions[-1], "0000", 1, 1, end + timedelta(minutes=made), timedelta(9), True)
        self.take(self.order.instructions[-1], told)

    @precondition(lambda self: self.order.effect is Effect.APPROVED and self.order.kind is OrderKind.FREEZE)
    @precondition(lambda self: any(each.delivery is Delivery.SENT for each in self.order.instructions))
    @rule()
    def be_told_to_wait(self) -> None:
        """Another organ was first."""
        waiting = [at for at, each in enumerate(self.order.instructions) if each.delivery is Delivery.SENT]
        self.answer(waiting[-1], "1303", 1, 0, 0, 1, True)

    @precondition(lambda self: self.order.effect is Effect.WAITING)
    @rule(balance=FEN, claimed=FEN, start=st.integers(-100, 100))
    def take_its_turn(self, balance: int, claimed: int, start: int) -> None:
        """The freeze before ours is gone, says the institution, and what ours holds now, true or false."""
        assert self.order.applied is not None
        began = self.now + timedelta(hours=start)
        told = self.told(self.order.applied, "0000", balance, claimed, began, timedelta(days=900), True)
        months = self.order.applied.terms.months or 0
        self.write(activated(self.order, replace(told, trade=Trade.ACTIVATE), months, HOUSE, self.now))

    @rule(hours=st.sampled_from([1, 1, 5, 24, 47, 24 * 30, 24 * 170]))
    def time_passes(self, hours: int) -> None:
        """The clock jumps, and rings what is due, as the worker does."""
        self.now += timedelta(hours=hours)
        self.ring()

    def ring(self) -> None:
        due = [each for each in clocks_of(self.order, LAW) if each.rings_at <= self.now]
        if any(each.kind is ClockKind.LAPSE for each in due):
            self.write([lapsed(self.order, HOUSE, self.now)])

    @rule()
    def find_unrelated(self) -> None:
        try:
            self.write([unrelated(self.order, DRAFTER, "a shop's takings", self.now)])
        except Illegal:
            return
        assert any(each.kind is ClockKind.RELEASE for each in clocks_of(self.order, LAW))

    @invariant()
    def replays(self) -> None:
        assert folded(self.first, self.entries) == self.order

    @invariant()
    def every_effect_has_an_authority_and_a_reason(self) -> None:
        if self.order.effect in {Effect.DRAFT, Effect.REJECTED, Effect.CANCELLED}:
            return
        begun = [each for each in self.order.instructions if each.act is Act.APPLY and each.paper is Paper.SIGNED]
        assert begun
        for each in begun:
            people = [each.drafted_by.user_id, *(one.by.user_id for one in each.signatures)]
            assert len(set(people)) == len(people) > len(each.needs)
            assert not each.missing
            assert each.reason

    @invariant()
    def nothing_unsigned_ever_travels(self) -> None:
        for each in self.order.instructions:
            if each.delivery not in {Delivery.UNSENT, Delivery.WITHDRAWN}:
                assert each.paper is Paper.SIGNED

    @invariant()
    def terms_stay_within_the_law(self) -> None:
        order = self.order
        if order.starts_at is None or order.ends_at is None:
            return
        lasts: timedelta = order.ends_at - order.starts_at
        if order.kind is OrderKind.STOP:
            assert order.times <= LAW.stop.most
            assert lasts <= timedelta(hours=LAW.stop.hours * order.times)
        if order.kind is OrderKind.FREEZE:
            assert order.ends_at <= months_after(order.starts_at, self.months_granted())
        assert order.starts_at <= self.now

    def months_granted(self) -> int:
        """The months of all that was signed, each no more than the law's for its term."""
        granted = [
            each
            for each in self.order.instructions
            if each.act in {Act.APPLY, Act.RENEW} and each.paper is Paper.SIGNED
        ]
        for each in granted:
            assert (each.terms.months or 0) <= LAW.freeze.term(each.terms.term).months
        return sum(each.terms.months or 0 for each in granted)

    @invariant()
    def what_goes_on_or_ends_is_signed_as_high_as_it_was_begun(self) -> None:
        began = ""
        for each in self.order.instructions:
            if each.act is Act.APPLY and each.paper is Paper.SIGNED:
                began = each.terms.term
            if self.order.kind is OrderKind.FREEZE and each.act is not Act.APPLY and began == "complex":
                assert Capacity.CITY_CHIEF in each.needs

    @invariant()
    def fen_are_kept_apart(self) -> None:
        order = self.order
        if order.held_fen is not None and order.balance_fen is not None:
            assert 0 <= order.held_fen <= max(0, order.balance_fen)
        if order.kind is OrderKind.FREEZE and order.held_fen is not None and order.applied is not None:
            assert order.held_fen <= (order.applied.terms.limit_fen or 0)
        assert 0 <= order.holding_fen <= (order.held_fen or 0)
        if order.effect not in IN_FORCE:
            assert order.holding_fen == 0

    @invariant()
    def nothing_outlives_its_term_unseen(self) -> None:
        if self.order.effect in IN_FORCE and self.order.ends_at is not None:
            assert any(each.kind is ClockKind.LAPSE for each in clocks_of(self.order, LAW))


OneOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestOneOrder = OneOrder.TestCase
