"""Typologies are data: their examples hold, and what is live does not change."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from fanzha.records.statements.rows import Flag
from fanzha.rulebook import load_typologies
from fanzha.tracing.patterns.common_collector import paid_by
from fanzha.tracing.patterns.find import find_collectors, find_patterns
from fanzha.tracing.patterns.pattern import PatternKind
from fanzha.wiring.typologies import live_typologies
from tests.tracing.patterns.books import Books
from tests.tracing.patterns.scenes import HOUR, MINUTE, dealt

TABLES = load_typologies()
EXAMPLES = [(table, example) for table in TABLES for example in table["example"]]  # type: ignore[attr-defined]
LIVE = {
    ("cash_run", 1): "9fbc6ada24a5",
    ("common_collector", 1): "ab6b57f7c51e",
    ("cycle", 1): "b9a622d0fb8f",
    ("gather", 1): "26612165ca9d",
    ("pass_through", 1): "cbf2f4c882fd",
    ("relay", 1): "45c939ae3136",
    ("scatter", 1): "26612165ca9d",
    ("scatter_gather", 1): "93daa33dbe60",
    ("shared_device", 1): "f2d91df8e0b1",
    ("test_payment", 1): "ca8643d55963",
}
"""Digests of the limits of versions that are live: another number is another version."""


def digest(table: dict[str, Any]) -> str:
    return sha256(json.dumps(table["limits"], sort_keys=True).encode()).hexdigest()[:12]


@pytest.mark.parametrize(("table", "example"), EXAMPLES, ids=[f"{t['id']}: {e['en']}" for t, e in EXAMPLES])
def test_examples_hold(table: dict[str, Any], example: dict[str, Any]) -> None:
    books, account = Books(), dict[str, str]()
    for told in example["movements"]:
        clock, payer, payee, yuan, *address = told.split()
        for name in (payer, payee):
            if name != "cash" and name not in account:
                account[name] = books.open(500_000 if name[0] == "V" else 0)
        hours, minutes = map(int, clock.split(":"))
        more: dict[str, object] = {"ip": address[0]} if address else {}
        if payee == "cash":
            more["flags"] = Flag.CASH
        at = hours * HOUR + minutes * MINUTE
        books.pay(at, account[payer], account.get(payee, ""), float(yuan), **more)
    deals, found = dealt(books.told())
    (typology,) = (each for each in live_typologies() if each.id == table["id"])
    victims = np.array([found.accounts.find(number) for name, number in account.items() if name[0] == "V"], np.int64)
    named = (*find_patterns(deals, (typology,)).found, *find_collectors(deals, (typology,), paid_by(deals, victims)))
    names = {number: name for name, number in account.items()}
    about = [names[found.accounts.primary[node]] for each in named for node in next(iter(each.roles.values()))]
    assert sorted(about) == example["named"]


def test_every_kind_has_one_live_typology_in_both_languages() -> None:
    assert sorted(each.kind for each in live_typologies()) == sorted(PatternKind)
    for each in live_typologies():
        assert each.id == each.kind.value and set(each.title) == set(each.rule) == {"zh", "en"}
        assert each.source and each.confidence in {"known", "derived", "assumed"}


def test_what_is_live_does_not_change() -> None:
    assert {(table["id"], table["version"]): digest(table) for table in TABLES} == LIVE
