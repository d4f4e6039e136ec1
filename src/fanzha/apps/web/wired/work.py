"""Background work as the console shows and handles it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fanzha.adapters.store.units import every_unit
from fanzha.adapters.store.work import Work
from fanzha.adapters.store.work_handling import COUNTED, STATES, Wished, WorkEntry
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.apps.web.views.work import WorkActLine, WorkLine, WorkView
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.kernel.errors import NotFound
from fanzha.kernel.units import Actor, UnitPath
from fanzha.wiring.handling import About, cancel, hand, listed, retry, shown

_SHOWN_AT = {
    "order": "/orders",
    "objection": "/objections",
    "incident": "/incidents",
    "institution": "/institutions",
}


class WiredWork(HouseParts):
    """Work in sight, and what people do about it."""

    def work(self, actor: Actor, query: Query) -> Page[WorkLine]:
        """Rows in sight, those first that wait for a person."""
        state = query.word("state")
        wished = Wished(
            states=(state,) if state else STATES,
            kind=query.word("kind"),
            handler=actor.user_id if query.word("handler") else None,
            offset=query.offset,
            limit=query.size,
        )
        total, rows = listed(self.house, actor, wished)
        named = self._units(actor)
        lines = [_line(each, case, of, named) for each, case, of in rows]
        return Page(rows=lines, total=min(total, COUNTED), page=query.page, size=query.size, truncated=total > COUNTED)

    def one_work(self, actor: Actor, work: str) -> WorkView:
        """One row with everything about it."""
        found = shown(self.house, actor, _id(work))
        return WorkView(
            line=_line(found.work, found.case_ref, found.about, self._units(actor)),
            not_before=found.work.not_before,
            finished_at=found.work.finished_at,
            acts=tuple(map(_act, found.entries)),
            may=tuple(sorted(found.may)),
            handlers=tuple(Choice(code=each.login, zh=each.name, en=each.name) for each in found.handlers),
        )

    def retry_work(self, actor: Actor, work: str, reason: str) -> None:
        """Try the row again at once."""
        retry(self.house, actor, _id(work), reason)

    def hand_over_work(self, actor: Actor, work: str, login: str, reason: str) -> None:
        """Give the row to a named person."""
        hand(self.house, actor, _id(work), login, reason)

    def cancel_work(self, actor: Actor, work: str, reason: str) -> None:
        """The row is not done any more."""
        cancel(self.house, actor, _id(work), reason)

    def _units(self, actor: Actor) -> dict[UnitPath, Choice]:
        with self.house.act(actor) as connection:
            found: Sequence[Choice] = [
                Choice(code=each.path, zh=each.name_zh, en=each.name_en) for each in every_unit(connection)
            ]
        return {UnitPath(each.code): each for each in found}


def _line(work: Work, case: str, of: About, named: dict[UnitPath, Choice]) -> WorkLine:
    error = dict(work.last_error or {}) if work.state in ("stuck", "waiting") else {}
    return WorkLine(
        id=str(work.id),
        kind=work.kind,
        state=work.state,
        unit=named.get(work.unit_path, Choice(code=work.unit_path, zh=work.unit_path, en=work.unit_path)),
        case=case,
        about=of.name,
        about_at=f"{_SHOWN_AT[of.kind]}/{of.name}" if of.name else "",
        clock=of.clock,
        due_at=work.due_at,
        tries=work.attempts,
        handler=work.handler or "",
        error=str(error.pop("code", "")),
        error_fields=error,
    )


def _act(entry: WorkEntry) -> WorkActLine:
    return WorkActLine(at=entry.at, by=entry.actor_name, kind=entry.kind, to=entry.to_name, reason=entry.reason)


def _id(work: str) -> UUID:
    """Whatever is no id names no row."""
    try:
        return UUID(work)
    except ValueError:
        raise NotFound("work.not_found") from None
