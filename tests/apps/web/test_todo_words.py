"""What a person must do now is told as it stands now, not as it stood when a clock rang."""

from __future__ import annotations

import pytest

from fanzha.apps.web.views.incidents import TodoLine
from fanzha.apps.web.wired.incident_steps import must_of
from fanzha.apps.web.wired.order_record import unseen_code
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.orders.clocks import ClockKind
from fanzha.orders.entries import ALARM


@pytest.mark.parametrize(("is_over", "what"), [(False, "clock"), (True, "lapsed")])
def test_a_clock_that_called_in_vain_is_not_told_as_still_to_come(is_over: bool, what: str) -> None:
    rang = unseen_code(f"{ALARM}{ClockKind.ALARM.value}")
    assert must_of(rang, is_dead=False, is_over=is_over) == what
    assert must_of(unseen_code("0300"), is_dead=False, is_over=is_over) == "0300"
    assert all(f"words.{section}.{what}" in catalogue(each) for each in LANGUAGES for section in ("must", "must_do"))


@pytest.mark.parametrize(("code", "shown"), [("0300", "0300"), ("by_paper", ""), ("", "")])
def test_only_a_code_of_the_national_catalogue_is_shown_as_it_stands(code: str, shown: str) -> None:
    assert TodoLine(orders=(), what=code, code=code, act="looked").national == shown
