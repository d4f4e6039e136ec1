"""The analysis report of a traced case as values: every number of it follows from hops, sources and question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.tracing.follow.asking import Passage, WorthAsking
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.tracing.picture.layering import LayerSums
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.report_sums import HopSums, sum_hops
from fanzha.workflows.resting import Resting, Slip
from fanzha.workflows.trace_case import Holding, TracedCase, TracedHop
from fanzha.workflows.trace_sums import Bound, Dispute, Sums, Totals

MOST_HOPS = 2_000
"""Hops that the report's annex lists, the largest; sums count all of them, the table of hops as a file lists them."""

_METHODS = [each.value for each in Method]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """A file as a person gave it, and when."""

    name: str
    sha256: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRead:
    """What one table of a file told: rows = accepted + duplicates + rejected; `unread` where nobody understood it."""

    path: str
    sha256: str
    format_id: str
    format_title: tuple[str, str]
    first_at: datetime | None
    last_at: datetime | None
    accepted: int
    duplicates: int
    rejected: int
    unread: int
    fault: str
    fault_fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """What of a file's content was not read, by code; `lost` rows where they could be counted."""

    place: str
    code: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An import that does not count, and its state: `excluded`, `failed`, `running` or `erased`."""

    state: str
    files: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSources:
    """Everything that the case's ledger was made of, and what it was not made of; `as_of` is its last change."""

    files: tuple[ReceivedFile, ...]
    sheets: tuple[SheetRead, ...]
    not_read: tuple[NotRead, ...]
    left_out: tuple[LeftOut, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """Which case, for whom, and by which program; unit names in Chinese and English.

    `banks`: by what a file or a message calls a registered one, its code or a name, its names in both.
    """

    ref: str
    title: str
    state: str
    opened_at: datetime
    case_unit: tuple[str, str]
    asking_unit: tuple[str, str]
    asked_by: str
    purpose: str
    is_exercise: bool
    program: str
    banks: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSums:
    """What one method makes of the same question; `accounts` were reached by it, `ended` is a code of `Stop`."""

    method: str
    sums: Sums
    accounts: int
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """How traced money went through an account, with its holder's name and layers."""

    account: str
    name: str
    layers: tuple[int, ...]
    is_conclusive: bool
    passage: Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A statement worth asking for."""

    account: str
    name: str
    bank: str
    asking: WorthAsking


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A starting payment in words, with its totals; `hop` is its own first hop, None where a trace has none of it."""

    hop: TracedHop | None
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What about the answer is unsure: (hops, fen) by kind of doubt, and limits that were reached."""

    contradicted: tuple[int, int]
    unseen: tuple[int, int]
    resting: tuple[tuple[str, Resting], ...]
    slips: tuple[tuple[str, Slip], ...]
    by_code: Mapping[str, int]
    cut: tuple[str, ...]
    ended: str
    patterns_cut: tuple[str, ...]
    patterns_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report; `hops` are the largest `MOST_HOPS` of `hop_count`, in the order in which money moved."""

    head: ReportHead
    sources: ReportSources
    question: Question
    starts: tuple[Start, ...]
    methods: tuple[MethodSums, ...]
    layers: tuple[LayerSums, ...]
    holdings: tuple[Holding, ...]
    bounds: tuple[Bound, ...]
    exits: Mapping[str, int]
    accounts: tuple[AccountFacts, ...]
    patterns: tuple[NamedPattern, ...]
    asking: tuple[Asking, ...]
    disputes: tuple[Dispute, ...]
    doubts: Doubts
    hops: tuple[TracedHop, ...]
    hop_count: int
    fingerprint: str

    @property
    def is_forward(self) -> bool:
        """Whether it tells where money went, not where it came from."""
        return self.question.direction is Direction.FORWARD

    @property
    def is_reach(self) -> bool:
        """Whether it tells only what money can have come to, an upper bound: nothing in it may say where money is."""
        return self.question.method is Method.POISON


def report_case(
    head: ReportHead, sources: ReportSources, found: TracedCase, others: Sequence[TracedCase] = ()
) -> Report:
    """The report of a trace; `others` are the same question by other methods, told beside it."""
    asked = found.trace.question
    sums = sum_hops(found.hops(), MOST_HOPS)
    holdings = tuple(found.holdings())
    return Report(
        head=head,
        sources=sources,
        question=asked,
        starts=tuple(Start(hop=sums.starts.get(each.start), totals=each) for each in found.totals()),
        methods=tuple(
            sorted((method_sums(each) for each in (found, *others)), key=lambda each: _METHODS.index(each.method))
        ),
        layers=found.layered.sums,
        holdings=holdings,
        bounds=tuple(found.bounds()),
        exits=sums.exits,
        accounts=_accounts(found),
        patterns=tuple(found.patterns()),
        asking=_asking(found),
        disputes=tuple(found.disputes()),
        doubts=_doubts(sums, found),
        hops=sums.largest,
        hop_count=sums.count,
        fingerprint=fingerprint(head.program, sources.sheets, found, sums.digest),
    )


def method_sums(found: TracedCase) -> MethodSums:
    """All starts of a trace together."""
    return MethodSums(
        method=found.trace.question.method.value,
        sums=found.sums(),
        accounts=len(found.layered.of),
        ended=found.trace.stop.name.lower(),
    )


def fingerprint(program: str, sheets: Sequence[SheetRead], found: TracedCase, hops_sha256: str) -> str:
    """SHA-256 of program, question, sources and every hop with its evidence: who asks, and when, is not in it."""
    asked = found.trace.question
    told = {
        "program": program,
        "starts": found.starts(),
        "method": asked.method.value,
        "direction": asked.direction.value,
        "horizon_s": asked.horizon_s,
        "floor_fen": asked.floor_fen,
        "sources": sorted([each.sha256, each.path, each.format_id, each.accepted] for each in sheets),
        "hops": hops_sha256,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _accounts(found: TracedCase) -> tuple[AccountFacts, ...]:
    told = (
        AccountFacts(
            account=account,
            name=found.ledger.name(each.account),
            layers=found.layers(each.account),
            is_conclusive=not found.flow.is_inconclusive[each.account],
            passage=each,
        )
        for account, each in found.passages()
    )
    return tuple(sorted(told, key=lambda each: (-each.passage.in_fen, each.account)))


def _asking(found: TracedCase) -> tuple[Asking, ...]:
    return tuple(
        Asking(
            account=account,
            name=found.ledger.name(each.account),
            bank=found.ledger.banks.get(each.account, ""),
            asking=each,
        )
        for account, each in found.worth_asking()
    )


def _doubts(sums: HopSums, found: TracedCase) -> Doubts:
    return Doubts(
        contradicted=sums.contradicted,
        unseen=sums.unseen,
        resting=tuple(found.resting()),
        slips=tuple(found.slips()),
        by_code=sums.doubts,
        cut=tuple(found.cut()),
        ended=found.trace.stop.name.lower(),
        patterns_cut=tuple(found.traced_patterns.cut_accounts()),
        patterns_left_out=sum(found.traced_patterns.left_out.values()),
    )
