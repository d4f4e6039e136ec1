"""Which rows tell of a transaction that did not happen."""

from __future__ import annotations

from collections import Counter

import numpy as np

from fanzha.records.statements.table import Table
from fanzha.records.statements.words import Words, key

FAILED = "failed"
_SHORTEST_FOUND_INSIDE = 2


def failed_rows(table: Table) -> dict[int, tuple[str, str]]:
    """Rows whose success column says no, by row: (column header, `failed`)."""
    bound = table.plan.column("success")
    if bound is None:
        return {}
    codes, values = table.raw(bound).encoded
    known = table.plan.conventions.success
    failed = np.array([not known.get(key(value), succeeded(value, table.plan.words)) for value in values], np.bool_)
    return dict.fromkeys(np.flatnonzero(failed[codes]).tolist(), (bound.header, FAILED)) if len(values) else {}


def succeeded(text: str, words: Words) -> bool:
    """Whether a word tells success; words nobody knows do, unless a word of failure is part of them."""
    spelled = key(text)
    if spelled in words.ambiguous_success:
        return words.ambiguous_success[spelled]
    if spelled in words.success:
        return words.success[spelled]
    return not any(
        no in spelled
        for no, good in words.success.items()
        if not good and len(no) >= _SHORTEST_FOUND_INSIDE and not no.isascii()
    )


def decide_success(table: Table) -> dict[str, bool]:
    """What the column's ambiguous words (`1`, `0`) mean: the one seen far more often is success, which is the rule."""
    bound, words = table.plan.column("success"), table.plan.words
    if bound is None:
        return {}
    counted = Counter(word for word in map(key, table.raw(bound)) if word in words.ambiguous_success)
    best, most = max(counted.items(), key=lambda each: each[1], default=("", 0))
    if most < 5 or most * 5 < counted.total() * 4:
        return {}
    return {word: word == best for word in counted}
