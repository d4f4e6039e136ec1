"""How tests read: the live words, a fixed hour of telling, and the lines of the evaluation's data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fanzha.apps.cli.evaluate import ReportLine, truth_of
from fanzha.kernel.clock import SHANGHAI
from fanzha.records.reports.findings import Words
from fanzha.records.reports.judging import Score, judge, total
from fanzha.records.reports.read import read_words
from fanzha.wiring.report_words import live_reader

TOLD_AT = datetime(2026, 11, 22, 14, 30, tzinfo=SHANGHAI)
"""A Sunday afternoon."""
HERE = Path(__file__).parent


def read(text: str, told_at: datetime = TOLD_AT) -> Words:
    """The text as the program reads it."""
    return read_words(text, live_reader(), told_at)


def scores_of(file: str) -> dict[str, Score]:
    """The sum of the scores of a file of texts beside this module."""
    lines = [ReportLine.model_validate_json(line) for line in (HERE / file).read_text("utf-8").splitlines()]
    return total(judge(read(line.narrative, line.told_at), truth_of(line)) for line in lines)
