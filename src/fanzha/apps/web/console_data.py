"""The open house as the console sees it: its data and its doors."""

from __future__ import annotations

from collections.abc import Sequence

from fanzha.adapters.store.doors import Doors as StoreDoors
from fanzha.adapters.store.sessions import Visit
from fanzha.apps.web.ports import ConsoleData, Doors
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.visitor import Visitor
from fanzha.apps.web.wired.accounts import WiredAccounts
from fanzha.apps.web.wired.after_hour import WiredAfterHour
from fanzha.apps.web.wired.answers import WiredAnswers
from fanzha.apps.web.wired.authorities import WiredAuthorities
from fanzha.apps.web.wired.cases import WiredCases
from fanzha.apps.web.wired.clock_board import WiredClocks
from fanzha.apps.web.wired.delegations import WiredDelegations
from fanzha.apps.web.wired.figures import WiredFigures
from fanzha.apps.web.wired.finding import WiredFinding
from fanzha.apps.web.wired.imports import WiredImports
from fanzha.apps.web.wired.incidents import WiredIncidents
from fanzha.apps.web.wired.institution_calls import WiredInstitutionCalls
from fanzha.apps.web.wired.institutions import WiredInstitutions
from fanzha.apps.web.wired.joining import WiredJoining
from fanzha.apps.web.wired.keeping import WiredKeeping
from fanzha.apps.web.wired.movements import WiredMovements
from fanzha.apps.web.wired.new_order import WiredNewOrder
from fanzha.apps.web.wired.notices import WiredNotices
from fanzha.apps.web.wired.objections import WiredObjections
from fanzha.apps.web.wired.orders import WiredOrders
from fanzha.apps.web.wired.picture import WiredPicture
from fanzha.apps.web.wired.quality import WiredQuality
from fanzha.apps.web.wired.report_files import WiredReportFiles
from fanzha.apps.web.wired.report_words import WiredReportWords
from fanzha.apps.web.wired.seat import WiredSeat
from fanzha.apps.web.wired.staff import WiredStaff
from fanzha.apps.web.wired.trace_files import WiredTraceFiles
from fanzha.apps.web.wired.work import WiredWork
from fanzha.kernel.errors import Forbidden
from fanzha.kernel.units import unit_path
from fanzha.wiring.house import House
from fanzha.wiring.people import doors_of


class HouseData(
    WiredImports,
    WiredQuality,
    WiredMovements,
    WiredAccounts,
    WiredPicture,
    WiredTraceFiles,
    WiredFinding,
    WiredKeeping,
    WiredStaff,
    WiredInstitutionCalls,
    WiredInstitutions,
    WiredWork,
    WiredClocks,
    WiredDelegations,
    WiredOrders,
    WiredIncidents,
    WiredJoining,
    WiredAfterHour,
    WiredFigures,
    WiredReportFiles,
    WiredReportWords,
    WiredAuthorities,
    WiredAnswers,
    WiredSeat,
    WiredNewOrder,
    WiredObjections,
    WiredNotices,
    WiredCases,
):
    """Everything the console shows, from one open house."""


class HouseDoors:
    """The house's doors, telling the console only what pages need of a visit."""

    def __init__(self, doors: StoreDoors) -> None:
        self.doors = doors

    def visitor(self, token: str) -> Visitor | None:
        """Whose live session the token is."""
        found = self.doors.visitor(token)
        return None if found is None else _visitor(found)

    def log_in(self, login: str, password: str) -> str:
        """The token of a new session."""
        return self.doors.log_in(login, password)

    def enter(self, link: str) -> str:
        """The token of a new session, for a one-time link."""
        return self.doors.enter(link)

    def change_password(self, token: str, old: str, new: str) -> str:
        """The token of the session that goes on."""
        found = self.doors.visitor(token)
        if found is None:
            raise Forbidden("web.log_in_needed")
        return self.doors.change_password(found, old, new)

    def working_units(self, token: str) -> Sequence[Choice]:
        """What the visitor may work as, in the order of the tree."""
        found = self.doors.visitor(token)
        units = self.doors.working_units(found) if found else []
        return [Choice(code=each.path, zh=each.name_zh, en=each.name_en) for each in units]

    def work_as(self, token: str, unit: str) -> None:
        """The session goes on as a member of another unit."""
        self.doors.work_as(token, unit_path(unit))

    def log_out(self, token: str) -> None:
        """End the session."""
        self.doors.log_out(token)


def _visitor(found: Visit) -> Visitor:
    return Visitor(
        actor=found.actor,
        display_name=found.person.name,
        unit_zh=found.unit.name_zh,
        unit_en=found.unit.name_en,
        csrf=found.csrf,
        must_change=found.must_change,
        has_password=found.person.password_set_at is not None,
        may_choose_unit=found.may_choose,
    )


def console_data(house: House) -> ConsoleData:
    """The data of an open house."""
    return HouseData(house)


def way_in(house: House) -> Doors:
    """The doors of an open house, on the terms its settings give."""
    return HouseDoors(doors_of(house))
