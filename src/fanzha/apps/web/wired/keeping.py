"""Holding, sharing and erasing cases, and what leaves as files, as the console asks for it."""

from __future__ import annotations

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.sharing import NewShare
from fanzha.adapters.store.units import Unit, every_unit
from fanzha.apps.web.views.keeping import KeepingView, NewCaseShare, ShareLine, Told
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.cases.case import CaseEntry, CaseState
from fanzha.kernel.units import Actor, UnitPath, covers, unit_path
from fanzha.wiring.exports import Taken, record_export
from fanzha.wiring.keeping import ask, end_of_day, erase, hold, keeping_of, refuse, share, unshare


class WiredKeeping(HouseParts):
    """How cases are kept."""

    def keeping(self, actor: Actor, ref: str) -> KeepingView:
        """What the case's page of settings shows."""
        found = keeping_of(self.house, actor, ref)
        case = found.case
        with self.house.act(actor) as connection:
            named = {each.path: _choice(each) for each in every_unit(connection)}
        shared = {each.to_unit for each in found.shares}
        erased = case.state is CaseState.ERASED
        return KeepingView(
            writable=covers(actor.scope, case.unit_path) and not erased,
            erased=erased,
            kept_until=found.kept_until,
            hold=_told(found.hold),
            shares=tuple(
                ShareLine(unit=_named(named, each.to_unit), purpose=each.purpose, until=each.until, by=each.given_by)
                for each in found.shares
            ),
            asked=_told(found.asked),
            asked_by_me=found.asked is not None and found.asked.actor_name == actor.name,
            kept_because=found.kept_because,
            units=tuple(
                unit for path, unit in named.items() if path not in shared and not covers(path, case.unit_path)
            ),
        )

    def set_hold(self, actor: Actor, ref: str, held: bool, reason: str) -> None:
        """Put the case under a legal hold or release it."""
        hold(self.house, actor, ref, held, reason)

    def share(self, actor: Actor, ref: str, new: NewCaseShare) -> None:
        """Let another unit read the case until the end of a day."""
        wanted = NewShare(
            to_unit=unit_path(new.unit), purpose=new.purpose, until=end_of_day(new.until), reason=new.reason
        )
        share(self.house, actor, ref, wanted)

    def unshare(self, actor: Actor, ref: str, unit: str, reason: str) -> None:
        """Withdraw a grant."""
        unshare(self.house, actor, ref, unit_path(unit), reason)

    def ask_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        """Ask that the case be erased."""
        ask(self.house, actor, ref, reason)

    def refuse_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        """The case stays."""
        refuse(self.house, actor, ref, reason)

    def erase(self, actor: Actor, ref: str) -> None:
        """Erase the case that somebody else asked to have erased."""
        erase(self.house, actor, ref)

    def exported(self, actor: Actor, ref: str, table: str, rows: int) -> None:
        """Leave the mark of a table that left as a file; `ref` is empty for the list of cases."""
        with self.house.act(actor) as connection:
            case = case_by_ref(connection, ref) if ref else None
            record_export(self.house, connection, actor, case, Taken(table=table, rows=rows))


def _told(entry: CaseEntry | None) -> Told | None:
    return None if entry is None else Told(at=entry.at, by=entry.actor_name, reason=entry.reason)


def _choice(unit: Unit) -> Choice:
    return Choice(code=unit.path, zh=unit.name_zh, en=unit.name_en)


def _named(named: dict[UnitPath, Choice], path: UnitPath) -> Choice:
    return named.get(path, Choice(code=path, zh=path, en=path))
