"""Where a chase looks: told payments are found in the case's movements and followed, the others stand as told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import from_seconds, micros
from fanzha.kernel.identifiers.account import is_complete
from fanzha.kernel.money import Fen, fen
from fanzha.orders.authority import AccountSort
from fanzha.records.statements.rows import UNKNOWN_FEN
from fanzha.tracing.follow.case_flow import NO_TRANSFER, CaseFlow
from fanzha.tracing.follow.follow import follow
from fanzha.tracing.follow.question import HOUR_S, Question
from fanzha.tracing.follow.trace import HopKind, Trace
from fanzha.tracing.frontier import PPM, Dwell, Lead, frontier
from fanzha.tracing.movements.movements import UNKNOWN_NODE
from fanzha.workflows.case_ledger import CaseLedger

HORIZON_S = 72 * HOUR_S
TOLD_WITHIN_US = 24 * HOUR_S * 1_000_000
"""A victim errs about the time; the payee, the amount and the nearest time find the payment."""
NO_NODE = UNKNOWN_NODE


@dataclass(frozen=True, slots=True, kw_only=True)
class TellsOf:
    """A payment as it was told, in clear: to which account, how much, when; `place` is its own among those told."""

    place: int
    payee: str
    payee_name: str
    fen: Fen
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """A lead with what a message about it needs, in clear: the account's identifiers (the first is how it is called),
    its holder's name and bank as others name them, the last payment that brought money there, and its last balance.

    `parts`: how many fen of the lead are of which told payment, by its place; `own_fen`: what lay there all the while
    that its own statement tells, and so is the holder's own; `sorts`: what the holder's name tells of the account;
    `is_absent`: its institution says that it keeps no such account.
    """

    lead: Lead
    identifiers: tuple[str, ...]
    name: str
    bank: str
    paid_fen: Fen
    paid_at: datetime
    payer: str
    payer_name: str
    balance_fen: Fen | None
    parts: Mapping[int, int]
    own_fen: Fen | None = None
    sorts: frozenset[AccountSort] = frozenset()
    is_absent: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether no figure of its number is hidden: no institution finds an account by a part of it."""
        return is_complete(self.identifiers[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the case's data tells of a chase: leads, most recoverable first, and which told payments nobody else tells.

    `trace` is None while no told payment was found.
    """

    leads: tuple[LeadFacts, ...]
    trace: Trace | None
    not_found: tuple[TellsOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast money goes on, and by account name of a bank how many seconds its stops take."""

    dwell: Dwell
    delay_s: Mapping[str, int]


def known(ledger: CaseLedger, flow: CaseFlow, payments: Sequence[TellsOf], pace: Pace, now: datetime) -> Known:
    """Everywhere the told payments' money lies by now, as far as anybody told."""
    found = _transfers(ledger, flow, payments)
    starts = tuple(sorted(set(found.values())))
    lost = tuple(each for each in payments if each not in found)
    now_s = micros(now) // 1_000_000
    leads = [_as_told(each, pace, now_s) for each in lost]
    trace = None
    if starts:
        trace, _ = follow(flow.index, Question(starts=starts, horizon_s=HORIZON_S, floor_fen=1))
        delays = _delays(ledger, trace, pace)
        arrivals = _last_arrivals(flow, trace)
        parts = _parts(trace, {start: told.place for told, start in found.items()})
        leads += [
            replace(_facts(ledger, flow, each, arrivals[each.account]), parts=parts[each.account])
            for each in frontier(flow, trace, now_s, pace.dwell, delays)
        ]
    leads.sort(key=lambda each: (-each.lead.recoverable_fen, -each.lead.fen, each.identifiers))
    return Known(leads=tuple(leads), trace=trace, not_found=lost)


def awaited(number: str, name: str, payment: TellsOf, since: datetime) -> LeadFacts:
    """An account that a person found involved before money was seen to come: the payment it is stopped for, no fen."""
    lead = Lead(
        account=NO_NODE, layer=1, fen=0, there_ppm=0, recoverable_fen=0, moved_fen=0, came_s=micros(since) // 1_000_000,
        told_until_s=None,
    )  # fmt: skip
    return LeadFacts(
        lead=lead,
        identifiers=(number,),
        name=name,
        bank="",
        paid_fen=payment.fen,
        paid_at=payment.at,
        payer="",
        payer_name="",
        balance_fen=None,
        parts={},
    )


def together(one: LeadFacts, other: LeadFacts) -> LeadFacts:
    """Two leads of one account as one: their fen added, the rest as the first tells it, else the other."""
    first, second = one.lead, other.lead
    lying, recoverable = first.fen + second.fen, first.recoverable_fen + second.recoverable_fen
    lead = replace(
        first,
        layer=min(first.layer, second.layer),
        fen=lying,
        there_ppm=PPM * recoverable // lying if lying else 0,
        recoverable_fen=recoverable,
        moved_fen=lying - recoverable,
        came_s=min(first.came_s, second.came_s),
        told_until_s=first.told_until_s if second.told_until_s is None else second.told_until_s,
    )
    return replace(
        one,
        lead=lead,
        name=one.name or other.name,
        bank=one.bank or other.bank,
        balance_fen=other.balance_fen if one.balance_fen is None else one.balance_fen,
        parts=Counter(one.parts) + Counter(other.parts),
        own_fen=other.own_fen if one.own_fen is None else one.own_fen,
    )


def _transfers(ledger: CaseLedger, flow: CaseFlow, payments: Sequence[TellsOf]) -> dict[TellsOf, int]:
    """The transfers that were told: to this payee, of this amount, nearest in time; equal ones are not one transfer."""
    found: dict[TellsOf, int] = {}
    for told in sorted(payments, key=lambda each: each.at):
        node = ledger.found.accounts.find(told.payee)
        if node == UNKNOWN_NODE:
            continue
        moved = ledger.found.movements
        fits = np.flatnonzero((moved.payee == node) & (moved.amount_fen == told.fen) & (flow.transfer != NO_TRANSFER))
        fits = fits[~np.isin(flow.transfer[fits], list(found.values()))]
        away = np.abs(ledger.at_us[fits] - micros(told.at))
        if len(fits) and away.min() <= TOLD_WITHIN_US:
            found[told] = int(flow.transfer[fits[np.argmin(away)]])
    return found


def _as_told(told: TellsOf, pace: Pace, now_s: int) -> LeadFacts:
    """A payment that no bank has told yet: it lies in the first account, for all that is known."""
    came_s = micros(told.at) // 1_000_000
    there = pace.dwell.stays(1, now_s - came_s)
    recoverable = round(told.fen * there)
    lead = Lead(
        account=NO_NODE,
        layer=1,
        fen=told.fen,
        there_ppm=round(PPM * there),
        recoverable_fen=recoverable,
        moved_fen=told.fen - recoverable,
        came_s=came_s,
        told_until_s=None,
    )
    return LeadFacts(
        lead=lead,
        identifiers=(told.payee,),
        name=told.payee_name,
        bank="",
        paid_fen=told.fen,
        paid_at=told.at,
        payer="",
        payer_name="",
        balance_fen=None,
        parts={told.place: told.fen},
    )


def _parts(trace: Trace, places: Mapping[int, int]) -> Mapping[int, Mapping[int, int]]:
    """By account, how many fen of each told payment lie there."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    held, starts = trace.held, trace.question.starts
    for account, label, lying in zip(held.account.tolist(), held.label.tolist(), held.fen.tolist(), strict=True):
        found[account][places[int(starts[label])]] = lying
    return found


def _delays(ledger: CaseLedger, trace: Trace, pace: Pace) -> dict[int, int]:
    return {node: pace.delay_s.get(ledger.banks.get(node, ""), 0) for node in set(trace.held.account.tolist())}


def _last_arrivals(flow: CaseFlow, trace: Trace) -> Mapping[int, int]:
    """By account, the transfer by which traced money came there last."""
    came = trace.hops.transfer[trace.hops.kind == HopKind.FOLLOWED]
    return dict(zip(flow.index.transfers.payee[came].tolist(), came.tolist(), strict=True))


def _facts(ledger: CaseLedger, flow: CaseFlow, lead: Lead, arrival: int) -> LeadFacts:
    moved, node = flow.index.transfers, lead.account
    payer = int(moved.payer[arrival])
    accounts = ledger.found.accounts
    return LeadFacts(
        lead=lead,
        identifiers=(
            accounts.primary[node],
            *(each for each in accounts.identifiers[node] if each != accounts.primary[node]),
        ),
        name=ledger.name(node),
        bank=ledger.banks.get(node, ""),
        paid_fen=fen(int(moved.amount_fen[arrival])),
        paid_at=from_seconds(int(moved.at_s[arrival])),
        payer="" if payer < 0 else accounts.primary[payer],
        payer_name="" if payer < 0 else ledger.name(payer),
        balance_fen=_balance(ledger, node),
        parts={},
        own_fen=_own(ledger, lead),
    )


def _balance(ledger: CaseLedger, node: int) -> Fen | None:
    """What the account's own bank told last of its balance."""
    ledgers = ledger.found.ledgers
    told: NDArray[np.int64] = ledgers.balance_fen[ledgers.start[node] : ledgers.start[node + 1]]
    told = told[told != UNKNOWN_FEN]
    return fen(max(0, int(told[-1]))) if len(told) else None


def _own(ledger: CaseLedger, lead: Lead) -> Fen | None:
    """What never left while its own bank's statement tells, before its first row too, beside what is traced.

    It lay there before anything came that is told: money on its way leaves an account as empty as it found it.
    """
    ledgers = ledger.found.ledgers
    events = slice(int(ledgers.start[lead.account]), int(ledgers.start[lead.account + 1]))
    after, signed = ledgers.balance_fen[events], ledgers.signed_fen[events]
    told = np.flatnonzero(after != UNKNOWN_FEN)
    if not len(told):
        return None
    before = int(after[told[0]]) - int(signed[: told[0] + 1].sum())
    least = min(before, int(after[told].min()), int(after[told[-1]]) - lead.fen)
    return fen(max(0, least))
