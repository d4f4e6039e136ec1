"""Papers in the database: kept under their numbers as facts with ids of the vault, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select

from fanzha.adapters.store.schema.papers import order_paper
from fanzha.adapters.store.told_facts import facts_from, told
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import CaseId, OrderId, uuid7
from fanzha.kernel.units import UnitPath
from fanzha.orders.order import Order
from fanzha.workflows.order_facts import Form, OrderFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPaper:
    """A paper that was issued: its number in full, its bytes' SHA-256, the version of the templates that set it, its
    facts with ids where names would stand."""

    id: UUID
    order_id: OrderId
    case_id: CaseId
    unit_path: UnitPath
    instruction: UUID | None
    number: str
    issued_at: datetime
    sha256: str
    template: int
    facts: OrderFacts

    @property
    def form(self) -> Form:
        """Which paper it is."""
        return self.facts.form


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPaper:
    """A paper to keep: about which instruction of an order, of which facts and bytes."""

    instruction: UUID | None
    number: str
    sha256: str
    template: int
    facts: OrderFacts


def paper_row(order: Order, new: NewPaper) -> dict[str, object]:
    """A paper of an order as the row that is written once."""
    facts = new.facts
    return {
        "id": uuid7(facts.issued_at),
        "order_id": order.id,
        "case_id": order.case_id,
        "unit_path": order.unit_path,
        "instruction": new.instruction,
        "form": facts.form.value,
        "number": new.number,
        "issued_at": utc(facts.issued_at),
        "sha256": new.sha256,
        "template": new.template,
        "facts": told(facts),
    }


def papers_of(connection: Connection, order_id: OrderId) -> list[KeptPaper]:
    """The papers of an order, oldest first."""
    return _papers(connection, order_paper.c.order_id == order_id)


def paper_for(connection: Connection, instruction: UUID) -> KeptPaper | None:
    """The paper of an instruction, None where none was issued."""
    found = _papers(connection, order_paper.c.instruction == instruction)
    return found[-1] if found else None


def _papers(connection: Connection, which: ColumnElement[bool]) -> list[KeptPaper]:
    wanted = select(order_paper).where(which).order_by(order_paper.c.issued_at, order_paper.c.id)
    return [_paper(row) for row in connection.execute(wanted)]


def _paper(row: Row[Any]) -> KeptPaper:
    return KeptPaper(
        id=row.id,
        order_id=OrderId(row.order_id),
        case_id=CaseId(row.case_id),
        unit_path=UnitPath(row.unit_path),
        instruction=row.instruction,
        number=row.number,
        issued_at=utc(row.issued_at),
        sha256=row.sha256,
        template=row.template,
        facts=facts_from(OrderFacts, row.facts),
    )
