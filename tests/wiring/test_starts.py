"""Whoever names a start that a case has not is told which of all reasons it is, and nobody's number with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports, set_excluded
from fanzha.cases.case import Case
from fanzha.i18n import LANGUAGES, text
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.statements import import_files
from fanzha.wiring.tracing import traced
from fanzha.workflows.asked_trace import Asked
from tests.wiring.statement import CARD, PAYER, written

THERE = f"{CARD}@2026-03-01T09:12:05@5000000"
NEVER = "0123456789abcdef"


def refusal(house: House, actor: Actor, ref: str, *starts: str) -> NotFound:
    with pytest.raises(NotFound) as refused:
        traced(house, actor, ref, Asked(starts=starts), "")
    error = refused.value
    said = [text(language, f"errors.{error.code}", **error.fields) for language in LANGUAGES]
    assert not any(number in each for number in (CARD, PAYER) for each in said)
    return error


def exclude_all(house: House, actor: Actor, ref: str, excluded: bool, clock: SetClock) -> None:
    with house.act(actor) as connection:
        for each in list_imports(connection, case_by_ref(connection, ref).id):
            if each.excluded is not excluded:
                set_excluded(connection, each.id, excluded, "试验", actor, clock.now())


def test_each_bad_start_has_an_answer_of_its_own(
    house: House, case: Case, county_actor: Actor, tmp_path: Path, clock: SetClock
) -> None:
    def code(*starts: str) -> str:
        return refusal(house, county_actor, case.ref, *starts).code

    assert code(THERE) == code(NEVER) == code("victims") == "trace.no_files"

    import_files(house, county_actor, case.ref, [written(tmp_path, "一.csv")])
    (id,) = traced(house, county_actor, case.ref, Asked(starts=(THERE,)), "").starts()
    assert code(NEVER) == "trace.starts_unknown"
    assert code("9999990000000099999@2026-03-01T09:12:05@5000000") == "trace.start_of_unknown_account"
    assert code(THERE.replace("09:12:05", "09:12:06")) == "trace.start_at_another_time"
    assert code(THERE.replace("5000000", "5000001")) == "trace.start_of_another_amount"

    exclude_all(house, county_actor, case.ref, True, clock)
    assert code(id) == code(NEVER) == "trace.all_excluded"

    other = written(tmp_path, "二.csv")
    other.write_text(other.read_text("utf-8").replace("09:12:05", "10:00:00"), "utf-8")
    import_files(house, county_actor, case.ref, [other])
    assert code(id) == code(THERE) == "trace.starts_excluded"
    assert code(NEVER) == "trace.starts_unknown"
    both = refusal(house, county_actor, case.ref, id, NEVER)
    assert both.code == "trace.starts_excluded_and_unknown"
    assert (both.fields["excluded"], both.fields["unknown"], both.fields["whole"]) == (1, 1, 2)

    exclude_all(house, county_actor, case.ref, False, clock)
    assert traced(house, county_actor, case.ref, Asked(starts=(id,)), "").starts() == [id]
    part = refusal(house, county_actor, case.ref, id, NEVER)
    assert (part.code, part.fields["known"]) == ("trace.starts_unknown", (id,))
