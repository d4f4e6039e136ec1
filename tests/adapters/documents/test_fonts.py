"""Documents carry their typeface, and say of every character that it lacks."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.adapters.documents.fonts import BOLD, FOLDER, REGULAR, code_point, coverage, lacking, visible
from fanzha.i18n import LANGUAGES, Language, catalogue

COMMON_NAMES = "䶮䲟㛃㵾𬶋𬱟𬸪𪟝𪣻𫍯𡐓𫖯𬭬𬤇𠮷堃喆淼赟彧翀昇龘"


def test_the_typeface_is_the_one_that_is_written_down() -> None:
    told = dict(re.findall(r"^\| (\S+\.otf) \| ([0-9a-f]{64}) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE))
    assert told == {each.name: sha256(each.read_bytes()).hexdigest() for each in (REGULAR, BOLD)}
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "OFL.txt").read_text()


def test_names_of_people_are_covered() -> None:
    assert not lacking([COMMON_NAMES])
    assert not set(range(0x4E00, 0x9FF0)) - coverage()


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_are_in_both_weights(language: Language) -> None:
    """Bold holds GB 2312 and Latin letters; nothing that files tell is set in it."""
    said = {each for key, words in catalogue(language).items() if key.startswith("report.") for each in words}
    assert not lacking(said)
    beyond = {each for each in said if not "\u00a0" <= each <= "\u017f" and not _in_gb2312(each)}
    assert not beyond


def _in_gb2312(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("张\u202e三", "张〔U+202E〕三"),
        ("\U0001f642", "〔U+1F642〕"),
        ("a\x00b\x1bc", "a〔U+0000〕b〔U+001B〕c"),
        ("李\u200d\ufe0f", "李〔U+200D〕〔U+FE0F〕"),
        ("王\ue863", "王〔U+E863〕"),
        ("一行\n两行\t三", "一行 两行 三"),
        ("e\u0301", "é"),
        ("\ud800", "〔U+D800〕"),
        ("测试·甲", "测试·甲"),
    ],
)
def test_what_cannot_be_shown_is_told_by_its_number(told: str, shown: str) -> None:
    assert visible(told) == shown


def test_lacking_characters_are_listed_once_in_order() -> None:
    assert lacking(["\U0001f642\x07", "好\U0001f642", "\n"]) == ("\x07", "\U0001f642")


@given(st.lists(st.text(st.sampled_from("甲a\u0301\u00e9\t\n\u200b\U0001f642\u1100\u1161가\uf900\u202e ")), max_size=4))
def test_a_text_that_is_taken_as_it_is_is_what_its_characters_make(told: list[str]) -> None:
    composed = [unicodedata.normalize("NFC", re.sub(r"[\t\r\n]", " ", each)) for each in told]
    has = {each for each in "".join(composed) if code_point(each) not in visible(each)}
    assert [visible(each) for each in told] == [
        "".join(one if one in has else code_point(one) for one in each) for each in composed
    ]
    assert set(lacking(told)) == set("".join(composed)) - has
