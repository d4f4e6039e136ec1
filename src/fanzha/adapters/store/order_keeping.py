"""Entries of orders, what they do in the audit, and how the orders stand after them: one statement for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from fanzha.adapters.store.additions import added, as_rows
from fanzha.adapters.store.audit import RECORDED, Act, acted
from fanzha.adapters.store.order_rows import entry_told
from fanzha.adapters.store.schema.orders import order_entry, order_standing
from fanzha.kernel.clock import utc
from fanzha.kernel.ids import uuid7
from fanzha.kernel.units import Actor
from fanzha.orders.entries import Entry, folded
from fanzha.orders.order import Order
from fanzha.orders.standing import waits_for


def keep_all(
    connection: Connection, some: Sequence[tuple[Order, Sequence[Entry]]], actor: Actor, now: datetime
) -> list[Order]:
    """The orders after these entries, written and audited; `Illegal` where one of them may not be.

    No order comes twice. The caller holds their locks (`order_for_change`), or opened them in this transaction.
    """
    moved = [folded(order, entries) for order, entries in some]
    if moved:
        steps = [(old, new, each) for (old, entries), new in zip(some, moved, strict=True) for each in entries]
        told = {
            "entries": as_rows([_entry_row(old, each, now) for old, _, each in steps]),
            "drafted": as_rows([_application_row(new, each) for _, new, each in steps if each.draft is not None]),
            "standing": as_rows([_standing_row(each, now) for each in moved]),
        }
        acts = [_act(*each) for each in steps]
        connection.execute(_KEEP, told | acted(acts, actor, now))
    return moved


def _entry_row(order: Order, entry: Entry, now: datetime) -> dict[str, object]:
    of = {"order_id": order.id, "case_id": order.case_id, "unit_path": order.unit_path}
    return of | entry_told(entry, uuid7(now))


def _application_row(order: Order, entry: Entry) -> dict[str, object]:
    return {
        "application_id": entry.instruction,
        "order_id": order.id,
        "institution_id": order.institution_id,
        "unit_path": order.unit_path,
    }


_FIRST = ("sent_at", "answered_at", "code", "began_at")
"""What is told of the first time only: a message sent again, a term begun anew, change nothing of how soon it came."""


def _stands(column: str) -> str:
    told = f"excluded.{column}"
    return f"{column} = " + (f"coalesce(order_standing.{column}, {told})" if column in _FIRST else told)


def _rows_of(table: str, told: str) -> str:
    return f"json_populate_recordset(CAST(NULL AS {table}), CAST(:{told} AS json))"


_APPLY = f"""
INSERT INTO order_application (application_id, order_id, institution_id, unit_path)
SELECT application_id, order_id, institution_id, unit_path FROM {_rows_of("order_application", "drafted")}
WHERE application_id IS NOT NULL"""
_STANDING = [each.name for each in order_standing.c]
_STAND = f"""
INSERT INTO order_standing ({", ".join(_STANDING)})
SELECT {", ".join(_STANDING)} FROM {_rows_of("order_standing", "standing")}
ON CONFLICT (order_id) DO UPDATE SET {", ".join(_stands(each) for each in _STANDING if each != "order_id")}"""
_ENTER = added(order_entry, "entries")
_KEEP = text(f"{RECORDED}, entries AS ({_ENTER}), applications AS ({_APPLY}) {_STAND}")
"""Entries, whose drafts' answers belong to the order from now on, their acts in the audit, and how it stands after
them, in one statement."""


def _act(order: Order, moved: Order, entry: Entry) -> Act:
    """What the audit keeps of an entry: codes and ids, never words."""
    detail: dict[str, object] = {"order": order.number, "effect": moved.effect.value}
    if entry.instruction is not None:
        detail["instruction"] = str(entry.instruction)
    if entry.code:
        detail["code"] = entry.code
    if entry.capacity is not None:
        detail["capacity"] = entry.capacity.value
    return Act(
        action=f"order.{entry.kind.value}",
        object_kind="order",
        object_id=str(order.id),
        unit_path=order.unit_path,
        detail=detail,
    )


def _standing_row(order: Order, now: datetime) -> dict[str, object]:
    first = order.instructions[0] if order.instructions else None
    return {
        "order_id": order.id,
        "case_id": order.case_id,
        "unit_path": order.unit_path,
        "institution_id": order.institution_id,
        "kind": order.kind.value,
        "target": order.target.subject,
        "effect": order.effect.value,
        "waits_for": waits_for(order).value,
        "requested_fen": order.requested_fen,
        "holding_fen": order.holding_fen,
        "times": order.times,
        "ends_at": order.ends_at,
        "opened_at": order.opened_at,
        "changed_at": utc(now),
        "sent_at": None if first is None else first.first_sent_at,
        "answered_at": None if first is None else first.answered_at,
        "code": None if first is None else first.code or None,
        "began_at": order.starts_at,
        "held_fen": order.held_fen,
        "traceable_fen": order.victim_traceable_fen,
        "unrelated_at": order.unrelated_at,
    }
