"""Orders as the console shows and moves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy import Connection

from fanzha.adapters.store.calls import open_calls
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.institutions import every_institution, institution_called
from fanzha.adapters.store.objections import count_open_objections
from fanzha.adapters.store.orders import (
    OrderQuery,
    application,
    count_orders,
    entries_of,
    list_orders,
    order_by_number,
    order_of,
)
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.orders import (
    ActForm,
    InstructionView,
    OrderAct,
    OrderLine,
    OrderView,
    TakenPaper,
    Waiting,
)
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.authorities import signable_authorities
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import named
from fanzha.apps.web.wired.order_record import Look, instruction_id, look, order_view, wished_terms
from fanzha.apps.web.wired.order_restrictions import restriction_of
from fanzha.apps.web.wired.signing import signable
from fanzha.kernel.errors import Conflict, Illegal, Invalid, NotFound
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.order import Instruction, Order, Terms
from fanzha.orders.signing import signed
from fanzha.orders.standing import Waits
from fanzha.wiring.desk import Desk
from fanzha.wiring.orders import (
    NewInstruction,
    cancel,
    confirm_early,
    find_unrelated,
    instruct,
    let_go,
    look_at,
    reject,
    revive,
    sign,
)
from fanzha.wiring.paper_shelf import take

MOST_CALLS = 200
OWN_ACTS = ("sign", "reject", "cancel", "let_go", "unrelated", "looked", "confirmed", "revive")
_OF_INSTRUCTION = frozenset({"sign", "reject", "cancel", "revive"})
_SORTED = {"changed_at", "opened_at", "ends_at", "holding_fen", "requested_fen"}
_KEYS = UUID("6f6c1a52-1f0e-4c9e-9a6e-7f0c0b8f5a10")
"""The name space in which a person's key becomes the id of an instruction."""


class WiredOrders(HouseParts):
    """Orders: list, show, act."""

    def waiting(self, actor: Actor) -> Waiting:
        """What waits for this person."""
        if not actor.may("orders.see"):
            return Waiting()
        with self.house.act(actor) as connection:
            desk = self._desk(connection, actor)
            to_sign = len(signable_authorities(desk)) if actor.user_id else 0
            to_sign += sum(len(each.instructions) for each in signable(desk)) if actor.user_id else 0
            seeing = OrderQuery(waiting=(Waits.PERSON.value,), unit=actor.scope)
            to_see = count_orders(connection, seeing) if actor.may("orders.draft") else 0
            calls = len(open_calls(connection, actor, MOST_CALLS)) if actor.user_id else 0
            to_answer = count_open_objections(connection, actor.scope) if actor.may("objections.answer") else 0
        return Waiting(to_sign=to_sign, to_see=to_see, calls=calls, to_answer=to_answer)

    def order_institutions(self, actor: Actor) -> Sequence[Choice]:
        """The institutions there are."""
        with self.house.act(actor) as connection:
            found = [each.institution for each in every_institution(connection)]
        return [Choice(code=each.name, zh=each.name_zh, en=each.name_en) for each in found]

    def orders(self, actor: Actor, query: Query) -> Page[OrderLine]:
        """Orders in sight."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            total, found = list_orders(connection, _query(connection, query))
            names = named(self.house, connection, found)
            rows = [names.line(each) for each in found]
        return Page(rows=rows, total=total, page=query.page, size=query.size)

    def order(self, actor: Actor, number: str) -> OrderView:
        """One order with everything that happened to it."""
        with self._looking(actor, number) as (seen, order):
            return order_view(seen, order, entries_of(seen.desk.connection, order.id))

    def act_form(self, actor: Actor, number: str, act: str, instruction: str) -> ActForm:
        """What to show and ask before an act."""
        with self._looking(actor, number) as (seen, order):
            if act in ("sign", "reject"):
                signed(order, order.instruction(instruction_id(instruction)), seen.signer, seen.desk.now)
            else:
                require(actor, "orders.draft")
            view = order_view(seen, order, entries_of(seen.desk.connection, order.id))
            if act == "let_go":
                return _let_go_form(seen, order, view)
            if act in OWN_ACTS:
                return _own_form(view, act, instruction)
            if act not in view.acts:
                raise Illegal("orders.no_such_act", kind=order.kind.value, act=act)
            return _form(seen, order, view, Act(act))

    def act_on(self, actor: Actor, number: str, told: OrderAct) -> OrderView:
        """The order after an act."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = self._desk(connection, actor)
            order = order_by_number(connection, number)
            order = self._own_act(desk, order, told) if told.act in OWN_ACTS else _instruct(desk, order, told)
            seen = look(desk, named(self.house, connection, [order]), order)
            return order_view(seen, order, entries_of(connection, order.id))

    def take_paper(self, actor: Actor, number: str, paper: str, purpose: str) -> TakenPaper:
        """The PDF of a paper of an order."""
        found = take(self.house, actor, number, instruction_id(paper), purpose)
        return TakenPaper(pdf=found.pdf, file_name=found.file_name)

    def _own_act(self, desk: Desk, order: Order, told: OrderAct) -> Order:
        if told.act == "let_go":
            return _let_go(desk, order, told)
        if told.act not in _OF_INSTRUCTION:
            return {"unrelated": find_unrelated, "looked": look_at, "confirmed": confirm_early}[told.act](
                desk, order.id, told.reason
            )
        which = instruction_id(told.instruction)
        if _signed_before(order.instruction(which), told.act, desk.actor):
            return order
        if told.act == "sign":
            return sign(desk, order.id, which)
        return {"reject": reject, "cancel": cancel, "revive": revive}[told.act](desk, order.id, which, told.reason)

    @contextmanager
    def _looking(self, actor: Actor, number: str) -> Iterator[tuple[Look, Order]]:
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            order = order_by_number(connection, number)
            desk = self._desk(connection, actor)
            yield look(desk, named(self.house, connection, [order]), order), order

    def _desk(self, connection: Connection, actor: Actor) -> Desk:
        return Desk(house=self.house, connection=connection, actor=actor)


def _signed_before(which: Instruction, act: str, actor: Actor) -> bool:
    """Whether this person's signature stands on the instruction already: a press that is told twice signs once."""
    return act == "sign" and any(each.by.user_id == actor.user_id for each in which.signatures)


def key_id(actor: Actor, key: str) -> UUID | None:
    """The id of an instruction that this person asks for by this key; nobody else's key gives the same."""
    return uuid5(_KEYS, f"{actor.user_id or actor.name}:{key}") if key else None


def _query(connection: Connection, query: Query) -> OrderQuery:
    case, institution, unit = query.word("case"), query.word("institution"), query.word("unit")
    kind, effect, waits = query.word("kind"), query.word("effect"), query.word("waits")
    return OrderQuery(
        case_id=case_by_ref(connection, case).id if case else None,
        kinds=(OrderKind(kind),) if kind else (),
        effects=(Effect(effect),) if effect else (),
        waiting=(waits,) if waits else (),
        institution_id=institution_called(connection, institution).id if institution else None,
        unit=UnitPath(unit) if unit else None,
        sort=query.sort if query.sort in _SORTED else "changed_at",
        descending=query.descending,
        offset=query.offset,
        limit=query.size,
    )


def _own_form(view: OrderView, act: str, instruction: str) -> ActForm:
    """The form of an act of ours; `Illegal` where this person may not do it now."""
    which = next((each for each in view.instructions if each.id == instruction), None)
    if act in _OF_INSTRUCTION and which is None:
        raise NotFound("orders.no_such_instruction", instruction=instruction)
    if not _offered(view, act, which):
        raise Illegal("orders.no_such_act", kind=view.line.kind, act=act)
    restriction = which.restriction if which and act == "sign" else None
    return ActForm(
        order=view, act=act, restriction=restriction, instruction=which, asks=(), longest_months=None, release_days=None
    )


def _offered(view: OrderView, act: str, which: InstructionView | None) -> bool:
    if which is not None:
        offers = {"cancel": which.may_cancel, "revive": which.may_revive}
        return offers.get(act, which.may_sign)
    return view.may_find_unrelated if act == "unrelated" else view.writable and bool(view.unseen)


def _let_go_form(seen: Look, order: Order, view: OrderView) -> ActForm:
    """What the end of the order will do; `Illegal` where this act is not to be done now."""
    ending = next((each for each in view.acts if Act(each) in ENDINGS), None)
    if ending is None or not view.may_let_go:
        raise Illegal("orders.no_such_act", kind=view.line.kind, act="let_go")
    return replace(_form(seen, order, view, Act(ending)), act="let_go")


def _form(seen: Look, order: Order, view: OrderView, act: Act) -> ActForm:
    terms = wished_terms(order, act)
    longest = None
    if act is Act.RENEW:
        longest = seen.law.freeze.term(terms.term).renewal_months
        terms = Terms(term=terms.term, months=longest)
    draft = Instruction(
        id=order.id, act=act, terms=terms, reason="", drafted_at=seen.desk.now, drafted_by=seen.desk.by, needs=()
    )
    return ActForm(
        order=view,
        act=act.value,
        restriction=restriction_of(order, draft, seen.law, seen.desk.now),
        instruction=None,
        asks={Act.RENEW: ("months",), Act.RELEASE: ("release_fen",)}.get(act, ()),
        longest_months=longest,
        release_days=seen.law.freeze.unrelated_days if act is Act.RELEASE else None,
    )


def _instruct(desk: Desk, order: Order, told: OrderAct) -> Order:
    """Draft one more instruction; one that was drafted by the same key already is not drafted again."""
    if told.act not in {each.value for each in Act}:
        raise Invalid("web.bad_field", name="act")
    act, known = Act(told.act), key_id(desk.actor, told.key)
    if any(each.id == known for each in order.instructions):
        return order
    _require_unused(desk, known)
    terms = wished_terms(order, act)
    if act is Act.RENEW:
        terms = Terms(term=terms.term, months=told.months)
    elif act is Act.RELEASE:
        terms = Terms(term=terms.term, release_fen=None if told.release_fen is None else fen(told.release_fen))
    return instruct(desk, order.id, NewInstruction(act=act, terms=terms, reason=told.reason, id=known))


def _let_go(desk: Desk, order: Order, told: OrderAct) -> Order:
    """Found unrelated and its end drafted in one act; asked again by the same key it is done once."""
    require(desk.actor, "orders.draft")
    known = key_id(desk.actor, told.key)
    if any(each.id == known for each in order.instructions):
        return order
    _require_unused(desk, known)
    return let_go(desk, order.id, told.reason, told.release_fen, known)


def _require_unused(desk: Desk, key: UUID | None) -> None:
    """`Conflict` where the same person's key stands for an instruction of another order."""
    if key is None:
        return
    try:
        other = order_of(desk.connection, application(desk.connection, key).order_id)
    except NotFound:
        return
    raise Conflict("orders.key_used", number=other.number)
