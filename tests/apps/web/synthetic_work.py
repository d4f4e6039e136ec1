"""Made-up background work, for pages that are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.views.work import WorkActLine, WorkLine, WorkView
from fanzha.kernel.units import Actor

AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
UNIT = Choice(code="centre.county01", zh="演练市东山县反诈中心", en="Dongshan county, exercise")
STUCK = WorkLine(
    id="01890000-0000-7000-8000-000000000001",
    kind="statements.import",
    state="stuck",
    unit=UNIT,
    case="C2026-000012",
    about="",
    about_at="",
    clock="",
    due_at=AT,
    tries=3,
    handler="zhangwei",
    error="store.worker_broke",
    error_fields={"kind": "ValueError"},
)
WAITING = replace(
    STUCK,
    id="01890000-0000-7000-8000-000000000002",
    kind="clock",
    state="waiting",
    about="S2026-000012",
    about_at="/orders/S2026-000012",
    clock="lapse",
    due_at=AT + timedelta(hours=48),
    tries=0,
    handler="",
    error="",
    error_fields={},
)
RECORD = WorkView(
    line=STUCK,
    not_before=None,
    finished_at=None,
    acts=(
        WorkActLine(at=AT, by="wangwu", kind="retried", to="", reason="磁盘已扩容"),
        WorkActLine(at=AT, by="wangwu", kind="handed_over", to="zhangwei", reason="由值班人员处理"),
    ),
    may=("work.cancel", "work.hand_over", "work.retry"),
    handlers=(Choice(code="zhangwei", zh="张伟", en="张伟"),),
)


@dataclass
class SyntheticWork:
    """Two rows, one of which needs a person."""

    work_acts: list[tuple[str, ...]] = field(default_factory=list)
    work_refusal: Exception | None = None

    def work(self, actor: Actor, query: Query) -> Page[WorkLine]:
        return Page(rows=(STUCK, WAITING), total=2, page=query.page, size=query.size)

    def one_work(self, actor: Actor, work: str) -> WorkView:
        return RECORD

    def retry_work(self, actor: Actor, work: str, reason: str) -> None:
        self._handled("retry", reason)

    def hand_over_work(self, actor: Actor, work: str, login: str, reason: str) -> None:
        self._handled("hand_over", login, reason)

    def cancel_work(self, actor: Actor, work: str, reason: str) -> None:
        self._handled("cancel", reason)

    def _handled(self, *told: str) -> None:
        if self.work_refusal is not None:
            raise self.work_refusal
        self.work_acts.append(told)
