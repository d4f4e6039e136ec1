"""`fanzha evaluate …`: how well the house reads and decides, on data that the caller brings or that is simulated."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fanzha.apps.chasing.held_share import CLASSES, Asked, held_table
from fanzha.apps.chasing.stepped_house import comparison
from fanzha.apps.cli.commands import command, noun, option
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import Format, give, give_one, progress, readable
from fanzha.apps.measured import Result, report
from fanzha.kernel.errors import Invalid
from fanzha.records.reports.findings import Certainty, ScamType
from fanzha.records.reports.judging import (
    TOLERANCE,
    Score,
    TruePayment,
    Truth,
    bare_links,
    judge,
    total,
    type_scores,
)
from fanzha.records.reports.read import read_words
from fanzha.wiring.report_words import live_reader

app = noun("evaluate")

RESULT = ("name", "value", "unit")
_FEWEST_FOR_P95 = 20
MOST_INCIDENTS = 100_000


class PaymentLine(BaseModel):
    """A true payment of one line; what the text does not tell is null or absent."""

    model_config = ConfigDict(extra="forbid")
    amount_fen: int = Field(gt=0)
    payee_account: str | None = None
    payee_name: str | None = None
    payee_bank: str | None = None
    at: AwareDatetime | None = None


class ReportLine(BaseModel):
    """One line of the data: a text, when it was told, and what is true of it; absent fields are not judged."""

    model_config = ConfigDict(extra="forbid")
    id: str = ""
    narrative: str
    told_at: AwareDatetime
    payments: list[PaymentLine] | None = None
    phones: list[str] | None = None
    links: list[str] | None = None
    apps: list[str] | None = None
    scam_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One text read: its scores, what types it was taken for, the true one, and the processor's seconds."""

    scores: dict[str, Score]
    types: tuple[ScamType, ...]
    true_type: str | None
    seconds: float


@command(app, "evaluate.reports")
def reports(
    data: Annotated[str, option("evaluate.reports.data", "--data", metavar="FILE|-")],
    json: Annotated[bool, option("evaluate.reports.json", "--json")] = False,
) -> None:
    """Judge the reading of reports, field by field, with the counts behind each share."""
    done: list[Read] = []
    with progress(say("evaluate.reports.label")) as line:
        for each in _lines(data):
            done.append(_read(each))
            line.show(len(done))
    if not done:
        raise Invalid("reports.no_lines")
    settings = {"data": data, "texts": len(done), "tolerance_s": int(TOLERANCE.total_seconds())}
    found = report("reports", settings, list(_results(done)), ("fanzha",))
    if json:
        give_one(found, Format.JSON)
    else:
        results = found["results"]
        give(results if isinstance(results, list) else [], RESULT)


@command(app, "evaluate.chase")
def chase(
    incidents: Annotated[int, option("evaluate.chase.incidents", "--incidents")] = 1_000,
    banks: Annotated[list[str] | None, option("evaluate.chase.banks", "--banks", metavar="CLASS")] = None,
    seed: Annotated[int, option("evaluate.chase.seed", "--seed")] = 1,
    keep: Annotated[Path | None, option("evaluate.chase.keep", "--keep", metavar="FOLDER")] = None,
    compare: Annotated[int, option("evaluate.chase.compare", "--compare", metavar="COUNT")] = 0,
    json: Annotated[bool, option("evaluate.chase.json", "--json")] = False,
) -> None:
    """Hold what can be held of simulated incidents, and say where the rest went."""
    unknown = sorted(set(banks or ()) - set(CLASSES))
    if unknown:
        raise Invalid("simulation.no_class", given=unknown[0], known=",".join(CLASSES))
    if not 1 <= incidents <= MOST_INCIDENTS or not 0 <= compare <= MOST_INCIDENTS:
        raise Invalid("simulation.bad_incidents", most=MOST_INCIDENTS)
    asked = Asked(
        incidents=incidents,
        classes=banks or CLASSES,
        seed=seed,
        processes=len(os.sched_getaffinity(0)),
        keep=keep,
    )
    with progress(say("evaluate.chase.label")) as line:
        found = comparison(asked.classes, seed, compare, line.show) if compare else held_table(asked, line.show)
    if json:
        give_one(found, Format.JSON)
    else:
        results = found["results"]
        give(results if isinstance(results, list) else [], (*RESULT, "baseline", "baseline_name", "holds"))


def _lines(place: str) -> Iterator[ReportLine]:
    with readable(place) as source:
        for number, raw in enumerate(source, 1):
            if raw.strip():
                yield _line(raw, number)


def _line(raw: bytes, number: int) -> ReportLine:
    try:
        return ReportLine.model_validate_json(raw)
    except ValidationError as failure:
        first = failure.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "JSON"
        raise Invalid("reports.bad_line", line=number, field=field) from None


def _read(line: ReportLine) -> Read:
    tables = live_reader()
    begun = time.process_time()
    words = read_words(line.narrative, tables, line.told_at)
    seconds = time.process_time() - begun
    return Read(scores=judge(words, truth_of(line)), types=words.scam_types, true_type=line.scam_type, seconds=seconds)


def truth_of(line: ReportLine) -> Truth:
    """What is true of a line, as readings are judged by it."""
    told = {"phone": line.phones, "link": line.links, "app": line.apps}
    payments = line.payments
    return Truth(
        payments=None if payments is None else tuple(map(_true_payment, payments)),
        contacts={
            field: bare_links(values) if field == "link" else frozenset(values)
            for field, values in told.items()
            if values is not None
        },
        scam_type=line.scam_type,
    )


def _true_payment(line: PaymentLine) -> TruePayment:
    return TruePayment(
        amount_fen=line.amount_fen,
        payee_account=line.payee_account or "",
        payee_name=line.payee_name or "",
        payee_bank=line.payee_bank or "",
        at=line.at,
    )


def _results(done: Sequence[Read]) -> Iterator[Result]:
    yield Result(name="report_texts_count", value=len(done), unit="texts", aim_op=">=")
    for field, score in total(each.scores for each in done).items():
        yield from _scored(field, score)
    yield from _types([each for each in done if each.true_type is not None])
    if len(done) >= _FEWEST_FOR_P95:
        slow = quantiles([each.seconds for each in done], n=20)[-1]
        yield Result(name="report_read_cpu_ms_p95", value=slow * 1_000, unit="ms")


def _scored(field: str, score: Score) -> Iterator[Result]:
    for measure, share in (("precision", score.precision), ("recall", score.recall)):
        if share is not None:
            yield Result(name=f"{field}_{measure}_share", value=share, unit="share", aim_op=">=")
    for measure, count in (("found", score.found), ("true", score.true), ("right", score.right)):
        yield Result(name=f"{field}_{measure}_count", value=count, unit="values", aim_op=">=")


def _types(judged: Sequence[Read]) -> Iterator[Result]:
    """Each type apart, their mean, and how often ordinary texts (type empty) were taken for a scam."""
    named = [(each.types, each.true_type or "") for each in judged]
    scores = type_scores([each for each in named if each[1]])
    for code, score in scores.items():
        yield from _scored(f"scam_type_{code}", score)
    true = [score for score in scores.values() if score.true]
    if true:
        mean = sum(2 * each.right / (each.found + each.true) for each in true) / len(true)
        yield Result(name="scam_type_macro_f1_share", value=mean, unit="share", aim_op=">=")
    ordinary = [types for types, code in named if not code]
    if ordinary:
        likely = sum(any(each.certainty is Certainty.LIKELY for each in types) for types in ordinary)
        yield Result(name="ordinary_named_share", value=sum(map(bool, ordinary)) / len(ordinary), unit="share")
        yield Result(name="ordinary_named_likely_share", value=likely / len(ordinary), unit="share")
