"""The rows behind each number of a trace: which fit a query, in which order, and each as a table row.

What fits and how it is sorted is decided on columns; only the rows of a page are made into words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from fanzha.apps.web.views.shown import BankNames
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.views.trace import AskingLine, DisputeLine, HoldingLine, HopLine, PassageLine, StartLine
from fanzha.apps.web.wired.masks import masked_place
from fanzha.apps.web.wired.movements import movement_line
from fanzha.apps.web.wired.shown_trace import ShownTrace
from fanzha.kernel.clock import from_days, from_seconds, micros
from fanzha.tracing.follow.case_flow import NEVER_TOLD_S
from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.movements.movements import Exit
from fanzha.workflows.lying import LIES, Lies

Row = TypeVar("Row")
Places = NDArray[np.intp]
SURENESS = ("yes", "no", "no_statement")
Keys = dict[str, Callable[[], NDArray[np.int64]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[Row]):
    """A table of a trace: the places that fit a query in its order, and the row at a place."""

    fitting: Callable[[ShownTrace, Query], Places]
    row: Callable[[ShownTrace, int], Row]

    def page(self, told: ShownTrace, query: Query) -> Page[Row]:
        """The query's page of rows."""
        places = self.fitting(told, query)
        shown = places[query.offset : query.offset + query.size]
        rows = [self.row(told, int(each)) for each in shown]
        return Page(rows=rows, total=len(places), page=query.page, size=query.size)

    def every(self, told: ShownTrace, query: Query) -> Listing[Row]:
        """All of them, made as they are asked for."""
        places = self.fitting(told, query)
        return Listing(total=len(places), rows=(self.row(told, int(each)) for each in places))


def _ordered(some: Places, query: Query, keys: Keys) -> Places:
    """Places in the query's order; what is equal keeps its own order either way."""
    by = keys[query.sort]()[some]
    return some[np.argsort(-by if query.descending else by, kind="stable")]


def _whole(values: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([-1 if each is None else each for each in values], np.int64)


def _label(told: ShownTrace, query: Query) -> int | None:
    """The label of the start that the query wants alone; -1 when the trace has no such start."""
    start = query.word("start")
    return told.number.get(start, 0) - 1 if start else None


def _every_start(told: ShownTrace, query: Query) -> Places:
    totals, m = told.totals, told.shown.ledger.found.movements
    numbers = np.array([told.shown.ledger.number(each.start) for each in totals], np.int64)
    gone = _whole([each.gone_fen for each in totals])
    keys: Keys = {
        "start": lambda: np.arange(len(totals)),
        "at": lambda: told.shown.at_us[numbers],
        "payer": lambda: told.shown.ranks[m.payer[numbers]],
        "payee": lambda: told.shown.ranks[m.payee[numbers]],
        "started_fen": lambda: _whole([each.started_fen for each in totals]),
        "held_fen": lambda: _whole([each.held_fen for each in totals]),
        "last_seen_fen": lambda: _whole([each.last_seen_fen for each in totals]),
        "before_fen": lambda: _whole([each.before_fen for each in totals]),
        "gone_fen": lambda: gone,
        "came_fen": lambda: gone,
        "below_floor_fen": lambda: _whole([each.below_floor_fen for each in totals]),
        "disputed_fen": lambda: _whole([each.disputed_fen for each in totals]),
    }
    return _ordered(np.arange(len(totals)), query, keys)


def _start(told: ShownTrace, place: int) -> StartLine:
    each = told.totals[place]
    line = movement_line(told.shown, told.shown.ledger.number(each.start))
    return StartLine(
        start=place + 1,
        id=each.start,
        at=line.at,
        exact=line.exact,
        payer=line.payer,
        payee=line.payee,
        started_fen=each.started_fen,
        held_fen=each.held_fen,
        last_seen_fen=each.last_seen_fen,
        before_fen=each.before_fen,
        gone_fen=each.gone_fen,
        below_floor_fen=each.below_floor_fen,
        disputed_fen=each.disputed_fen,
    )


def _mark(is_inferred: bool) -> str:
    return "balance" if is_inferred else "none"


def _fitting_holdings(told: ShownTrace, query: Query) -> Places:
    lying = told.found.lying
    keep = np.ones(len(lying), np.bool_)
    if lies := query.word("lies"):
        keep &= lying.lies == LIES.index(Lies(lies))
    if conclusive := query.word("conclusive"):
        keep &= _sureness(told) == SURENESS.index(conclusive)
    if (label := _label(told, query)) is not None:
        keep &= lying.label == label
    if (least := query.fen("at_least")) is not None:
        keep &= lying.fen >= least
    if query.word("inferred"):
        keep &= told.found.lies_inferred
    keys: Keys = {
        "inferred": lambda: told.found.lies_inferred.astype(np.int64),
        "account": lambda: told.shown.ranks[lying.account],
        "layers": lambda: told.first_layer[lying.account],
        "traced_fen": lambda: lying.fen,
        "lies": lambda: lying.lies.astype(np.int64),
        "conclusive": lambda: _sureness(told),
        "earliest_at": lambda: lying.first_s,
        "latest_at": lambda: lying.last_s,
        "start": lambda: lying.label,
    }
    return _ordered(np.flatnonzero(keep), query, keys)


def _sureness(told: ShownTrace) -> NDArray[np.int64]:
    """By what lies somewhere, how sure that is: places in `SURENESS`."""
    flow, account = told.found.flow, told.found.lying.account
    unsure = 1 + (flow.told_until_s[account] == NEVER_TOLD_S)
    return np.where(flow.is_inconclusive[account], unsure, 0).astype(np.int64)


def _holding(told: ShownTrace, place: int) -> HoldingLine:
    each, node = told.found.holding(place), int(told.found.lying.account[place])
    return HoldingLine(
        account=told.shown.account(node),
        layers=each.layers,
        traced_fen=each.fen,
        lies=each.lies.value,
        conclusive="yes" if each.is_conclusive else "no" if each.has_statement else "no_statement",
        inferred=_mark(each.is_inferred),
        earliest_at=each.first_at,
        latest_at=each.last_at,
        earliest_at_exact=each.first_precision,
        latest_at_exact=each.last_precision,
        start=told.number[each.start],
    )


def _fitting_hops(told: ShownTrace, query: Query) -> Places:
    hops, moved, flow = told.found.trace.hops, told.found.flow.index.transfers, told.found.flow
    payer, payee = told.parties
    at_us = moved.at_s[hops.transfer] * 1_000_000
    keep = np.ones(len(hops), np.bool_)
    if became := query.word("became"):
        keep &= _became(told, became.upper())
    if (label := _label(told, query)) is not None:
        keep &= hops.label == label
    if key := query.word("account"):
        node = told.shown.node(key)
        keep &= (payer == node) | (payee == node)
    if (after := query.moment("after")) is not None:
        keep &= at_us >= micros(after)
    if (until := query.moment("until")) is not None:
        keep &= at_us < micros(until)
    if (least := query.fen("at_least")) is not None:
        keep &= hops.fen >= least
    if query.word("told") == "no":
        keep &= np.isin(hops.transfer, flow.unseen())
    if query.word("inferred"):
        keep &= told.found.inferred.hops
    keys: Keys = {
        "inferred": lambda: told.found.inferred.hops.astype(np.int64),
        "at": lambda: np.arange(len(hops)),
        "payer": lambda: told.shown.ranks[payer],
        "payee": lambda: told.shown.ranks[payee],
        "amount_fen": lambda: moved.amount_fen[hops.transfer],
        "traced_fen": lambda: hops.fen,
        "became": lambda: hops.kind * np.int64(10) + np.where(hops.kind == HopKind.LEFT, told.found.exits, 0),
        "payer_layers": lambda: told.first_layer[payer],
        "payee_layers": lambda: told.first_layer[payee],
        "start": lambda: hops.label,
    }
    return _ordered(np.flatnonzero(keep), query, keys)


def _became(told: ShownTrace, code: str) -> NDArray[np.bool_]:
    """By hop, whether this became of it: a code of `HopKind`, or of `Exit` for what left that way."""
    kind = told.found.trace.hops.kind
    if code in HopKind.__members__:
        return np.asarray(kind == HopKind[code], np.bool_)
    return np.asarray((kind == HopKind.LEFT) & (told.found.exits == Exit[code]), np.bool_)


def _hop(told: ShownTrace, place: int) -> HopLine:
    each = told.found.hop(place)
    payer, payee = (int(party[place]) for party in told.parties)
    first = each.evidence[0]
    return HopLine(
        id=each.told.id if each.told else "",
        at=each.at,
        exact=each.precision,
        payer=told.shown.account(payer),
        payee=told.shown.account(payee),
        payer_layers=each.payer_layers,
        payee_layers=each.payee_layers,
        amount_fen=each.amount_fen,
        traced_fen=each.fen,
        became=each.exit or each.became,
        told="yes" if each.told else "no",
        order="contradicted" if each.order_contradicted else "",
        inferred=_mark(each.is_inferred),
        place=masked_place(told.shown.keys, first.source.path, first.row),
        tellings=len(each.evidence),
        start=told.number[each.start],
    )


def _fitting_asking(told: ShownTrace, query: Query) -> Places:
    asked = [each for _, each in told.asking]
    keep = np.ones(len(asked), np.bool_)
    if lack := query.word("lack"):
        keep &= np.array([each.lack.name.lower() == lack for each in asked], np.bool_)
    keys: Keys = {
        "account": lambda: told.shown.ranks[_whole([each.account for each in asked])],
        "bank": lambda: _by_text([told.shown.ledger.banks.get(each.account, "") for each in asked]),
        "layers": lambda: told.first_layer[_whole([each.account for each in asked])],
        "lack": lambda: _whole([each.lack for each in asked]),
        "traced_fen": lambda: _whole([each.fen for each in asked]),
        "earliest_at": lambda: _whole([each.first_arrival_s for each in asked]),
        "latest_at": lambda: _whole([each.last_arrival_s for each in asked]),
        "first_day": lambda: _whole([each.first_day for each in asked]),
        "last_day": lambda: _whole([each.last_day for each in asked]),
    }
    return _ordered(np.flatnonzero(keep), query, keys)


def _by_text(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(texts, np.str_), return_inverse=True)[1].astype(np.int64)


def _asking(told: ShownTrace, place: int) -> AskingLine:
    _, each = told.asking[place]
    bank = told.shown.ledger.banks.get(each.account, "")
    return AskingLine(
        account=told.shown.account(each.account),
        bank=bank,
        institution=BankNames.of(bank, {}),
        layers=told.found.layers(each.account),
        lack=each.lack.name.lower(),
        traced_fen=each.fen,
        earliest_at=from_seconds(each.first_arrival_s),
        latest_at=from_seconds(each.last_arrival_s),
        earliest_at_exact=told.found.precision_at(each.account, each.first_arrival_s),
        latest_at_exact=told.found.precision_at(each.account, each.last_arrival_s),
        first_day=from_days(each.first_day),
        last_day=from_days(each.last_day),
    )


def _every_passage(told: ShownTrace, query: Query) -> Places:
    passed = [each for _, each in told.passages]
    keys: Keys = {
        "account": lambda: told.shown.ranks[_whole([each.account for each in passed])],
        "layers": lambda: told.first_layer[_whole([each.account for each in passed])],
        "in_fen": lambda: _whole([each.in_fen for each in passed]),
        "out_fen": lambda: _whole([each.out_fen for each in passed]),
        "share": lambda: (np.array([each.pass_through_share for each in passed]) * 1e9).astype(np.int64),
        "residue_fen": lambda: _whole([each.residue_fen for each in passed]),
        "dwell_s": lambda: _whole([each.dwell_s for each in passed]),
        "night_cash_fen": lambda: _whole([each.night_cash_fen for each in passed]),
        "earliest_at": lambda: _whole([each.first_s for each in passed]),
        "latest_at": lambda: _whole([each.last_s for each in passed]),
    }
    return _ordered(np.arange(len(passed)), query, keys)


def _passage(told: ShownTrace, place: int) -> PassageLine:
    _, each = told.passages[place]
    return PassageLine(
        account=told.shown.account(each.account),
        layers=told.found.layers(each.account),
        in_fen=each.in_fen,
        out_fen=each.out_fen,
        share=each.pass_through_share,
        residue_fen=each.residue_fen,
        dwell_s=each.dwell_s,
        night_cash_fen=each.night_cash_fen,
        earliest_at=from_seconds(each.first_s),
        latest_at=from_seconds(each.last_s),
        earliest_at_exact=told.found.precision_at(each.account, each.first_s),
        latest_at_exact=told.found.precision_at(each.account, each.last_s),
    )


def _fitting_disputes(told: ShownTrace, query: Query) -> Places:
    found = told.disputes
    keep = np.ones(len(found), np.bool_)
    if (label := _label(told, query)) is not None:
        keep &= np.array([told.number[each.start] == label + 1 for each in found], np.bool_)
    keys: Keys = {
        "where": lambda: _whole([bool(each.movement) for each in found]),
        "account": lambda: told.shown.ranks[_whole([told.node(each.account) for each in found])],
        "low_fen": lambda: _whole([each.low_fen for each in found]),
        "high_fen": lambda: _whole([each.high_fen for each in found]),
        "start": lambda: _whole([told.number[each.start] for each in found]),
    }
    return _ordered(np.flatnonzero(keep), query, keys)


def _dispute(told: ShownTrace, place: int) -> DisputeLine:
    each = told.disputes[place]
    return DisputeLine(
        where="payment" if each.movement else "lies",
        id=each.movement,
        account=told.account(each.account),
        low_fen=each.low_fen,
        high_fen=each.high_fen,
        start=told.number[each.start],
    )


STARTS = Rows(fitting=_every_start, row=_start)
HOLDINGS = Rows(fitting=_fitting_holdings, row=_holding)
HOPS = Rows(fitting=_fitting_hops, row=_hop)
ASKING = Rows(fitting=_fitting_asking, row=_asking)
PASSAGES = Rows(fitting=_every_passage, row=_passage)
DISPUTES = Rows(fitting=_fitting_disputes, row=_dispute)
