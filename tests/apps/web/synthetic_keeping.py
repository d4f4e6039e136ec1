"""How a made-up case is kept, for pages that are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from fanzha.apps.web.views.keeping import KeepingView, NewCaseShare, ShareLine, Told
from fanzha.apps.web.views.shown import Choice
from fanzha.kernel.errors import Illegal
from fanzha.kernel.units import Actor

OTHER = Choice(code="centre.county02", zh="演练市西河县反诈中心", en="Xihe county, exercise")
THIRD = Choice(code="centre.county03", zh="演练市南浦县反诈中心", en="Nanpu county, exercise")
AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
ASKED = Told(at=AT, by="wangwu", reason="保存期限届满，不再需要")
SHARED = ShareLine(unit=OTHER, purpose="case_work", until=datetime(2026, 12, 31, 16, tzinfo=UTC), by="analyst")
KEPT = KeepingView(
    writable=True,
    erased=False,
    kept_until=None,
    hold=Told(at=AT, by="zhaoliu", reason="检察院要求继续保存，等待二审"),
    shares=(SHARED,),
    asked=None,
    asked_by_me=False,
    kept_because=Illegal("cases.erasure_live", ref="C2026-000012"),
    units=(THIRD,),
)
ENDED = replace(KEPT, hold=None, shares=(), kept_because=None, kept_until=AT, units=(OTHER, THIRD))


@dataclass
class SyntheticKeeping:
    """A case that is held and shared; tests put another view in its place."""

    kept: KeepingView = KEPT
    kept_acts: list[tuple[str, ...]] = field(default_factory=list)
    refusal: Exception | None = None

    def keeping(self, actor: Actor, ref: str) -> KeepingView:
        return self.kept

    def set_hold(self, actor: Actor, ref: str, held: bool, reason: str) -> None:
        self._act("hold" if held else "release", reason)

    def share(self, actor: Actor, ref: str, new: NewCaseShare) -> None:
        self._act("share", new.unit, new.purpose, new.until, new.reason)

    def unshare(self, actor: Actor, ref: str, unit: str, reason: str) -> None:
        self._act("unshare", unit, reason)

    def ask_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        self._act("ask", reason)

    def refuse_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        self._act("refuse", reason)

    def erase(self, actor: Actor, ref: str) -> None:
        self._act("erase")

    def exported(self, actor: Actor, ref: str, table: str, rows: int) -> None:
        self._act("exported", ref, table, str(rows))

    def _act(self, *told: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept_acts.append(told)
