"""Orders as the command line tells them: codes and masked identifiers for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from fanzha.adapters.store.cases import case_of
from fanzha.adapters.store.institutions import the_institution
from fanzha.adapters.store.order_papers import papers_of
from fanzha.adapters.store.orders import entries_of
from fanzha.adapters.store.subjects import masked
from fanzha.apps.cli.output import Format, Row
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.errors import Invalid
from fanzha.orders.entries import Entry
from fanzha.orders.order import Instruction, Order
from fanzha.orders.standing import waits_for
from fanzha.wiring.house import House

ORDER = (
    "number", "kind", "case", "institution", "target", "holder", "effect", "waits_for", "requested_fen", "balance_fen",
    "holding_fen", "released_fen", "starts_at", "ends_at", "opened_at", "opened_by",
)  # fmt: skip
IN_TABLE = ("number", "kind", "case", "institution", "target", "effect", "waits_for", "holding_fen", "ends_at")
SECTIONS = {"kind": "order_kind", "effect": "effect", "waits_for": "waits"}
"""Where `words.toml` has the words of an order's codes."""


def order_row(house: House, connection: Connection, order: Order) -> dict[str, object]:
    """An order as one row."""
    ids = [each for each in (order.target.subject, order.target.holder) if each is not None]
    seen = masked(connection, house.keys, ids)
    holder = order.target.holder
    return {
        "number": order.number,
        "kind": order.kind.value,
        "case": case_of(connection, order.case_id).ref,
        "institution": the_institution(connection, order.institution_id).institution.name,
        "target": seen.get(order.target.subject, "****"),
        "holder": None if holder is None else seen.get(holder, "****"),
        "effect": order.effect.value,
        "waits_for": waits_for(order).value,
        "requested_fen": order.requested_fen,
        "balance_fen": order.balance_fen,
        "holding_fen": order.holding_fen,
        "released_fen": order.released_fen,
        "starts_at": order.starts_at,
        "ends_at": order.ends_at,
        "opened_at": order.opened_at,
        "opened_by": order.opened_by.name,
    }


def order_told(house: House, connection: Connection, order: Order, form: Format) -> Row:
    """An order with its instructions, its papers and everything that happened to it."""
    history = entries_of(connection, order.id)
    papers = papers_of(connection, order.id)
    told = order_row(house, connection, order)
    if form is Format.JSON:
        return told | {
            "instructions": [_instruction(each) for each in order.instructions],
            "papers": [{"number": each.number, "form": each.form.value, "sha256": each.sha256} for each in papers],
            "history": [_entry(each) for each in history],
        }
    latest = order.latest
    return told | {
        "instruction": "" if latest is None else f"{latest.act} {latest.paper} {latest.delivery} {latest.code}".strip(),
        "missing": [] if latest is None or not latest.open else [each.value for each in latest.missing],
        "papers": [each.number for each in papers],
    }


def _instruction(each: Instruction) -> Row:
    return {
        "id": str(each.id),
        "act": each.act.value,
        "reason": each.reason,
        "drafted_at": rfc3339(each.drafted_at),
        "drafted_by": each.drafted_by.name,
        "signed_by": [f"{signed.capacity.value}:{signed.by.name}" for signed in each.signatures],
        "missing": [capacity.value for capacity in each.missing],
        "paper": each.paper.value,
        "delivery": each.delivery.value,
        "result": each.code,
    }


def _entry(each: Entry) -> Row:
    return {
        "at": rfc3339(each.at),
        "by": each.by.name,
        "kind": each.kind.value,
        "code": each.code,
        "reason": each.reason,
    }


def moment(text: str, name: str) -> datetime:
    """An instant with its offset; `Invalid` for anything else, naming the option."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("cli.bad_parameter", name=name, expected="2026-11-22T10:00:00+08:00")
    return found


def one_of(order: Order, fitting: Sequence[Instruction]) -> Instruction:
    """The newest instruction that fits, else the newest there is: the house says why it does not."""
    return (fitting or order.instructions)[-1]
