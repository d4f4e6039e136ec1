"""An instance's own law packs add to the program's, by their day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.wiring.law import law_at, live_law

OWN = """
jurisdiction = "cn"
effective_from = 2026-12-01
extends = 2022-12-01
[terms.stop.decide_hours]
value = 36
"""


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "cn").mkdir()
    (tmp_path / "cn" / "2026-12-01.toml").write_text(text, "utf-8")
    return tmp_path


def test_an_instances_own_numbers_hold_from_their_day(tmp_path: Path) -> None:
    own = folder(tmp_path, OWN)
    assert law_at(datetime(2026, 11, 30, 12, tzinfo=SHANGHAI), own).stop.decide_hours == 40
    december = law_at(datetime(2026, 12, 1, tzinfo=SHANGHAI), own)
    assert (december.stop.decide_hours, december.stop.hours) == (36, 48)
    assert len(live_law()) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [("[terms", "unreadable"), (OWN.replace("36", "49"), "out_of_order"), (OWN.replace("decide_", ""), "settled")],
)
def test_an_own_pack_that_is_wrong_is_told(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        live_law(folder(tmp_path, text))
    assert refused.value.code == f"law.{code}"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"law\.unreadable"):
        live_law(tmp_path / "nowhere")
