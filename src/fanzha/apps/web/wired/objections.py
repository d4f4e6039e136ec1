"""Objections as the console shows and answers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from fanzha.adapters.store.elsewhere import find_elsewhere
from fanzha.adapters.store.kept_files import file_of
from fanzha.adapters.store.mentions import find_cases
from fanzha.adapters.store.objections import (
    ObjectionQuery,
    entries_of_objection,
    list_objections,
    objection_numbered,
)
from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.orders import order_by_number, order_of, orders_of, orders_on
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import masked
from fanzha.apps.web.views.objections import (
    FoundOrders,
    ObjectionEntryLine,
    ObjectionLine,
    ObjectionMoveTold,
    ObjectionView,
    PersonPaper,
    ShownLine,
    TakenObjection,
)
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import HIDDEN, named
from fanzha.cases.purposes import CASE_WORK
from fanzha.cases.subjects import Role
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import OrderId, SubjectId
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.orders.drafting import ENDINGS
from fanzha.orders.effects import RESTRICTING, OrderKind
from fanzha.orders.objections import OBJECTION, Channel, Objection, ObjectionMove, ObjectionState, Standing
from fanzha.orders.order import Instruction, Order, Paper
from fanzha.wiring.answerers import answerers
from fanzha.wiring.desk import Desk
from fanzha.wiring.kept_files import take_shown
from fanzha.wiring.objections import (
    NewObjection,
    check_objection,
    reject_objection,
    take_objection,
    uphold_objection,
    withdraw_objection,
    words_of,
)
from fanzha.workflows.order_rows import TO_PERSONS

E = TypeVar("E", Channel, Standing, ObjectionMove)
ANSWER = "objections.answer"


class WiredObjections(HouseParts):
    """Objections: list, show, take, answer."""

    def objections(self, actor: Actor, query: Query) -> Page[ObjectionLine]:
        """Objections in sight, what lapses next first."""
        require(actor, "orders.see")
        state, unit = query.word("state"), query.word("unit")
        wanted = ObjectionQuery(
            states=(ObjectionState(state),) if state else (),
            unit=UnitPath(unit) if unit else None,
            offset=query.offset,
            limit=query.size,
        )
        with self.house.act(actor) as connection:
            total, found = list_objections(connection, wanted)
            rows = self._objection_lines(connection, found)
        return Page(rows=rows, total=total, page=query.page, size=query.size)

    def objections_of(self, actor: Actor, order: str) -> Sequence[ObjectionLine]:
        """Those to one order, open ones first."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            wanted = ObjectionQuery(order_id=order_by_number(connection, order).id)
            return self._objection_lines(connection, list_objections(connection, wanted)[1])

    def objection(self, actor: Actor, number: str) -> ObjectionView:
        """One objection with everything that happened to it."""
        with self._objection_at(actor) as desk:
            return self._objection_view(desk, objection_numbered(desk.connection, number))

    def restricting(self, actor: Actor, text: str) -> FoundOrders:
        """Orders that restrict what somebody types now; the look-up is on record."""
        require(actor, ANSWER)
        with self._objection_at(actor) as desk:
            connection, keys = desk.connection, self.house.keys
            hits = {each.subject_id for each in find_cases(connection, keys, text) if Role.ORDERED in each.roles}
            orders = [
                order
                for subject in sorted(hits)
                for kind in OrderKind
                for order in orders_on(connection, subject, kind)
                if order.effect in RESTRICTING
            ]
            names = named(self.house, connection, orders)
            units = find_elsewhere(connection, keys, text, actor, desk.now, CASE_WORK)
            return FoundOrders(
                orders=tuple(names.line(each) for each in orders),
                elsewhere=tuple((Choice(code=u.path, zh=u.name_zh, en=u.name_en), u.contact) for u in units),
            )

    def take_objection(self, actor: Actor, told: TakenObjection) -> str:
        """The number of the objection now received; its clocks run."""
        new = NewObjection(
            channel=_one_of(Channel, told.channel, "channel"),
            says=told.says,
            evidence=told.evidence,
            standing=_one_of(Standing, told.standing, "standing"),
            name=told.name,
            phone=told.phone,
        )
        with self._objection_at(actor) as desk:
            return take_objection(desk, told.order, new).number

    def answer_objection(self, actor: Actor, number: str, told: ObjectionMoveTold) -> ObjectionView:
        """The objection after somebody checked it, upheld it, rejected it or wrote down that it is withdrawn."""
        move = _one_of(ObjectionMove, told.move, "move")
        with self._objection_at(actor) as desk:
            if move is ObjectionMove.UPHOLD:
                changed = uphold_objection(desk, number, told.reason, told.release_fen)[0]
            elif move is ObjectionMove.REJECT:
                changed = reject_objection(desk, number, told.reason)[0]
            else:
                act = check_objection if move is ObjectionMove.CHECK else withdraw_objection
                changed = act(desk, number, told.reason)
            return self._objection_view(desk, changed)

    def objection_evidence(self, actor: Actor, number: str, sha256: str, purpose: str) -> bytes:
        """A file that was shown with an objection, as it was shown; the audit says who took it, and for what."""
        with self._objection_at(actor) as desk:
            told = objection_numbered(desk.connection, number)
            if sha256 not in told.evidence:
                raise Invalid("objections.evidence_not_kept")
            return take_shown(desk, order_of(desk.connection, told.order_id), sha256, purpose)[1]

    @contextmanager
    def _objection_at(self, actor: Actor) -> Iterator[Desk]:
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            yield Desk(house=self.house, connection=connection, actor=actor)

    def _objection_lines(self, connection: Connection, found: Sequence[Objection]) -> list[ObjectionLine]:
        orders = {each.id: each for each in orders_of(connection, [each.order_id for each in found])}
        names = named(self.house, connection, list(orders.values()))
        people = masked(connection, self.house.keys, {each.person for each in found if each.person})
        now = self.house.now()
        return [
            ObjectionLine(
                number=each.number,
                order_number=orders[each.order_id].number,
                kind=orders[each.order_id].kind.value,
                target=names.line(orders[each.order_id], sealed=True).target,
                person=_masked(people, each.person),
                institution=names.institution(orders[each.order_id].institution_id),
                state=each.state.value,
                channel=each.channel.value,
                standing=each.standing.value,
                holding_fen=orders[each.order_id].holding_fen,
                received_at=each.received_at,
                rings_at=each.rings_at(now) if each.open else None,
                due_at=each.due_at,
                answered_at=each.answered_at,
                handler=each.handler.name if each.handler else "",
                unit=names.unit(each.unit_path),
                case=names.cases.get(orders[each.order_id].case_id, ("", ""))[0],
            )
            for each in found
            if each.order_id in orders
        ]

    def _objection_view(self, desk: Desk, told: Objection) -> ObjectionView:
        connection, order = desk.connection, order_of(desk.connection, told.order_id)
        names = named(self.house, connection, [order])
        phones = masked(connection, self.house.keys, {told.phone} if told.phone else set())
        release = _release(order, told)
        writable = covers(desk.actor.scope, told.unit_path) and desk.actor.may(ANSWER)
        return ObjectionView(
            line=self._objection_lines(connection, [told])[0],
            order=names.line(order, sealed=True),
            order_reason=order.applied.reason if order.applied else "",
            says=words_of(desk, told),
            phone=_masked(phones, told.phone),
            received_by=told.received_by.name,
            alarm_at=told.alarm_at,
            answer=told.answer,
            evidence=self._objection_evidence(connection, order, told),
            entries=tuple(
                ObjectionEntryLine(at=each.at, by=each.by.name, move=each.move.value, reason=each.reason)
                for each in reversed(entries_of_objection(connection, told))
            ),
            deciders=tuple(each.name for each in answerers(desk, {ANSWER}, told.unit_path)),
            moves=_moves(told, order, desk.actor) if writable else (),
            release=str(release.id) if release else "",
            release_waits=release is not None and release.paper is Paper.DRAFT,
            papers=person_papers(connection, order.id, told.received_at),
            writable=writable,
        )

    def _objection_evidence(self, connection: Connection, order: Order, told: Objection) -> tuple[ShownLine, ...]:
        kept = [file_of(connection, order.case_id, each) for each in told.evidence]
        return tuple(ShownLine(sha256=each.sha256, size=each.size, kept_at=each.at, kept_by=each.by) for each in kept)


def _moves(told: Objection, order: Order, actor: Actor) -> tuple[str, ...]:
    """What the table lets happen next; whoever drafted the order rejects nothing that is said against it."""
    drafters = {each.drafted_by.user_id for each in order.instructions}
    own = {ObjectionMove.REJECT} if actor.user_id in drafters else set()
    return tuple(each.value for each in OBJECTION.moves_from(told.state) if each not in own)


def _release(order: Order, told: Objection) -> Instruction | None:
    """The end that an upheld objection led to: drafted with it, or on its way then already."""
    if told.state is not ObjectionState.UPHELD or told.answered_at is None:
        return None
    ends = [each for each in order.instructions if each.act in ENDINGS]
    later = [each for each in ends if each.drafted_at >= told.answered_at]
    return next(iter(later or ends[-1:]), None)


def person_papers(connection: Connection, order_id: OrderId, since: datetime) -> tuple[PersonPaper, ...]:
    """What was issued to the person whom an order restricts from an instant on, newest first."""
    return tuple(
        PersonPaper(
            id=str(each.id), number=each.number, form=each.form.value, issued_at=each.issued_at, sha256=each.sha256
        )
        for each in reversed(papers_of(connection, order_id))
        if each.form in TO_PERSONS and each.issued_at >= since
    )


def _masked(shown: Mapping[SubjectId, str], subject: SubjectId | None) -> Masked | None:
    """Somebody, masked; in full to be asked for."""
    if subject is None:
        return None
    told = shown.get(subject)
    return Masked(told, f"s{subject:016x}") if told else Masked(HIDDEN)


def _one_of(kinds: type[E], told: str, name: str) -> E:
    try:
        return kinds(told)
    except ValueError:
        raise Invalid("web.bad_filter", name=name) from None
