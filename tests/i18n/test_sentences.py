"""Sentences are found, filled and never shown raw."""

from __future__ import annotations

import pytest

from fanzha.i18n import LANGUAGES, Language, catalogue, text
from fanzha.i18n.sentences import error_text
from fanzha.kernel.errors import Broken, FanzhaError, Forbidden, Illegal, Invalid


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_may_have_any_name(language: str) -> None:
    assert "xx" in error_text("en", Invalid("cli.bad_language", language="xx"))
    assert "a.b" in error_text("zh", Broken("i18n.missing_key", key="a.b", language=language))


def test_a_missing_sentence_is_our_fault() -> None:
    with pytest.raises(Broken, match=r"i18n\.missing_key"):
        text("en", "cli.no_such_sentence")


def test_keys_begin_with_their_file() -> None:
    assert "cli.help.house" in catalogue("zh")


@pytest.mark.parametrize(
    ("error", "said", "raw"),
    [
        (Illegal("orders.not_in_force", effect="held"), {"zh": "已止付", "en": "Stopped"}, "held"),
        (Illegal("orders.no_such_act", kind="stop", act="renew"), {"zh": "续期", "en": "renew"}, "order_kind"),
        (Illegal("orders.not_out", delivery="queued"), {"zh": "排队发送", "en": "Queued"}, "queued"),
        (
            Invalid("orders.release_beyond_held", held_fen=1_234_500),
            {"zh": "¥12,345.00", "en": "¥12,345.00"},
            "1234500",
        ),
        (
            Forbidden("orders.capacity_missing", capacity="second_officer"),
            {"zh": "复核民警", "en": "Second officer"},
            "second_officer",
        ),
        (
            Invalid("papers.missing", form="stop_apply", fact="officers"),
            {"zh": "承办人", "en": "answers"},
            "stop_apply",
        ),
        (Illegal("objections.restricts_nobody", effect="lapsed"), {"zh": "到期", "en": "Lapsed"}, "lapsed"),
    ],
)
def test_no_error_says_a_code_of_ours(error: FanzhaError, said: dict[Language, str], raw: str) -> None:
    for language in LANGUAGES:
        told = error_text(language, error)
        assert said[language] in told and raw not in told, told
