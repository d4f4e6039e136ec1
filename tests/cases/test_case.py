"""The lifecycle is a table, and keeping ends on the right day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.cases.case import ENDED, MOVES, Case, CaseState, require_move
from fanzha.cases.retention import RetentionClass, kept_until, require_erasable, retention_class, retention_classes
from fanzha.cases.subjects import Role, SubjectKind, cleaned, guesses
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Illegal, Invalid
from fanzha.kernel.ids import CaseId
from fanzha.kernel.units import UnitPath
from fanzha.rulebook import load_retention

END = datetime(2026, 1, 31, 10, tzinfo=UTC)
CASE = Case(
    id=CaseId(UUID(int=1)),
    ref="C2026-000001",
    title="x",
    unit_path=UnitPath("linan"),
    state=CaseState.DISMISSED,
    since=END,
    retention="short",
    held=False,
    opened_at=END,
    opened_by="tester",
)


def keeping(months: int | None) -> dict[str, RetentionClass]:
    return {
        "short": RetentionClass(id="short", title={}, keep_months=months, source="test", confidence="assumed"),
    }


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("to", CaseState)
def test_only_the_moves_of_the_table_are_legal(state: CaseState, to: CaseState) -> None:
    legal = {
        ("preliminary", "filed"), ("preliminary", "dismissed"), ("filed", "closed"), ("filed", "dismissed"),
        ("dismissed", "preliminary"), ("dismissed", "filed"), ("closed", "filed"),
    }  # fmt: skip
    if (state.value, to.value) in legal:
        require_move(state, to)
    else:
        with pytest.raises(Illegal, match="no_such_move"):
            require_move(state, to)


def test_every_state_but_erased_can_be_reached_and_left() -> None:
    """Erased is reached by an erasure only, and left never."""
    assert set(MOVES) == set(CaseState)
    assert set.union(*map(set, MOVES.values())) == set(CaseState) - {CaseState.ERASED}
    assert MOVES[CaseState.ERASED] == frozenset()


@pytest.mark.parametrize(
    ("months", "until"),
    [
        (1, datetime(2026, 2, 28, 10, tzinfo=UTC)),
        (12, datetime(2027, 1, 31, 10, tzinfo=UTC)),
        (25, datetime(2028, 2, 29, 10, tzinfo=UTC)),
        (11, datetime(2026, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_keeping_counts_months_of_the_calendar(months: int, until: datetime) -> None:
    assert kept_until(CASE, keeping(months)) == until
    with pytest.raises(Illegal, match="erasure_kept"):
        require_erasable(CASE, keeping(months), until - timedelta(microseconds=1))
    require_erasable(CASE, keeping(months), until)


def test_the_day_is_shanghais() -> None:
    """16:30 UTC on the 31st is the 1st of the next month where the case lies."""
    late = replace(CASE, since=datetime(2026, 1, 31, 16, 30, tzinfo=UTC))
    found = kept_until(late, keeping(1))
    assert found is not None
    assert found.astimezone(SHANGHAI).day == 1


@pytest.mark.parametrize("state", sorted(set(CaseState) - ENDED - {CaseState.ERASED}))
def test_what_has_not_ended_is_live(state: CaseState) -> None:
    live = replace(CASE, state=state)
    assert kept_until(live, keeping(1)) is None
    with pytest.raises(Illegal, match="erasure_live"):
        require_erasable(live, keeping(1), END + timedelta(days=10_000))


def test_the_rulebook_names_its_classes_in_both_languages_with_a_source() -> None:
    classes = retention_classes(load_retention())
    assert {"lead", "incident", "criminal"} <= set(classes)
    for each in classes.values():
        assert each.title["zh"]
        assert each.title["en"]
        assert each.source
        assert each.confidence in {"known", "derived", "assumed"}
    with pytest.raises(Invalid, match="no_such_retention"):
        retention_class(classes, "forever")


@given(digits=st.text("0123456789", min_size=8, max_size=13), glue=st.sampled_from(["", " ", "\t", "'", "\u200b"]))
def test_what_evidence_tells_is_what_a_search_finds(digits: str, glue: str) -> None:
    number = f"999999{digits}"
    mention = cleaned(SubjectKind.ACCOUNT, f"{glue}{number}{glue}", Role.HOLDER)
    assert (mention.kind, mention.text) in guesses(number)
    assert (SubjectKind.ACCOUNT, f"wechat:{number}") in guesses(number)
