"""Papers of orders are the same bytes everywhere, fit a message, and show no text as anything but text."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fanzha.adapters.documents import order_letter
from fanzha.adapters.documents.order_letter import MOST_BYTES, set_paper
from fanzha.adapters.documents.setters import end_setters
from fanzha.i18n import LANGUAGES
from fanzha.kernel.errors import Invalid
from fanzha.workflows.order_facts import Form
from fanzha.workflows.order_paper import TEMPLATE, OrderPaper, order_paper
from tests.adapters.documents.pdf_text import pages
from tests.adapters.documents.test_setting import HOSTILE
from tests.workflows.papers import ACCOUNT, facts

GOLDEN = Path(__file__).parent / "golden" / "order-papers.json"
"""SHA-256 of each paper in Chinese by version of the templates; `python -m tests.adapters.documents.test_order_letter`
writes those of a new version, after somebody looked at the papers."""


def joined(paper: OrderPaper) -> str:
    return "".join("".join(pages(set_paper(paper).pdf)).split())


@pytest.mark.parametrize("form", Form)
def test_every_paper_is_the_one_that_was_looked_at(form: Form) -> None:
    done = set_paper(order_paper(facts(form)))
    assert done.sha256 == hashlib.sha256(done.pdf).hexdigest()
    assert done.sha256 == json.loads(GOLDEN.read_text("utf-8"))[str(TEMPLATE)][form.value]
    assert len(done.pdf) < MOST_BYTES // 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_facts_are_the_same_bytes_in_any_place(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = order_paper(facts(Form.FREEZE_WAITING), "zh" if language == "zh" else "en")
    here = set_paper(paper).sha256
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(Path(each).resolve()) for each in ("src", ".")))
    monkeypatch.chdir(tmp_path)
    for name, value in {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "7", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    end_setters()
    assert set_paper(paper).sha256 == here


def test_what_a_setter_laid_out_before_leaves_nothing_on_a_paper() -> None:
    """A setter keeps what it laid out: papers that differ by little are those of a fresh setter all the same."""
    paper = order_paper(facts(Form.FREEZE_WAITING))
    some = [replace(paper, foot=f"页脚{each}", number=f"号{each}", unseen=f"注{each}" * each) for each in range(3)]
    fresh = []
    for each in some:
        end_setters()
        fresh.append(set_paper(each).pdf)
    assert [set_paper(each).pdf for each in (*some, *some)] == fresh * 2
    assert all(f"页脚{which}" in told for which, pdf in enumerate(fresh) for told in pages(pdf))


def test_hostile_names_are_data() -> None:
    account = replace(ACCOUNT, holder=HOSTILE[0], institution=HOSTILE[1], document=HOSTILE[3])
    given = replace(facts(Form.FREEZE_APPLY), account=account, reason=HOSTILE[2], organ=HOSTILE[4])
    told = joined(order_paper(given))
    for each in HOSTILE:
        assert "".join(each.split()) in told
    assert "root:" not in told


def test_a_character_the_typeface_lacks_is_told_by_its_number() -> None:
    told = joined(order_paper(replace(facts(Form.STOP_APPLY), account=replace(ACCOUNT, holder="测\U0001f642试\u202e"))))
    assert "测〔U+1F642〕试〔U+202E〕" in told
    assert "以〔U+编码〕代替：〔U+202E〕〔U+1F642〕" in told


def test_a_paper_masks_nothing_and_says_on_each_page_that_it_is_an_exercise() -> None:
    first, receipt = ("".join(page.split()) for page in pages(set_paper(order_paper(facts(Form.FREEZE_RELEASE))).pdf))
    for each in (ACCOUNT.holder, ACCOUNT.number, "990000199001010017", "人民币陆拾捌万元零伍分"):
        assert each in first
    assert "演练不具法律效力" in first and "演练不具法律效力" in receipt


def test_a_long_reason_flows_onto_further_pages() -> None:
    told = pages(set_paper(order_paper(replace(facts(Form.STOP_APPLY), reason="字" * 1_990))).pdf)
    assert len(told) == 3 and sum(page.count("字") for page in told) >= 1_990


def test_a_paper_larger_than_a_message_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_letter, "MOST_BYTES", 10_000)
    with pytest.raises(Invalid, match=r"papers\.too_large"):
        set_paper(order_paper(facts(Form.STOP_LIFT)))


if __name__ == "__main__":
    made = {form.value: set_paper(order_paper(facts(form))).sha256 for form in Form}
    known = json.loads(GOLDEN.read_text("utf-8"))
    if known.get(str(TEMPLATE), made) != made:
        raise SystemExit("other bytes need another TEMPLATE in workflows/order_paper.py: papers that were issued stay")
    GOLDEN.write_text(json.dumps(known | {str(TEMPLATE): made}, indent=2) + "\n", "utf-8")
