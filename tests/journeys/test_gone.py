"""What is known to be gone is told apart from what probably is: seconds after a report nothing is known to be."""

from __future__ import annotations

from fanzha.apps.stories.book import story
from fanzha.apps.stories.cast import YUAN
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.stage import CHASING, staged
from fanzha.apps.web.console_data import HouseData
from fanzha.apps.web.views.tables import Query
from fanzha.orders.effects import OrderKind
from fanzha.settings import Settings
from fanzha.wiring.chase_scene import scene
from fanzha.wiring.incident_summaries import summary_of

BOARD = Query(page=1, size=50, sort="recoverable_fen", descending=True)


def test_money_is_gone_once_a_bank_tells_that_it_left_and_not_before(unfounded: Settings) -> None:
    with staged(story("huainan").cast, unfounded) as stage:
        data = HouseData(stage.house)
        stage.allow(frozenset({OrderKind.STOP}))
        stage.until(8)
        told = stage.report(report_of(stage, 1_750_000 * YUAN, scam_type="ST06"))
        early = data.incident(stage.officer, told.number)
        assert early.line.gone_fen == 0, "nobody has said yet that anything left"
        assert early.line.doubtful_fen + early.line.recoverable_fen == early.line.lost_fen
        stage.until(9)
        stage.allow(CHASING, told, excluded=frozenset())
        stage.until(12)
        short = data.incident(stage.officer, told.number)
        assert (short.line.recoverable_fen, short.line.doubtful_fen) == (0, 90_000 * YUAN), "its stop found less there"
        assert {each.place for each in short.accounts} == {"held", "doubtful"}
        stage.until(40)
        (row,) = data.incidents(stage.officer, BOARD).rows
        late = data.incident(stage.officer, told.number)
        assert row.gone_fen == late.line.gone_fen == 90_000 * YUAN, "drawn as cash before it was stopped"
        free = sum(max(0, each.fen - each.held_fen) for each in late.accounts)
        assert row.recoverable_fen + row.doubtful_fen == free
        summary = stage.at(stage.officer, lambda desk: summary_of(desk, scene(desk, told.number), hidden=True))
        assert (summary.held_fen, summary.gone_fen) == (row.holding_fen, row.gone_fen)
