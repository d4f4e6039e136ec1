"""Who did something, by name: colleagues by theirs, the house as itself."""

from __future__ import annotations

from fanzha.apps.web.rendering import Colleagues
from fanzha.wiring.clocks import HOUSE


def test_a_report_that_a_bank_sent_is_the_house_s_until_somebody_takes_it() -> None:
    known = Colleagues(lambda: {"zhangwei": "张伟"}, "系统")
    assert [known.name(each) for each in ("zhangwei", HOUSE.name, "li")] == ["张伟", "系统", "li"]
