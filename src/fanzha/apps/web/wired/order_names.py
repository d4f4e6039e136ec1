"""What orders refer to by ids, as pages name it: institutions, cases, units, masked identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.schema.evidence import case_file
from fanzha.adapters.store.schema.orders import order_standing
from fanzha.adapters.store.subjects import masked
from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.apps.web.wired.opening import unit_choice
from fanzha.cases.subjects import MASKS, SubjectKind
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import InstitutionId, SubjectId, UserId
from fanzha.kernel.units import UnitPath
from fanzha.orders.law import LawPack, Source, cited
from fanzha.orders.order import Order
from fanzha.orders.standing import signer_awaited, waits_for
from fanzha.registers.institutions import Institution
from fanzha.wiring.house import House
from fanzha.wiring.law import law_at

HIDDEN = "****"
"""An identifier that was erased, or that no case in sight tells of."""


@dataclass(slots=True)
class OrderNames:
    """The names of some orders, looked up once for all of them."""

    connection: Connection
    law: LawPack
    institutions: Mapping[InstitutionId, Institution]
    cases: Mapping[UUID, tuple[str, str]]
    masks: Mapping[SubjectId, str]
    changed: Mapping[UUID, datetime]
    _units: dict[UnitPath, Choice] = field(default_factory=dict)

    def institution(self, found: InstitutionId) -> Choice:
        """An institution by its two names; its code is its short name, as addresses have it."""
        told = self.institutions.get(found)
        if told is None:
            return Choice(code="", zh=HIDDEN, en=HIDDEN)
        return Choice(code=told.name, zh=told.name_zh, en=told.name_en)

    def subject(self, found: SubjectId | None, *, sealed: bool = True) -> Masked | None:
        """An identifier, masked; `sealed` ones can be asked for in full."""
        if found is None:
            return None
        told = self.masks.get(found)
        return Masked(told or HIDDEN, f"s{found:016x}" if told and sealed else None)

    def masked_name(self, name: str) -> Masked | None:
        """A holder's name that a case's rows tell, masked."""
        return Masked(MASKS[SubjectKind.NAME](name)) if name else None

    def unit(self, path: UnitPath) -> Choice:
        """A unit by its names."""
        if path not in self._units:
            self._units[path] = unit_choice(self.connection, path)
        return self._units[path]

    def person(self, user_id: UserId | None) -> str:
        """Somebody's name; empty where they are out of sight."""
        if user_id is None:
            return ""
        try:
            return find_person(self.connection, user_id).name
        except NotFound:
            return ""

    def line(self, order: Order, *, sealed: bool = False) -> OrderLine:
        """The order as a row."""
        awaited = signer_awaited(order)
        return OrderLine(
            number=order.number,
            kind=order.kind.value,
            target=self.subject(order.target.subject, sealed=sealed) or Masked(HIDDEN),
            holder=self.subject(order.target.holder, sealed=sealed),
            institution=self.institution(order.institution_id),
            effect=order.effect.value,
            waits=waits_for(order).value,
            signer=capacity_choice(self.law, awaited) if awaited else None,
            requested_fen=order.requested_fen,
            holding_fen=order.holding_fen,
            starts_at=order.starts_at,
            ends_at=order.ends_at if order.in_force else None,
            case=self.cases.get(order.case_id, ("", ""))[0],
            unit=self.unit(order.unit_path),
            opened_at=order.opened_at,
            changed_at=self.changed.get(order.id, order.opened_at),
        )


def named(house: House, connection: Connection, orders: Sequence[Order]) -> OrderNames:
    """The names that these orders need."""
    return named_with(house, connection, orders, ())


def named_with(house: House, connection: Connection, orders: Sequence[Order], more: Sequence[SubjectId]) -> OrderNames:
    """The names that these orders and some more identifiers need."""
    wanted = select(case_file.c.id, case_file.c.ref, case_file.c.title)
    cases = connection.execute(wanted.where(case_file.c.id.in_({each.case_id for each in orders})))
    moved = select(order_standing.c.order_id, order_standing.c.changed_at)
    changed = connection.execute(moved.where(order_standing.c.order_id.in_([each.id for each in orders])))
    return OrderNames(
        connection=connection,
        law=law_at(house.now()),
        institutions={each.id: each.institution for each in every_institution(connection)},
        cases={row.id: (row.ref, row.title) for row in cases},
        masks=masked(connection, house.keys, {*_subjects(orders), *more}),
        changed={row.order_id: row.changed_at for row in changed},
    )


def _subjects(orders: Iterable[Order]) -> Iterable[SubjectId]:
    for each in orders:
        told = [each.target.subject, each.target.holder]
        if each.payment is not None:
            told += [each.payment.payer, each.payment.payer_name]
        yield from (subject for subject in told if subject is not None)


def source_choice(source: Source) -> Choice:
    """A legal source with its article, in both languages."""
    return Choice(code="", zh=cited("zh", source), en=cited("en", source))


def capacity_choice(law: LawPack, capacity: str) -> Choice:
    """As what somebody signs, in both languages."""
    known = law.capacities.get(capacity)
    said = known.says if known else {"zh": capacity, "en": capacity}
    return Choice(code=capacity, zh=said["zh"], en=said["en"])
