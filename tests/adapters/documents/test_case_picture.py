"""A picture that leaves as a file says whether it is real, masked and whole: nobody beside it will."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from fanzha.adapters.documents.case_picture import picture_file
from fanzha.i18n import LANGUAGES, Language
from fanzha.tracing.follow.trace import Stop
from fanzha.workflows.draw_case import draw_case
from fanzha.workflows.trace_case import TracedCase
from tests.adapters.documents.dossiers import MULE, small
from tests.adapters.documents.test_trace_svg import texts

SAID: dict[Language, tuple[str, str, str, str, str]] = {
    "zh": ("模拟", "已掩码", "完整内容", "触及上限", "1 个账户往来过多"),
    "en": ("simulated", "masked", "are in full", "stopped at a limit", "read to their end: 1"),
}


def drawn(found: TracedCase, language: Language, *, hidden: bool = True, is_exercise: bool = False) -> str:
    return picture_file(draw_case([found]), found, language, "DEMO-1", hidden=hidden, is_exercise=is_exercise)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_says_whether_it_is_real_masked_and_whole(language: Language) -> None:
    whole = small().traced
    limited = replace(whole, trace=replace(whole.trace, stop=Stop.EVENTS, cut=np.array([0], np.int32)))
    for found, hidden, is_exercise in ((whole, True, False), (whole, False, True), (limited, True, True)):
        told = "\n".join(texts(drawn(found, language, hidden=hidden, is_exercise=is_exercise)))
        assert (MULE in told) is not hidden
        expected = (is_exercise, hidden, not hidden, found is limited, found is limited)
        assert tuple(each in told for each in SAID[language]) == expected


def test_no_line_above_a_picture_leaves_the_sheet() -> None:
    svg = drawn(small().traced, "en", is_exercise=True)
    wide = float(ElementTree.fromstring(svg).attrib["width"])
    longest = max(len(line) for line in texts(svg))
    assert wide > longest * 6
