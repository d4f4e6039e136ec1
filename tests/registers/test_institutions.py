"""A profile says what an institution can, demands and when it works; one that contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.protocol.trades import Trade
from fanzha.protocol.wire import as_json, canonical, from_json, read
from fanzha.registers.institutions import (
    ConnectorKind,
    Institution,
    Need,
    OutOfHours,
    missing,
    named_like,
    next_opening,
    works_at,
)
from tests.protocol.messages import OFFICER, STOP
from tests.registers.institutions import BANK


def test_a_profile_survives_json() -> None:
    assert read(Institution, canonical(BANK)) == BANK


def test_what_is_demanded_and_missing_is_named_in_order() -> None:
    bare = replace(STOP, documents=())
    assert missing(BANK, STOP) == []
    assert missing(BANK, bare) == [Need.DOCUMENT]
    strict = replace(BANK, demands=(replace(BANK.demands[0], needs=tuple(reversed(Need))),))
    assert missing(strict, bare) == [Need.DOCUMENT, Need.SECOND_OFFICER, Need.CASE_FILING]
    assert missing(strict, replace(bare, second_officer=OFFICER, case_number="A1")) == [Need.DOCUMENT]
    assert BANK.needs(Trade.RENEW) == frozenset()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026 by Shanghai's clock; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(20, 8, 30), at(20, 8, 30)),
        (at(20, 17, 29), at(20, 17, 29)),
        (at(20, 17, 30), at(23, 8, 30)),
        (at(20, 8, 29), at(20, 8, 30)),
        (at(21, 12), at(23, 8, 30)),
        (at(22, 23, 59), at(23, 8, 30)),
        (at(19, 20), at(20, 8, 30)),
    ],
)
def test_hours_are_shanghais_and_weekends_are_waited_for(now: datetime, opens: datetime) -> None:
    assert next_opening(BANK, now.astimezone(UTC)) == opens
    assert works_at(BANK, now) == (now == opens)
    assert works_at(BANK, next_opening(BANK, now))


def test_a_week_with_one_day_is_waited_for_a_week() -> None:
    hours = BANK.hours
    assert hours is not None
    monday = replace(BANK, hours=replace(hours, days=(1,)))
    assert next_opening(monday, at(23, 17, 30)) == at(30, 8, 30)


def test_who_works_round_the_clock_always_works() -> None:
    always = replace(BANK, out_of_hours=OutOfHours.WORKS)
    assert works_at(always, at(22, 3)) and next_opening(always, at(22, 3)) == at(22, 3)
    assert BANK.tolerance == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"code": "1"}, "protocol.wrong_length", "code"),
        ({"name": "Test Bank"}, "protocol.wrong_form", "name"),
        ({"kind": "casino"}, "protocol.not_among", "kind"),
        ({"endpoint": ...}, "institutions.endpoint", "endpoint"),
        ({"connector": "paper"}, "institutions.endpoint", "endpoint"),
        ({"keys": []}, "institutions.no_key", "keys"),
        ({"trades": ["stop", "stop"]}, "institutions.trades", "trades"),
        ({"trades": ["activate"]}, "institutions.trades", "trades"),
        ({"trades": ["renew"]}, "institutions.demand_without_trade", "demands"),
        ({"hours": ...}, "institutions.no_hours", "hours"),
        ({"hours": {"days": [], "opens": "08:00", "closes": "09:00"}}, "institutions.no_days", "hours.days"),
        ({"hours": {"days": [8], "opens": "08:00", "closes": "09:00"}}, "protocol.out_of_bounds", "hours.days[0]"),
        ({"hours": {"days": [1], "opens": "09:00", "closes": "09:00"}}, "protocol.backwards", "hours.closes"),
        ({"hours": {"days": [1], "opens": "9:00", "closes": "24:00"}}, "protocol.wrong_length", "hours.opens"),
        ({"tolerance_seconds": 601}, "protocol.out_of_bounds", "tolerance_seconds"),
        ({"batch": 0}, "protocol.out_of_bounds", "batch"),
        ({"colour": "red"}, "protocol.unknown_field", "colour"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_at_its_field(changed: dict[str, Any], code: str, path: str) -> None:
    told = {name: each for name, each in (as_json(BANK) | changed).items() if each is not ...}
    with pytest.raises(Invalid) as refused:
        from_json(Institution, told)
    assert (refused.value.code, refused.value.fields["path"]) == (code, path)


def test_paper_needs_neither_address_nor_key() -> None:
    paper = replace(BANK, connector=ConnectorKind.PAPER, endpoint=None, keys=())
    assert paper.can(Trade.STOP) and not paper.can(Trade.BLOCK)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("测试银行", "测试银行"),
        ("测试银行东山支行", "测试银行"),
        ("测试银行2", "测试银行2（自动）"),
        ("测试银行2（自动）", "测试银行2（自动）"),
        ("测试银行12", "测试银行12（自动）"),
        ("测试银行3", None),
        ("测试银行1", None),
        ("测试银行ATM", "测试银行"),
        ("测试银行0200营业部", "测试银行"),
        ("测试银行东山农商银行大厦支行", None),
        ("测试银行b", None),
        ("东山农商银行营业部", "东山农商银行"),
        ("农商银行营业部", "农商银行"),
        ("东山", "东山农商银行"),
        ("（自动）", None),
        ("T-2", "测试银行2（自动）"),
        ("9999000000012", "测试银行12（自动）"),
        ("", None),
    ],
)
def test_the_longest_name_that_fits_is_meant_and_no_name_that_goes_on(told: str, meant: str | None) -> None:
    names = ("测试银行", "测试银行2（自动）", "测试银行12（自动）", "农商银行", "东山农商银行")
    codes = ("0", "2", "12", "3", "4")
    known = [
        replace(BANK, name_zh=name, name_en=f"T-{code}", code=f"99990000000{code}")
        for name, code in zip(names, codes, strict=True)
    ]
    fits = named_like(known, told)
    assert (fits and fits.name_zh) == meant
