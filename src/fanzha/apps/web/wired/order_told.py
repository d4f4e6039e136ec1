"""What institutions told about an order, as its record shows it: movements that came, the holder, what lies there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fanzha.adapters.store.case_messages import (
    CaseMessage,
    KeptFact,
    facts_of_order,
    messages_of_imports,
    messages_of_order,
)
from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.orders import orders_of
from fanzha.adapters.store.subjects import masked
from fanzha.apps.web.views.orders import HolderLine, HoldingTold, SaidLine
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.cases.told import HolderTold, Holding
from fanzha.kernel.ids import ImportId, InstitutionId, SubjectId
from fanzha.orders.order import Order
from fanzha.registers.institutions import Institution
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import MOVEMENTS_OF, case_counts

_HIDDEN = "****"


def said_about(desk: Desk, order: Order) -> tuple[SaidLine, ...]:
    """Messages that told lines, newest first."""
    said = [each for each in messages_of_order(desk.connection, order.id) if each.import_id is not None]
    if not said:
        return ()
    counts = case_counts(desk.house, desk.connection, case_of(desk.connection, order.case_id))
    excluded = {each.id for each in list_imports(desk.connection, order.case_id) if each.excluded}
    return tuple(
        SaidLine(
            at=each.at,
            message=each.said_id,
            rows=each.rows,
            movements=counts.get(f"{MOVEMENTS_OF}{each.import_id}", 0),
            import_id=str(each.import_id),
            excluded=each.import_id in excluded,
        )
        for each in reversed(said)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By which institution an import was told, about which order."""

    order: str
    institution: Choice


def said_by(connection: Connection, imports: Collection[ImportId]) -> dict[ImportId, Told]:
    """Of those imports that institutions told: which, about which order."""
    said = messages_of_imports(connection, imports)
    if not said:
        return {}
    names = {each.id: each.institution for each in every_institution(connection)}
    wanted = [each.order_id for each in said.values() if each.order_id is not None]
    orders = {each.id: each.number for each in orders_of(connection, wanted)}
    return {
        each: Told(order=orders.get(told.order_id, "") if told.order_id else "", institution=_choice(names, told))
        for each, told in said.items()
    }


def _choice(names: Mapping[InstitutionId, Institution], told: CaseMessage) -> Choice:
    found = names.get(told.institution_id)
    return Choice(code=found.name, zh=found.name_zh, en=found.name_en) if found else Choice(code="", zh="", en="")


def told_about(desk: Desk, order: Order) -> tuple[tuple[HolderLine, ...], tuple[HoldingTold, ...]]:
    """Holders and holdings, the latest first."""
    facts = facts_of_order(desk.connection, order.id)[::-1]
    shown = _Shown.of(desk, facts)
    return (
        tuple(shown.holder(each, told) for each in facts if isinstance(told := each.fact.told, HolderTold)),
        tuple(shown.holding(each, told) for each in facts if isinstance(told := each.fact.told, Holding)),
    )


class _Shown:
    """Facts with their identifiers masked, looked up once for all of them."""

    def __init__(self, masks: dict[SubjectId, str]) -> None:
        self._masks = masks

    @classmethod
    def of(cls, desk: Desk, facts: Sequence[KeptFact]) -> _Shown:
        """The masks that these facts need."""
        wanted: set[SubjectId] = {each.fact.subject for each in facts}
        for each in facts:
            if isinstance(each.fact.told, HolderTold):
                wanted |= {one for one in (each.fact.told.name, each.fact.told.document) if one is not None}
        return cls(dict(masked(desk.connection, desk.house.keys, wanted)))

    def holder(self, kept: KeptFact, told: HolderTold) -> HolderLine:
        """A holder as the institution's file has it."""
        return HolderLine(
            at=kept.fact.at,
            name=self._subject(told.name),
            document=self._subject(told.document),
            holder_class=told.holder_class,
            agrees={True: "yes", False: "no", None: ""}[told.agrees],
        )

    def holding(self, kept: KeptFact, told: Holding) -> HoldingTold:
        """What lies on an account by its bank."""
        return HoldingTold(
            at=kept.fact.at,
            account=self._subject(kept.fact.subject),
            balance_fen=told.balance_fen,
            available_fen=told.available_fen,
            held_fen=told.held_fen,
            others_fen=told.others_fen,
            state=told.state,
        )

    def _subject(self, found: SubjectId | None) -> Masked | None:
        if found is None:
            return None
        told = self._masks.get(found)
        return Masked(told or _HIDDEN, f"s{found:016x}" if told else None)
