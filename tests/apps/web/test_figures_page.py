"""Figures as a page shows them: what is too few to tell is said in plain sight."""

from __future__ import annotations

import re

import pytest

from fanzha.i18n import LANGUAGES, Language, text
from tests.apps.web.conftest import Stage


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_number_is_missing_is_said_once_for_everybody(inside: Stage, language: Language) -> None:
    inside.data.amount = 10
    inside.client.cookies.set("language", language)
    page = inside.client.get("/figures").text
    assert page.count(">–</span>") > 1, "several numbers are of too few records"
    assert page.count(text(language, "web.figures.few_note")) == 1
    assert page.count('>–</span><span class="away">' + text(language, "web.figures.few")) == page.count(
        'aria-hidden="true">–</span>'
    )
    assert not re.search(r'title="[^"]*(3 条|needs 3)', page), "nobody hovers on a phone"


def test_where_every_number_is_told_nothing_is_explained(inside: Stage) -> None:
    inside.data.amount = 0
    assert text("en", "web.figures.few_note") not in inside.client.get("/figures").text
