"""The summary of an incident is one page, the same bytes everywhere, and shows no text as anything but text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fanzha.adapters.documents.incident_summary import set_summary
from fanzha.i18n import LANGUAGES, Language
from fanzha.workflows.incident_summary import IncidentSummary, SummaryAccount, SummaryPayment
from tests.adapters.documents.pdf_text import pages
from tests.adapters.documents.test_setting import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "incident-summary.json"
"""SHA-256 of the page; `python -m tests.adapters.documents.test_incident_summary` writes it after somebody looked."""
AT = datetime(2026, 8, 3, 1, 31, tzinfo=UTC)
TOLD = IncidentSummary(
    number="I2026-000001",
    case="C2026-000001",
    case_state="filed",
    unit="示例县反诈中心（演练）",
    source="110",
    scam_type="ST06",
    victim="测试公司",
    handler="story-desk-officer",
    reported_at=AT + timedelta(minutes=7),
    taken_at=AT + timedelta(minutes=8),
    first_order_at=AT + timedelta(minutes=8),
    first_hold_at=AT + timedelta(minutes=9),
    last_hold_at=AT + timedelta(minutes=12),
    as_of=AT + timedelta(days=3),
    lost_fen=175_000_000,
    held_fen=166_000_000,
    gone_fen=0,
    payments=[
        SummaryPayment(at=AT, account="9999990000000000002", holder="测试甲", institution="测试银行", fen=175_000_000)
    ],
    accounts=[
        SummaryAccount(
            layer=1 + place // 2,
            account=f"9999990000000{place:06d}",
            holder="测试甲",
            institution="测试第一农村商业银行股份有限公司示例县支行营业部",
            traced_fen=80_000_000,
            held_fen=80_000_000 if place % 2 else 0,
            order="S2026-000001" if place % 2 else "",
            until=AT + timedelta(hours=48) if place % 2 else None,
        )
        for place in range(9)
    ],
    evidence=["identity", "slips"],
    missing=["statement", "chat"],
    follow_ups=[(AT + timedelta(days=3), "测试：已告知止付情况，返还依法定程序办理。")],
    outcome="",
    is_exercise=True,
    is_masked=False,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_the_one_that_was_looked_at(language: Language) -> None:
    done = set_summary(TOLD, language)
    assert done.sha256 == json.loads(GOLDEN.read_text("utf-8"))[language]
    assert len(pages(done.pdf)) == 1


def test_a_long_incident_says_what_is_left_out_and_hostile_names_are_data() -> None:
    hostile = replace(TOLD.payments[0], holder=HOSTILE[0], institution=HOSTILE[1])
    told = "".join("".join(pages(set_summary(replace(TOLD, payments=[hostile] * 30)).pdf)).split())
    assert "另有18项" in told
    assert "".join(HOSTILE[0].split()) in told


def test_a_refused_stop_is_told_in_words_and_not_by_a_dash() -> None:
    refused = replace(TOLD.accounts[0], held_fen=0, order="S2026-000009", until=None, effect="refused", code="1301")
    waits = replace(refused, order="S2026-000010", effect="approved", code="")
    told = "".join("".join(pages(set_summary(replace(TOLD, accounts=[refused, waits])).pdf)).split())
    assert "S2026-000009" in told
    assert "账户已被止付（1301）" in told
    assert "已签批，待反馈" in told
    assert len(pages(set_summary(replace(TOLD, accounts=[refused] * len(TOLD.accounts))).pdf)) == 1


if __name__ == "__main__":
    seen = {each: set_summary(TOLD, each).sha256 for each in LANGUAGES}
    GOLDEN.write_text(json.dumps(seen, indent=2) + "\n", "utf-8")
