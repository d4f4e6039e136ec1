"""What a hostile text costs: every place of it is read a few times, however long it is."""

from __future__ import annotations

import re

import pytest

from fanzha.records.reports import amounts, portions
from fanzha.records.reports.numerals import Numeral, read_numeral
from tests.records.reports.reading import read

LONG = 2_000


def test_a_number_that_runs_into_an_account_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = list[int]()

    def counted(plain: str, at: int, *others: object) -> Numeral | None:
        found = read_numeral(plain, at, *others)  # type: ignore[arg-type]
        passed.append(1 if found is None else found.end - at)
        return found

    monkeypatch.setattr(amounts, "read_numeral", counted)
    read("转了" + "十" * LONG + "9999980000000029")
    assert LONG <= sum(passed) < 3 * LONG


def test_a_channel_is_looked_for_no_farther_back_than_one_may_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counted:
        passed = 0

        def sub(self, new: str, told: str) -> str:
            self.passed += len(told)
            return re.sub(r"\d+", new, told)

    counted = Counted()
    monkeypatch.setattr(portions, "_FIGURES", counted)
    read("微信" * LONG + "聊" + "这" * 16 + "转账5000元")
    assert 0 < counted.passed < LONG
