"""Traces as the command line tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanzha.adapters.documents.report_words import moment
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.pattern_words import pattern_row
from fanzha.apps.cli.statement_words import place_row
from fanzha.cases.file_names import shown_name
from fanzha.i18n import text
from fanzha.i18n.measures import layers_text
from fanzha.i18n.sums import whole_money
from fanzha.kernel.clock import from_days, from_seconds
from fanzha.kernel.identifiers import account, name
from fanzha.tracing.follow.asking import Passage, WorthAsking
from fanzha.workflows.case_ledger import Place
from fanzha.workflows.resting import Resting, Slip
from fanzha.workflows.trace_case import Holding, TracedCase, TracedHop
from fanzha.workflows.trace_sums import Bound, Dispute, Totals

HOP = (
    "at", "precision", "payer_layer", "payer_layers", "payer", "payee_layer", "payee_layers", "payee", "amount_fen",
    "traced_fen", "start", "became", "exit", "order_contradicted", "inferred", "night_cash", "payee_told_until", "id",
    "evidence", "evidence_sha256",
)  # fmt: skip
HOP_IN_TABLE = ("at", "payee_layers", "payer", "payee", "amount_fen", "traced_fen", "became", "inferred")
_LIES = ("traced_fen", "lies", "conclusive", "inferred", "first_at", "last_at")
HOLDING_IN_TABLE = ("account", "name", "layers", *_LIES, "start")
HOLDING = ("account", "name", "layer", "layers", *_LIES, "first_precision", "last_precision", "start")

BOUNDS = 20
"""Accounts of which a table tells what lay there by every rule."""

WARNED = 5
"""Balances that a warning names one by one."""


def sums(found: TracedCase, *, hidden: bool) -> Iterator[str]:
    """Each start's account in a sentence; of the upper bound, that it has none."""
    if found.is_reach:
        yield say("trace.bound")
        return
    for each in found.totals():
        parts = {
            "held": each.held_fen,
            "last_seen": each.last_seen_fen,
            "before": each.before_fen,
            "gone": each.gone_fen,
            "not_followed": each.below_floor_fen,
            "disputed": each.disputed_fen,
        }
        told = (
            f"{text(chosen(), f'words.picture_state.{name}')} {whole_money(fen)}" for name, fen in parts.items() if fen
        )
        if each.disputed_fen:
            certain = whole_money(each.held_fen + each.last_seen_fen)
            yield say("trace.at_least", start=each.start, least=whole_money(each.at_least_fen), certain=certain)
        yield say("trace.sums", start=each.start, started=whole_money(each.started_fen), parts=" + ".join(told))
    yield from _bounds(found, hidden)
    yield from _warnings(found, hidden)


def _bounds(found: TracedCase, hidden: bool) -> Iterator[str]:
    """Where it lay by every rule, account by account."""
    told = found.bounds()
    for each in told[:BOUNDS]:
        low, high = whole_money(each.low_fen), whole_money(each.high_fen)
        yield say("trace.bounds", account=_account(each.account, hidden), low=low, high=high)
    if len(told) > BOUNDS:
        yield say("trace.more_bounds", count=len(told) - BOUNDS)


def _warnings(found: TracedCase, hidden: bool) -> Iterator[str]:
    """What rests on balances that no row bears out, and balances that are wrong; file names only in full tellings."""
    for number, each in found.resting():
        rows = [
            say("trace.guess_came" if guess.fen > 0 else "trace.guess_left", fen=whole_money(abs(guess.fen)))
            + "".join(f" {_at_row(place, hidden)}" for place in guess.evidence[:1])
            for guess in each.guesses[:WARNED]
        ]
        if len(each.guesses) > WARNED:
            rows.append(f"+{len(each.guesses) - WARNED}")
        fen = whole_money(each.fen)
        yield say("trace.resting", account=_account(number, hidden), fen=fen, rows=", ".join(rows))
    for number, slip in found.slips()[:WARNED]:
        yield say("trace.slip", account=_account(number, hidden), row=_at_row(slip.place, hidden))


def _at_row(place: Place, hidden: bool) -> str:
    return f"{shown_name(place.source.path) if hidden else place.source.path}:{place.row}"


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
        "by_every_rule": [_bound(each, hidden) for each in found.bounds()],
        "disputed": [_dispute(each, hidden) for each in found.disputes()],
        "inferred_accounts": [_resting(number, each, hidden) for number, each in found.resting()],
        "wrong_balances": [_slip(number, each, hidden) for number, each in found.slips()],
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
        "inferred": each.is_inferred,
        "night_cash": each.is_night_cash,
        "payee_told_until": each.payee_told_until,
        "id": None if each.told is None else each.told.id,
        "evidence": evidence,
        **hashes,
    }


def spoken(told: Mapping[str, Any]) -> Mapping[str, object]:
    """A hop or a holding as a person reads it: codes in words."""
    row = {**told, "inferred": text(chosen(), "words.inferred.balance") if told["inferred"] else None}
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
        "at_least_fen": each.at_least_fen,
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
        "inferred": each.is_inferred,
        "first_at": each.first_at,
        "last_at": each.last_at,
        "first_precision": each.first_precision,
        "last_precision": each.last_precision,
    }


def _bound(each: Bound, hidden: bool) -> dict[str, object]:
    return {
        "account": _account(each.account, hidden),
        "name": name.mask(each.name) if hidden else each.name,
        "has_statement": each.has_statement,
        "low_fen": each.low_fen,
        "high_fen": each.high_fen,
    }


def _dispute(each: Dispute, hidden: bool) -> dict[str, object]:
    return {
        "movement": each.movement or None,
        "account": _account(each.account, hidden),
        "start": each.start,
        "low_fen": each.low_fen,
        "high_fen": each.high_fen,
    }


def _resting(number: str, each: Resting, hidden: bool) -> dict[str, object]:
    return {
        "account": _account(number, hidden),
        "traced_fen": each.fen,
        "balances": [
            {"proves_fen": guess.fen, "evidence": None if hidden else [place_row(place) for place in guess.evidence]}
            for guess in each.guesses
        ],
    }


def _slip(number: str, each: Slip, hidden: bool) -> dict[str, object]:
    return {"account": _account(number, hidden), "evidence": None if hidden else place_row(each.place)}


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
