"""What the console needs of the rest of the house: doors to come in by, data to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fanzha.apps.web.delegation_ports import DelegationData
from fanzha.apps.web.figure_ports import FigureData
from fanzha.apps.web.incident_ports import IncidentData
from fanzha.apps.web.institution_ports import InstitutionData
from fanzha.apps.web.objection_ports import ObjectionData
from fanzha.apps.web.order_ports import OrderData
from fanzha.apps.web.seat_ports import SeatData
from fanzha.apps.web.trace_ports import TraceData
from fanzha.apps.web.views.cases import (
    CaseHead,
    CaseLine,
    HomeView,
    LogLine,
    NewCase,
    NewPerson,
    NoteLine,
    PersonLine,
    SearchView,
)
from fanzha.apps.web.views.imports import (
    ConfirmedMapping,
    DuplicateLine,
    ImportLine,
    ImportProgress,
    MappingDraft,
    QualityView,
    RejectedLine,
    UploadedFile,
)
from fanzha.apps.web.views.keeping import KeepingView, NewCaseShare
from fanzha.apps.web.views.movements import AccountLine, AccountView, MovementEvidence, MovementLine
from fanzha.apps.web.views.shown import Choice, Instance
from fanzha.apps.web.views.staff import NewStaff, StaffLine
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.views.visitor import Visitor
from fanzha.apps.web.work_ports import WorkData
from fanzha.kernel.units import Actor
from fanzha.protocol.signing import Envelope
from fanzha.wiring.institution_calls import Answered


class Doors(Protocol):
    """How people come in and leave; refusals are `Forbidden` with a code that says why and until when."""

    def visitor(self, token: str) -> Visitor | None:
        """Whose live session the token is; None when there is none, or no longer."""
        ...

    def log_in(self, login: str, password: str) -> str:
        """The token of a new session."""
        ...

    def enter(self, link: str) -> str:
        """The token of a new session, for a one-time link, which is used up."""
        ...

    def change_password(self, token: str, old: str, new: str) -> str:
        """The token of the session that goes on; every other session of the person ends."""
        ...

    def working_units(self, token: str) -> Sequence[Choice]:
        """What the visitor may work as: the units where they have a role, and all below."""
        ...

    def work_as(self, token: str, unit: str) -> None:
        """The session goes on as a member of another of these."""
        ...

    def log_out(self, token: str) -> None:
        """End the session."""
        ...


class CaseData(Protocol):
    """Cases: find, open, annotate. What is not the actor's to see is `NotFound`."""

    def people_names(self) -> Mapping[str, str]:
        """What everybody who logs in is called, by log-in name; two of one name are told apart by it."""
        ...

    def instance(self) -> Instance:
        """Which instance this is."""
        ...

    def home(self, actor: Actor) -> HomeView:
        """What the first page shows."""
        ...

    def cases(self, actor: Actor, query: Query) -> Page[CaseLine]:
        """Cases in sight."""
        ...

    def retention_classes(self) -> Sequence[Choice]:
        """Retention classes a case may have."""
        ...

    def units(self, actor: Actor) -> Sequence[Choice]:
        """Units in which the actor may open a case, their own first."""
        ...

    def open_case(self, actor: Actor, new: NewCase) -> str:
        """The ref of the case now open."""
        ...

    def case(self, actor: Actor, ref: str) -> CaseHead:
        """The headline of a case."""
        ...

    def set_retention(self, actor: Actor, ref: str, retention: str, reason: str) -> None:
        """Give the case another retention class."""
        ...

    def move(self, actor: Actor, ref: str, to: str, reason: str) -> None:
        """Take the case into another state; `Illegal` where it may not go there."""
        ...

    def people(self, actor: Actor, ref: str, query: Query) -> Page[PersonLine]:
        """Persons of the case."""
        ...

    def add_person(self, actor: Actor, ref: str, new: NewPerson) -> None:
        """Add a person to the case."""
        ...

    def remove_person(self, actor: Actor, ref: str, link: str, reason: str) -> None:
        """Take back what somebody added by hand; what files tell stays with its import."""
        ...

    def notes(self, actor: Actor, ref: str) -> Sequence[NoteLine]:
        """Notes of the case, newest first."""
        ...

    def add_note(self, actor: Actor, ref: str, text: str) -> None:
        """Add a note."""
        ...

    def log(self, actor: Actor, ref: str, query: Query) -> Page[LogLine]:
        """The audit entries of the case."""
        ...

    def search(self, actor: Actor, text: str, purpose: str) -> SearchView:
        """Where a ref, title word, account, number, name or ID occurs; who looked, and what for, is on record."""
        ...

    def reveal(self, actor: Actor, ref: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        """The clear values of masked ones of a case, by their ref; leaves a mark in the audit."""
        ...


class KeepingData(Protocol):
    """How cases are kept: held, shared, erased; who may is asked, and each act is on record."""

    def keeping(self, actor: Actor, ref: str) -> KeepingView:
        """What the case's page of settings shows."""
        ...

    def set_hold(self, actor: Actor, ref: str, held: bool, reason: str) -> None:
        """Put the case under a legal hold, under which nothing of it is erased, or release it."""
        ...

    def share(self, actor: Actor, ref: str, new: NewCaseShare) -> None:
        """Let another unit read the case until the end of a day."""
        ...

    def unshare(self, actor: Actor, ref: str, unit: str, reason: str) -> None:
        """Withdraw that before its day."""
        ...

    def ask_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        """Ask that the case be erased; `Illegal` while its evidence is live."""
        ...

    def refuse_erasure(self, actor: Actor, ref: str, reason: str) -> None:
        """The case stays; whoever asked takes it back so, too."""
        ...

    def erase(self, actor: Actor, ref: str) -> None:
        """Erase the case; `Forbidden` to whoever asked for it."""
        ...

    def exported(self, actor: Actor, ref: str, table: str, rows: int) -> None:
        """Leave the mark of a table that leaves as a file; `ref` is empty for the list of cases."""
        ...


class StaffData(Protocol):
    """The centre's own people, for who may administer them; everybody else is `Forbidden`."""

    def staff(self, actor: Actor) -> Sequence[StaffLine]:
        """The people of the actor's units."""
        ...

    def staff_roles(self) -> Sequence[Choice]:
        """Every role there is."""
        ...

    def add_staff(self, actor: Actor, new: NewStaff) -> str:
        """The id of the new account."""
        ...

    def give_role(self, actor: Actor, person: str, role: str, unit: str, institution: str = "") -> None:
        """Give a role at a unit and below it, a resident's of one institution; nobody gives one to themselves."""
        ...

    def take_role(self, actor: Actor, person: str, role: str, unit: str) -> None:
        """Take a role back from now on."""
        ...

    def set_disabled(self, actor: Actor, person: str, disabled: bool) -> None:
        """Let nobody in by this account any more, or again."""
        ...

    def staff_link(self, actor: Actor, person: str) -> str:
        """The secret of a new one-time link for this person."""
        ...

    def link_minutes(self) -> int:
        """How long a one-time link is good for."""
        ...


class InstitutionCalls(Protocol):
    """What institutions say, which no visitor has a part in."""

    def hear(self, call: Envelope, admit: Callable[[str], None]) -> Answered:
        """The signed answer to a call, whoever made it."""
        ...


class ImportData(Protocol):
    """Files: bring in, watch, judge, exclude."""

    def imports(self, actor: Actor, ref: str) -> Sequence[ImportLine]:
        """Imports of the case, newest first."""
        ...

    def start_import(self, actor: Actor, ref: str, files: Sequence[UploadedFile]) -> str:
        """The id of an import that now runs in the background; the files were moved or copied before it returns."""
        ...

    def retry_import(self, actor: Actor, ref: str, work: str) -> None:
        """Try again an import that could not begin."""
        ...

    def progress(self, actor: Actor) -> Sequence[ImportProgress]:
        """Imports of the actor's unit that wait, run or ended in the last minute."""
        ...

    def set_excluded(self, actor: Actor, ref: str, imports: Sequence[str], excluded: bool, reason: str) -> None:
        """Exclude imports from the case's movements, or bring them back: all of them or none."""
        ...

    def quality(self, actor: Actor, ref: str, import_id: str | None) -> QualityView:
        """The quality report of a case or of one of its imports."""
        ...

    def rejected(self, actor: Actor, ref: str, query: Query) -> Page[RejectedLine]:
        """Rejected rows; filters `import`, `source`, `reason`."""
        ...

    def every_rejected(self, actor: Actor, ref: str, query: Query) -> Listing[RejectedLine]:
        """All of them in one pass."""
        ...

    def duplicates(self, actor: Actor, ref: str, query: Query) -> Page[DuplicateLine]:
        """Rows that repeat another; filters `import`, `source`, `fate`."""
        ...

    def every_duplicate(self, actor: Actor, ref: str, query: Query) -> Listing[DuplicateLine]:
        """All of them in one pass."""
        ...

    def mapping_draft(self, actor: Actor, ref: str, import_id: str, source: str) -> MappingDraft:
        """What the columns of an unrecognised sheet are guessed to be."""
        ...

    def confirm_mapping(self, actor: Actor, ref: str, import_id: str, source: str, told: ConfirmedMapping) -> str:
        """The id of the import that reads the sheet again by the columns a person confirmed."""
        ...


class MovementData(Protocol):
    """Movements and accounts of a case."""

    def movements(self, actor: Actor, ref: str, query: Query) -> Page[MovementLine]:
        """Movements of the case; filters as `pages.movements.MOVEMENTS` lists them."""
        ...

    def every_movement(self, actor: Actor, ref: str, query: Query) -> Listing[MovementLine]:
        """All of them in one pass."""
        ...

    def movement(self, actor: Actor, ref: str, movement: str) -> MovementEvidence:
        """One movement with the rows that tell of it."""
        ...

    def accounts(self, actor: Actor, ref: str, query: Query) -> Page[AccountLine]:
        """Accounts of the case."""
        ...

    def every_account(self, actor: Actor, ref: str, query: Query) -> Listing[AccountLine]:
        """All of them in one pass."""
        ...

    def account(self, actor: Actor, ref: str, account: str) -> AccountView:
        """What the case's rows say about one account."""
        ...

    def find_account(self, actor: Actor, ref: str, text: str) -> str | None:
        """The opaque key of the case's account with this number, if there is one."""
        ...


class ConsoleData(
    InstitutionCalls,
    CaseData,
    KeepingData,
    StaffData,
    ImportData,
    MovementData,
    TraceData,
    WorkData,
    OrderData,
    DelegationData,
    ObjectionData,
    IncidentData,
    FigureData,
    InstitutionData,
    SeatData,
    Protocol,
):
    """Everything the console shows."""
