"""A chase without a database: the house's own pure steps over values in memory, against stepped institutions.

Drafting, signing, sending, hearing, reconciling, following, ranking and deciding are what `wiring` calls; in memory are
only the tables, the papers' bytes and the vault; `stepped_house` compares both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import starmap
from uuid import UUID, uuid5

from fanzha.adapters.connectors.port import Reply
from fanzha.adapters.ledger.reading import read_rows
from fanzha.apps.chasing.memory_case import Evidence, Vault
from fanzha.apps.chasing.standing_people import CASE, DRAFTER, OFFICER, ORGAN, SECOND, UNIT, Banks, bank_id
from fanzha.cases.incident import Incident
from fanzha.cases.told import HolderTold
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import FanzhaError
from fanzha.kernel.ids import OrderId, SubjectId
from fanzha.orders.answers import answered
from fanzha.orders.authority import Authority, Use, signed_under, used_up
from fanzha.orders.deliveries import Delivery
from fanzha.orders.drafting import Ground, Wish, drafted
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.entries import folded
from fanzha.orders.order import Instruction, Order, Payment, Target, TargetKind, Terms
from fanzha.orders.proportion import traced_now
from fanzha.orders.sending import Next, given_up, next_step, sent
from fanzha.protocol.answer import Answer, Status
from fanzha.protocol.messages import Push
from fanzha.protocol.parties import Document
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical
from fanzha.records.statements.words import Words, words_from
from fanzha.registers.institutions import InstitutionKind, named_like
from fanzha.rulebook import load_formats
from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.wiring.chase import look_again as next_look
from fanzha.wiring.chase_rules import holder_words, pace
from fanzha.wiring.clocks import HOUSE
from fanzha.wiring.heard_back import PATIENCE, heard, look_again, reading_of
from fanzha.wiring.law import law_at
from fanzha.workflows.answer_fit import misfit
from fanzha.workflows.answer_sheets import Sender, answer_sheets, said_id
from fanzha.workflows.case_ledger import CaseLedger
from fanzha.workflows.chase_accounts import NOTHING_HEARD, Keeper, believed, by_subject, chased_account, named
from fanzha.workflows.chase_funds import ChasedAccount, ChaseMove, Standing, chase
from fanzha.workflows.chase_leads import Known, LeadFacts, TellsOf, known
from fanzha.workflows.order_request import Addressee, Enclosed, request_for
from fanzha.workflows.order_request import Sender as InTheNameOf
from fanzha.workflows.reconcile_case import reconcile_case
from fanzha.workflows.stop_terms import StopTerms

_PAPER = b"simulated"
PAPERS = (Document(name="order.pdf", media_type="application/pdf", sha256=sha256(_PAPER).hexdigest(), content=_PAPER),)
PAPERWORK = timedelta(hours=24)


@cache
def _words() -> Words:
    return words_from(load_formats()["words"])


@cache
def _empty() -> CaseLedger:
    return reconcile_case(read_rows([]), [])


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the chase knew and wanted of one account: since when it was a lead, why its stop or query did not leave."""

    since: datetime
    waits: dict[OrderKind, str] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryDesk:
    """One incident's chase, from its report on."""

    world: SteppedInstitutions
    clock: SetClock
    incident: Incident
    vault: Vault
    banks: Banks
    authorities: Sequence[Authority]
    chance: Chance
    orders: dict[OrderId, Order] = field(default_factory=dict)
    uses: dict[UUID, list[tuple[OrderId, Use]]] = field(default_factory=lambda: defaultdict(list))
    evidence: Evidence = field(default_factory=Evidence)
    seen: dict[SubjectId, Seen] = field(default_factory=dict)
    rounds: int = 0
    _orders_of: dict[UUID, OrderId] = field(default_factory=dict)
    _deliveries: dict[UUID, datetime] = field(default_factory=dict)
    _look_at: datetime | None = None
    _wakes: bool = True

    def until(self, at: datetime) -> None:
        """Let everything happen that is due until then, each at its own time."""
        while True:
            self._settle()
            due = self._next_due()
            if due is None or due > at:
                break
            self.clock.at = max(due, self.clock.at)
        self.clock.at = max(at, self.clock.at)
        self._settle()

    def orders_on(self, subject: SubjectId, kind: OrderKind) -> list[Order]:
        """Orders of a kind on an account, oldest first."""
        return [each for each in self.orders.values() if each.target.subject == subject and each.kind is kind]

    @property
    def waits(self) -> bool:
        """Whether anything that was sent may still be answered."""
        return bool(self._deliveries)

    @property
    def now(self) -> datetime:
        """The time of the exercise."""
        return self.clock.now()

    def _next_due(self) -> datetime | None:
        told = (self.world.next_due(), self._look_at, *self._deliveries.values())
        return min((each for each in told if each is not None), default=None)

    def _settle(self) -> None:
        moved = True
        while moved:
            moved = self._hear()
            if self._wakes or (self._look_at is not None and self._look_at <= self.now):
                self._round()
                moved = True
            for each in [one for one, due in self._deliveries.items() if due <= self.now]:
                self._deliver(each)
                moved = True

    def _hear(self) -> bool:
        due = self.world.due()
        for each in due:
            self._take(each)
        return bool(due)

    def _take(self, said: Answer | Push) -> None:
        order = self.orders[self._orders_of[UUID(said.application_id)]]
        if misfit(order, said, self.vault.texts[order.target.subject]):
            return
        if isinstance(said, Answer):
            instruction = order.instruction(UUID(said.application_id))
            self._keep(folded(order, answered(reading_of(order, instruction, said, self.now))))
        self._absorb(order, said)
        self._wakes = True

    def _absorb(self, order: Order, said: Answer | Push) -> None:
        """What was told, once, as rows and facts of the case."""
        if said_id(said) in self.evidence.told:
            return
        self.evidence.told.add(said_id(said))
        sender = Sender(
            institution=self.banks.by_id[order.institution_id].name_zh,
            code=said.institution_code,
            about=order.number,
            asked=self.vault.texts[order.target.subject],
            received_at=self.now,
            body=canonical(said),
        )
        made = uuid5(order.id, said_id(said))
        for each in answer_sheets(said, sender, str(made), _words()):
            records = [(each.outcome.key, one) for one in each.batch.accounts]
            self.evidence.grow(each.batch.rows, records)
        if isinstance(said, Answer):
            self._facts(order, said)

    def _facts(self, order: Order, answer: Answer) -> None:
        subject = order.target.subject
        before = self.evidence.heard.get(subject, NOTHING_HEARD)
        if answer.holder is not None:
            told_holder = HolderTold(
                name=self.vault.id(answer.holder.name), holder_class=answer.holder.holder_class.value
            )
            before = replace(before, holder=told_holder)
            self.evidence.names[subject] = answer.holder.name
        if answer.balance_fen is not None:
            before = replace(before, balance_fen=answer.balance_fen, balance_at=answer.answered_at)
        self.evidence.heard[subject] = before

    def _round(self) -> None:
        """What wiring's round does: everything anew from the case's data, and what is allowed leaves."""
        self._wakes, self.rounds = False, self.rounds + 1
        self._look_at = next_look(self.incident.taken_at, self.now)
        on_account: dict[SubjectId, list[Order]] = defaultdict(list)
        for one in self.orders.values():
            on_account[one.target.subject].append(one)
        facts = believed(self._leads(), self.evidence.heard, on_account, pace().dwell, self.now)
        keepers = {subject: self._keeper(subject, each) for subject, each in facts.items()}
        heard_of, whose = self.evidence.heard, {self.incident.id: 0}
        accounts = [
            chased_account(
                [self.incident], subject, each, whose, keepers[subject], heard_of.get(subject, NOTHING_HEARD)
            )
            for subject, each in facts.items()
        ]
        standing = [
            Standing(authority=each, used=used_up(starmap(self._used, self.uses[each.id]))) for each in self.authorities
        ]
        self._keep_to_terms(accounts)
        moves = chase(self.incident, accounts, on_account, standing, law_at(self.now).authority, self.now)
        for move in sorted(moves, key=lambda one: (one.kind is not OrderKind.STOP, one.kind)):
            self.seen.setdefault(move.account.subject, Seen(since=self.now)).waits[move.kind] = move.waits
            if move.authority_id is not None:
                self._make(move, facts[move.account.subject], move.authority_id)

    def _keep_to_terms(self, accounts: Sequence[ChasedAccount]) -> None:
        """Call a person where too little of what a stop holds is traced, and let it go once its terms say so."""
        by_subject = {each.subject: each for each in accounts}
        for authority in self.authorities:
            for order_id, use in self.uses[authority.id]:
                terms = StopTerms(
                    account=by_subject.get(use.account),
                    others=(),
                    authority=authority,
                    law=law_at(self.now).authority,
                    spared=self.incident.names(use.account),
                    by=HOUSE,
                    now=self.now,
                )
                order = folded(self.orders[order_id], terms.due(self.orders[order_id]))
                self._keep(order)
                if terms.ends(order):
                    traced = traced_now(order, terms.lying(order).traced_fen, HOUSE, self.now)
                    self._let_go(folded(order, [traced] if traced else ()), authority)
                again = terms.looks_again(order)
                if again is not None and self._look_at is not None:
                    self._look_at = min(self._look_at, again)

    def _let_go(self, order: Order, authority: Authority) -> None:
        """The end of a stop, signed by the signatures that allowed it, is on its way."""
        wish = Wish(id=UUID(self.chance.uuid()), act=Act.LIFT, terms=Terms(), reason=order.number)
        ground = Ground(law=law_at(self.now), case_filed=False, earlier_stops=0)
        order = folded(order, [drafted(order, wish, ground, DRAFTER, self.now)])
        self._keep(folded(order, signed_under(order.instructions[-1], authority, self.now)))
        self._orders_of[wish.id] = order.id
        self._deliveries[wish.id] = self.now

    def _leads(self) -> dict[SubjectId, LeadFacts]:
        payments = [
            TellsOf(
                place=place,
                payee=self.vault.texts[each.payee],
                payee_name="" if each.payee_name is None else self.vault.texts[each.payee_name],
                fen=each.amount_fen,
                at=each.at,
            )
            for place, each in enumerate(self.incident.payments)
        ]
        found = self._known(payments)
        ids = {one: self.vault.id(one) for each in found.leads for one in each.identifiers}
        already = {each.target.subject for each in self.orders.values()} | {
            each.payee for each in self.incident.payments
        }
        facts = named(by_subject(found.leads, ids, already), self.evidence.names, holder_words())
        for subject in facts:
            self.seen.setdefault(subject, Seen(since=self.now))
        return facts

    def _known(self, payments: Sequence[TellsOf]) -> Known:
        ledger = self.evidence.ledger()
        if ledger is None:
            ledger = _empty()
        return known(ledger, ledger.flow, payments, pace(), self.now)

    def _keeper(self, subject: SubjectId, facts: LeadFacts) -> Keeper | None:
        for each in self.incident.payments:
            if each.payee == subject:
                return Keeper(each.institution_id, self.banks.by_id[each.institution_id].kind)
        fits = named_like(self.banks.known, facts.bank)
        return None if fits is None else Keeper(bank_id(fits.code), InstitutionKind.BANK)

    def _make(self, move: ChaseMove, facts: LeadFacts, authority_id: UUID) -> None:
        authority = next(each for each in self.authorities if each.id == authority_id)
        subject, bank = move.account.subject, move.account.institution_id
        if bank is None:
            return
        is_stop = move.kind is OrderKind.STOP
        target = Target(
            kind=TargetKind.ACCOUNT,
            subject=subject,
            holder=self.vault.id(facts.name) if facts.name else None,
            holder_class=move.holder_class,
        )
        number = f"{move.kind}-{len(self.orders) + 1}"
        order = Order(
            id=OrderId(UUID(self.chance.uuid())),
            number=number,
            kind=move.kind,
            case_id=CASE,
            unit_path=UNIT,
            institution_id=bank,
            target=target,
            payment=self._payment(facts) if is_stop else None,
            opened_at=self.now,
            opened_by=DRAFTER,
        )
        wish = Wish(
            id=UUID(self.chance.uuid()),
            act=Act.APPLY,
            terms=move.terms(self.now),
            reason=number,
            victim_traceable_fen=move.traceable_fen if is_stop else None,
        )
        stops = len(self.orders_on(subject, OrderKind.STOP)) if is_stop else 0
        ground = Ground(law=law_at(self.now), case_filed=False, earlier_stops=stops)
        order = folded(order, [drafted(order, wish, ground, DRAFTER, self.now)])
        order = folded(order, signed_under(order.instructions[-1], authority, self.now))
        self._keep(order)
        self._orders_of[wish.id] = order.id
        self._deliveries[wish.id] = self.now
        use = Use(kind=move.kind, account=subject, traceable_fen=move.traceable_fen)
        self.uses[authority_id].append((order.id, use))

    def _used(self, order_id: OrderId, use: Use) -> Use:
        order = self.orders[order_id]
        return use.answered(order.held_fen or 0) if order.instructions[0].code else use

    def _payment(self, facts: LeadFacts) -> Payment:
        return Payment(
            amount_fen=facts.paid_fen,
            at=facts.paid_at,
            payer=self.vault.id(facts.payer) if facts.payer else None,
            payer_name=self.vault.id(facts.payer_name) if facts.payer_name else None,
        )

    def _deliver(self, instruction_id: UUID) -> None:
        """One step of an instruction on its way, as a delivery's row of work takes it."""
        order = self.orders[self._orders_of[instruction_id]]
        instruction = order.instruction(instruction_id)
        match next_step(instruction, PATIENCE):
            case Next.SEND:
                request = self._request(order, instruction)
                self._keep(folded(order, [sent(instruction, HOUSE, self.now)]))
                self._come_back(instruction_id, self._say(order, request))
            case Next.ASK:
                self._come_back(instruction_id, self._say(order, None, instruction_id))
            case Next.GIVE_UP:
                self._keep(folded(order, [given_up(instruction, HOUSE, self.now, "tries_used_up")]))
        instruction = self.orders[order.id].instruction(instruction_id)
        self._deliveries.pop(instruction_id)
        if instruction.open and instruction.delivery is not Delivery.DEAD:
            self._deliveries[instruction_id] = look_again(instruction, self.now)

    def _say(self, order: Order, request: Request | None, asked: UUID | None = None) -> object:
        code = self.banks.by_id[order.institution_id].code
        try:
            return self.world.send(code, request) if request is not None else self.world.ask(code, str(asked))
        except FanzhaError as failure:
            return failure

    def _come_back(self, instruction_id: UUID, said: object) -> None:
        order = self.orders[self._orders_of[instruction_id]]
        instruction = order.instruction(instruction_id)
        reply = said if isinstance(said, FanzhaError) else Reply(message=said, body=b"", seal={}, key_id="")
        if instruction.open:
            self._keep(folded(order, heard(order, instruction, reply, self.now)))  # type: ignore[arg-type]
        if isinstance(said, Answer):
            self._take(said)
        if isinstance(said, Status) and said.answers:
            for each in said.answers:
                self._absorb(order, each)
            self._wakes = True

    def _request(self, order: Order, instruction: Instruction) -> Request:
        setup = self.banks.by_id[order.institution_id]
        enclosed = Enclosed(
            clear=self.vault.texts,
            documents=PAPERS,
            case_number=self.incident.number,
            payer_bank=None,
            stop_hours=law_at(self.now).stop.hours,
            exercise=True,
        )
        sender = InTheNameOf(organ=ORGAN, operator=OFFICER, second_officer=SECOND)
        return request_for(
            order, instruction, Addressee(code=setup.code, name=setup.name_zh), sender, enclosed, self.now
        )

    def _keep(self, order: Order) -> None:
        self.orders[order.id] = order
