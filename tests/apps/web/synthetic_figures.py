"""Figures of a city with two counties, in which one bank answers and another refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fanzha.apps.web.views.figures import EndedSum, FigureIncident, FigureOrder, FiguresAsked, FiguresView
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.kernel.ids import InstitutionId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.statistics.hour import Band, BankAnswers, HeldByDelay, Measure, Span, UnitTimes
from fanzha.wiring.figures import Wish

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
BANKS = (InstitutionId(UUID(int=1)), InstitutionId(UUID(int=2)))
UNITS = {
    "centre": Choice(code="centre", zh="测试市反诈中心", en="Test City Anti-Fraud Centre"),
    "centre.county01": Choice(code="centre.county01", zh="测试一县", en="Test County One"),
    "centre.county02": Choice(code="centre.county02", zh="测试二县", en="Test County Two"),
}
NAMES = {
    str(BANKS[0]): Choice(code="test-bank-1", zh="测试银行一", en="Test Bank One"),
    str(BANKS[1]): Choice(code="test-bank-2", zh="测试农村商业银行股份有限公司", en="Test Rural Commercial Bank Ltd"),
}


def _unit(path: str | None, count: int) -> UnitTimes:
    spans = {
        Measure.ORDER: Span(count=count, median_s=14, p90_s=65 if count > 9 else None),
        Measure.FIRST_HOLD: Span(count=count - 1, median_s=96, p90_s=340 if count > 9 else None),
        Measure.LAST_HOLD: Span(count=2, median_s=None, p90_s=None),
    }
    return UnitTimes(unit_path=UnitPath(path) if path else None, incidents=count, spans=spans)


class SyntheticFigures:
    """Figures with everything in them, or with nothing (`amount` = 0)."""

    amount: int

    def figures(self, actor: Actor, asked: FiguresAsked) -> FiguresView:
        full = self.amount > 0
        counties = (_unit("centre.county01", max(3, self.amount - 5)), _unit("centre.county02", 5))
        none = Span(count=0, median_s=None, p90_s=None)
        nothing = UnitTimes(unit_path=None, incidents=0, spans=dict.fromkeys(Measure, none))
        answers = Span(count=9_000, median_s=42, p90_s=120)
        return FiguresView(
            since=UNTIL - timedelta(days=30),
            until=UNTIL,
            units=(_unit(None, max(8, self.amount)), *counties) if full else (nothing,),
            unit_names=UNITS,
            delays=(
                HeldByDelay(band=Band.MINUTES_15, incidents=31, lost_fen=1_234_567_800, held_fen=812_345_600),
                HeldByDelay(band=Band.LATER, incidents=400, lost_fen=0, held_fen=0),
            )
            if full
            else (),
            banks=(
                BankAnswers(
                    institution_id=BANKS[0], kind="stop", sent=9_100, answers=answers, failures={}, unanswered=100
                ),
                BankAnswers(
                    institution_id=BANKS[1],
                    kind="query",
                    sent=3,
                    answers=Span(count=3, median_s=1_900, p90_s=None),
                    failures={"0301": 2, "1301": 1},
                    unanswered=0,
                ),
            )
            if full
            else (),
            bank_names=NAMES,
            results={"0301": "0301", "1301": "1301"},
            lapsed=EndedSum(count=2 * full, fen=7_500_000 * full, fen_hours=0),
            released=EndedSum(count=1 * full, fen=320_000 * full, fen_hours=7_680_000 * full),
            may_choose_units=tuple(UNITS.values()),
            may_choose_banks=tuple(NAMES.values()),
        )

    def figures_json(self, actor: Actor, asked: FiguresAsked) -> Mapping[str, object]:
        return {}

    def figure_incidents(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureIncident]:
        line = FigureIncident(
            order_number="I2026-000001",
            unit=UNITS["centre.county01"],
            first_paid_at=UNTIL - timedelta(days=2, minutes=9),
            reported_at=UNTIL - timedelta(days=2),
            to_order_s=14,
            to_first_hold_s=96,
            to_last_hold_s=None,
            lost_fen=175_000_000,
            ever_held_fen=160_000_000,
        )
        return Page(rows=[line] * min(self.amount, query.size), total=self.amount, page=query.page, size=query.size)

    def figure_orders(self, actor: Actor, asked: FiguresAsked, wish: Wish, query: Query) -> Page[FigureOrder]:
        line = FigureOrder(
            order_number="STOP2026-000001",
            institution=NAMES[str(BANKS[1])],
            unit=UNITS["centre.county01"],
            at=UNTIL - timedelta(days=2),
            took_or_held_s=42,
            result="0301",
            code="0301",
            fen=None,
        )
        return Page(rows=[line] * min(self.amount, query.size), total=self.amount, page=query.page, size=query.size)
