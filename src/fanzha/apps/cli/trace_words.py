"""Traces as the command line tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.adapters.documents.report_words import moment
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.pattern_words import pattern_row
from fanzha.apps.cli.statement_words import place_row
from fanzha.i18n import text
from fanzha.i18n.measures import layers_text
from fanzha.i18n.sums import whole_money
from fanzha.kernel.clock import from_days, from_seconds
from fanzha.kernel.identifiers import account, name
from fanzha.tracing.follow.asking import Passage, WorthAsking
from fanzha.workflows.trace_case import Dispute, Holding, Totals, TracedCase, TracedHop

HOP = (
    "at", "precision", "payer_layer", "payer_layers", "payer", "payee_layer", "payee_layers", "payee", "amount_fen",
    "traced_fen", "start", "became", "exit", "order_contradicted", "night_cash", "payee_told_until", "id", "evidence",
    "evidence_sha256",
)  # fmt: skip
HOP_IN_TABLE = ("at", "payee_layers", "payer", "payee", "amount_fen", "traced_fen", "became")
HOLDING_IN_TABLE = ("account", "name", "layers", "traced_fen", "lies", "conclusive", "first_at", "last_at", "start")
HOLDING = (
    "account", "name", "layer", "layers", "traced_fen", "lies", "conclusive", "first_at", "last_at", "first_precision",
    "last_precision", "start",
)  # fmt: skip


def sums(found: TracedCase) -> Iterator[str]:
    """Each start's account in a sentence; of the upper bound, that it has none."""
    if found.is_reach:
        yield say("trace.bound")
        return
    for each in found.totals():
        parts = {
            "held": each.held_fen,
            "last_seen": each.last_seen_fen,
            "before": each.before_fen,
            "gone": sum(each.left_fen.values()),
            "not_followed": each.below_floor_fen,
            "disputed": each.disputed_fen,
        }
        told = (
            f"{text(chosen(), f'words.picture_state.{name}')} {whole_money(fen)}" for name, fen in parts.items() if fen
        )
        yield say("trace.sums", start=each.start, started=whole_money(each.started_fen), parts=" + ".join(told))


def trace_lines(case: str, found: TracedCase, *, hidden: bool) -> dict[str, object]:
    """A whole trace as JSON: the question, totals by start, hops with evidence, and where money lies."""
    asked = found.trace.question
    return {
        "case": case,
        "question": {
            "from": found.starts(),
            "method": asked.method.value,
            "direction": asked.direction.value,
            "horizon_s": asked.horizon_s,
            "floor_fen": asked.floor_fen,
        },
        "ended": found.trace.stop.name.lower(),
        "cut_accounts": [_account(each, hidden) for each in found.cut()],
        "totals": [_totals(each) for each in found.totals()],
        "hops": [hop_row(each, hidden=hidden, plainly=False) for each in found.hops()],
        "holdings": [holding_row(each, hidden) for each in found.holdings()],
        "disputed": [_dispute(each, hidden) for each in found.disputes()],
        "missing_statements": [_asking(found, number, each, hidden) for number, each in found.worth_asking()],
        "accounts": [_passage(found, number, each, hidden) for number, each in found.passages()],
        "patterns": [pattern_row(each, hidden) for each in found.patterns()],
        "patterns_cut_accounts": [_account(each, hidden) for each in found.traced_patterns.cut_accounts()],
        "patterns_left_out": dict(found.traced_patterns.left_out),
    }


def hop_row(each: TracedHop, *, hidden: bool, plainly: bool = True) -> Mapping[str, object]:
    """One hop; `plainly` tells evidence as `file#sheet:row` and hashes apart; a masked telling leaves it out."""
    places = () if hidden else each.evidence
    if plainly:
        evidence: object = "; ".join(f"{place.source.path}:{place.row}" for place in places) or None
        hashes = {"evidence_sha256": "; ".join(place.sha256 for place in places) or None}
    else:
        evidence, hashes = None if hidden else [place_row(place) for place in places], {}
    return {
        "at": each.at,
        "precision": each.precision,
        "payer_layer": _first(each.payer_layers),
        "payer_layers": each.payer_layers,
        "payer": _account(each.payer, hidden) or None,
        "payee_layer": _first(each.payee_layers),
        "payee_layers": each.payee_layers,
        "payee": _account(each.payee, hidden) or None,
        "amount_fen": each.amount_fen,
        "traced_fen": each.fen,
        "start": each.start,
        "became": each.became,
        "exit": each.exit or None,
        "order_contradicted": each.order_contradicted,
        "night_cash": each.is_night_cash,
        "payee_told_until": each.payee_told_until,
        "id": None if each.told is None else each.told.id,
        "evidence": evidence,
        **hashes,
    }


def spoken(row: Mapping[str, Any]) -> Mapping[str, object]:
    """A hop or a holding as a person reads it: codes in words."""
    if "lies" in row:
        lies, layers = text(chosen(), f"words.lies.{row['lies']}"), layers_text(chosen(), row["layers"])
        times = {f"{end}_at": moment(row[f"{end}_at"], row[f"{end}_precision"]) for end in ("first", "last")}
        return {**row, **times, "layers": layers, "lies": lies}
    became = text(chosen(), f"words.exit.{row['exit']}" if row["exit"] else f"words.became.{row['became']}")
    layers, at = layers_text(chosen(), row["payee_layers"]), moment(row["at"], row["precision"])
    return {**row, "at": at, "payee_layers": layers, "became": became}


def _totals(each: Totals) -> dict[str, object]:
    return {
        "start": each.start,
        "started_fen": each.started_fen,
        "held_fen": each.held_fen,
        "last_seen_fen": each.last_seen_fen,
        "before_fen": each.before_fen,
        "left_fen": dict(each.left_fen),
        "below_floor_fen": each.below_floor_fen,
        "disputed_fen": each.disputed_fen,
    }


def holding_row(each: Holding, hidden: bool) -> Mapping[str, object]:
    """Money in an account."""
    return {
        "account": _account(each.account, hidden),
        "name": name.mask(each.name) if hidden else each.name,
        "layer": _first(each.layers),
        "layers": each.layers,
        "start": each.start,
        "traced_fen": each.fen,
        "lies": each.lies.value,
        "conclusive": each.is_conclusive,
        "first_at": each.first_at,
        "last_at": each.last_at,
        "first_precision": each.first_precision,
        "last_precision": each.last_precision,
    }


def _dispute(each: Dispute, hidden: bool) -> dict[str, object]:
    return {
        "movement": each.movement or None,
        "account": _account(each.account, hidden),
        "start": each.start,
        "low_fen": each.low_fen,
        "high_fen": each.high_fen,
    }


def _asking(found: TracedCase, number: str, each: WorthAsking, hidden: bool) -> dict[str, object]:
    return {
        "account": _account(number, hidden),
        "lack": each.lack.name.lower(),
        "traced_fen": each.fen,
        "first_at": from_seconds(each.first_arrival_s),
        "last_at": from_seconds(each.last_arrival_s),
        "first_precision": found.precision_at(each.account, each.first_arrival_s),
        "last_precision": found.precision_at(each.account, each.last_arrival_s),
        "first_day": from_days(each.first_day),
        "last_day": from_days(each.last_day),
    }


def _passage(found: TracedCase, number: str, each: Passage, hidden: bool) -> dict[str, object]:
    return {
        "account": _account(number, hidden),
        "layer": _first(found.layers(each.account)),
        "layers": found.layers(each.account),
        "in_fen": each.in_fen,
        "out_fen": each.out_fen,
        "residue_fen": each.residue_fen,
        "pass_through_share": round(each.pass_through_share, 4),
        "dwell_s": each.dwell_s,
        "night_cash_fen": each.night_cash_fen,
        "first_at": from_seconds(each.first_s),
        "last_at": from_seconds(each.last_s),
        "first_precision": found.precision_at(each.account, each.first_s),
        "last_precision": found.precision_at(each.account, each.last_s),
    }


def _first(layers: tuple[int, ...]) -> int | None:
    """An account's first layer, that of the first money that came there."""
    return min(layers, default=None)


def _account(number: str, hidden: bool) -> str:
    return account.mask(number) if hidden and number else number
