"""Chinese sentences carry Chinese punctuation, in what the program says and in the documents."""

from __future__ import annotations

import re

import pytest

from fanzha.i18n import catalogue
from tests.tidy.source import ROOT

HAN = r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff60]"
HALF_WIDTH = re.compile(rf"(?<={HAN})[,:;!?()]|[,:;!?()](?={HAN})|(?<={HAN})\.(?=\s|$)")
CODE = re.compile(r"^```.*?^```$|`[^`]*`|(?<=\])\([^)]*\)|<!--.*?-->", re.DOTALL | re.MULTILINE)
"""What in a document is no sentence: blocks and words of code, the targets of links, marks for programs."""

DOCUMENTS = sorted(each for each in (*ROOT.glob("*.zh.md"), *(ROOT / "docs").rglob("*.zh.md")))


def half_width(text: str) -> list[str]:
    """Each half-width mark beside a Chinese character, with what stands around it."""
    return [text[max(0, each.start() - 8) : each.end() + 8] for each in HALF_WIDTH.finditer(text)]


def test_catalogues() -> None:
    sentences = {key: said for key, said in catalogue("zh").items() if not key.endswith(".example")}
    found = {key: marks for key, said in sentences.items() if (marks := half_width(said))}
    assert not found


@pytest.mark.parametrize("name", [str(each.relative_to(ROOT)) for each in DOCUMENTS])
def test_documents(name: str) -> None:
    prose = CODE.sub("", (ROOT / name).read_text("utf-8")).replace("*", "")
    assert not half_width(prose)


@pytest.mark.parametrize("text", ["请稍候,再试。", "用法:", "错误(行)", "(见上)", "缺少:{name}", "好."])
def test_half_width_marks_are_seen(text: str) -> None:
    assert half_width(text)


@pytest.mark.parametrize("text", ["请稍候，再试。", "{host}:{port} 无法监听", "用 0.5、1 或 a:b", "见 f(x) 一节"])
def test_others_are_left_alone(text: str) -> None:
    assert not half_width(text)
