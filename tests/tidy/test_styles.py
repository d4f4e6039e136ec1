"""Every colour, size and space that a style sheet asks for is one of the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import fanzha

SHEETS = sorted((Path(fanzha.__file__).parent / "apps" / "web" / "static" / "css").glob("*.css"))
_USED = re.compile(r"var\((--[\w-]+)")
_DECLARED = re.compile(r"(?<![\w(-])(--[\w-]+)\s*:")


def test_no_style_asks_for_a_token_that_nobody_declares() -> None:
    told = {each.name: each.read_text("utf-8") for each in SHEETS}
    assert "tokens.css" in told
    declared = {name for sheet in told.values() for name in _DECLARED.findall(sheet)}
    asked = {f"{sheet}: {name}" for sheet, text in told.items() for name in _USED.findall(text) if name not in declared}
    assert asked == set(), "a fallback is light's alone: in the dark it stands on nothing"
