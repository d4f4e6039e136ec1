"""The rejected rows of several imports, filtered and ordered without making a line of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.ledger.reading import Rejected, SealedImport
from fanzha.adapters.ledger.rejections import Rejections, all_rejections
from fanzha.apps.web.views.tables import Query
from fanzha.apps.web.wired.masks import source_mark
from fanzha.records.statements.rows import ABSENT, Coded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RejectedRows:
    """Rejected rows of imports laid end to end, and in `order` the places of those asked for."""

    parts: tuple[Rejections, ...]
    starts: NDArray[np.int64]
    order: NDArray[np.intp]

    def at(self, place: int) -> Rejected:
        """The row at a place of `order`."""
        part = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self.parts[part].at(place - int(self.starts[part]))


def rejected_rows(imports: Sequence[SealedImport], query: Query) -> RejectedRows:
    """The rejected rows that fit the query; each import is read once."""
    parts = tuple(all_rejections(each) for each in imports)
    starts = np.cumsum([0, *(len(each) for each in parts)])
    places = np.flatnonzero(np.concatenate([np.empty(0, np.bool_), *(_fits(each, query) for each in parts)]))
    if query.sort != "path":
        places = places[np.argsort(_worth(parts, query.sort)[places], kind="stable")]
    return RejectedRows(parts=parts, starts=starts, order=places[::-1] if query.descending else places)


def _fits(part: Rejections, query: Query) -> NDArray[np.bool_]:
    keep = np.ones(len(part), np.bool_)
    if source := query.word("source"):
        keep &= np.isin(part.source, [n for n, each in enumerate(part.sources) if source_mark(each.key) == source])
    if reason := query.word("reason"):
        codes = [code for code, text in enumerate(part.reason.values) if text == reason]
        keep &= np.isin(part.reason.codes, codes)
    return keep


def _worth(parts: Sequence[Rejections], sort: str) -> NDArray[np.int64]:
    """By what rows are ordered: their number, or the alphabetical place of their column's or reason's text."""
    if sort == "row":
        return np.concatenate([np.empty(0, np.int64), *(each.row for each in parts)])
    columns: list[Coded] = [getattr(each, sort) for each in parts]
    ranks = {text: rank for rank, text in enumerate(sorted({text for each in columns for text in each.values}))}
    placed = [np.array([*(ranks[text] for text in each.values), ABSENT], np.int64)[each.codes] for each in columns]
    return np.concatenate([np.empty(0, np.int64), *placed])
