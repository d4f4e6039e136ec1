"""A number that no bank knows: nothing is hoped for there, nothing more is asked, and a person corrects it."""

from __future__ import annotations

from dataclasses import replace

from fanzha.apps.stories.book import story
from fanzha.apps.stories.corrections import LOST
from fanzha.apps.stories.early_reports import report_of
from fanzha.apps.stories.stage import CHASING, Stage, staged
from fanzha.apps.web.console_data import HouseData
from fanzha.cases.incident import Incident
from fanzha.orders.effects import OrderKind
from fanzha.settings import Settings
from fanzha.wiring.incidents import NewPaid


def told_wrongly(stage: Stage) -> tuple[NewPaid, Incident]:
    """What was paid, and the report that told it with another last digit, to an account that is not there."""
    stage.allow(frozenset({OrderKind.STOP}))
    stage.until(5)
    right = report_of(stage, LOST, scam_type="ST03")
    (paid,) = right.payments
    wrong = paid.payee[:-1] + ("0" if paid.payee[-1] != "0" else "1")
    return paid, stage.report(replace(right, payments=(replace(paid, payee=wrong),)))


def test_of_money_told_to_be_where_no_account_is_nothing_is_still_to_be_had(unfounded: Settings) -> None:
    with staged(story("wrong-digit").cast, unfounded) as stage:
        data = HouseData(stage.house)
        _, told = told_wrongly(stage)
        hoped = data.incident(stage.officer, told.number)
        assert hoped.line.recoverable_fen > 0, "nobody has denied it yet"
        stage.allow(CHASING, told, excluded=frozenset())
        stage.until(20)
        seen = data.incident(stage.officer, told.number)
        assert (seen.line.recoverable_fen, seen.line.doubtful_fen, seen.line.gone_fen) == (0, LOST, 0)
        (account,) = seen.accounts
        assert (account.place, account.chance, account.recoverable_fen, account.moves) == ("absent", 0, 0, [])
        assert seen.graph is not None
        assert [part.state for box in seen.graph.boxes for part in box.tells] == ["absent"]
        assert {each.code for each in seen.todo} == {"0300"}
        asked = len(seen.orders)
        stage.until(120)
        assert len(data.incident(stage.officer, told.number).orders) == asked, "it is not asked about again"
