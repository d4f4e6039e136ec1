"""Sentences are found, filled and never shown raw."""

from __future__ import annotations

import pytest

from fanzha.i18n import LANGUAGES, catalogue, error_text, text
from fanzha.kernel.errors import Broken, Invalid


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_may_have_any_name(language: str) -> None:
    assert "xx" in error_text("en", Invalid("cli.bad_language", language="xx"))
    assert "a.b" in error_text("zh", Broken("i18n.missing_key", key="a.b", language=language))


def test_a_missing_sentence_is_our_fault() -> None:
    with pytest.raises(Broken, match=r"i18n\.missing_key"):
        text("en", "cli.no_such_sentence")


def test_keys_begin_with_their_file() -> None:
    assert "cli.help.house" in catalogue("zh")
