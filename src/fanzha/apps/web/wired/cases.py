"""Cases as the console shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, select

from fanzha.adapters.ledger.records import Told, read_records
from fanzha.adapters.store.audit import Entry, entries_of
from fanzha.adapters.store.case_lines import CaseLine as StoredLine
from fanzha.adapters.store.case_lines import Lines, case_lines, waiting_things
from fanzha.adapters.store.cases import add_note, case_entries, open_case, set_retention
from fanzha.adapters.store.imports import Import, import_key, included_imports
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import Link, NewLink, case_links, link_of, link_subject, unlink_subject
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.schema.evidence import subject
from fanzha.adapters.store.units import units_below
from fanzha.apps.web.views.cases import (
    Attention,
    CaseHead,
    CaseLine,
    HomeView,
    LogLine,
    NewCase,
    NewPerson,
    NoteLine,
    PersonLine,
)
from fanzha.apps.web.views.shown import Choice, Instance, Masked
from fanzha.apps.web.views.tables import Page, Query, page_of
from fanzha.apps.web.wired.case_sums import case_sums
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import masked_place, maybe_subject
from fanzha.apps.web.wired.moving import moving_imports
from fanzha.apps.web.wired.opening import opened, unit_choice
from fanzha.cases.case import MOVES, Case, CaseState, EntryKind
from fanzha.cases.retention import retention_class, retention_classes
from fanzha.cases.subjects import Mention, Role, SubjectKind, likeliest
from fanzha.kernel.clock import FollowedClock, from_micros
from fanzha.kernel.errors import Forbidden, Invalid
from fanzha.kernel.units import Actor, UnitPath, covers
from fanzha.records.statements.cleaning import AccountRecord
from fanzha.rulebook import load_retention
from fanzha.wiring.filing import bring_to
from fanzha.wiring.ledgers import case_counts, places

LOG_ENTRIES = 5_000
HOME_CASES = 8
HOME_WAITING = 12


class WiredCases(HouseParts):
    """Cases: find, open, annotate."""

    def instance(self) -> Instance:
        """Which instance this is."""
        exercise = self.house.instance.birth == "exercise"
        speed = self.house.clock.speed if isinstance(self.house.clock, FollowedClock) else 1.0
        return Instance(name=str(self.house.instance.id), exercise=exercise, now=self.house.now(), speed=speed)

    def home(self, actor: Actor) -> HomeView:
        """What the first page shows; somebody whose role sees no cases has an empty one."""
        if not actor.may("cases.read"):
            return HomeView(running=(), attention=(), cases=())
        with self.house.act(actor) as connection:
            _, lines = case_lines(connection, Lines(limit=HOME_CASES))
            waits = waiting_things(connection, HOME_WAITING)
            shown = tuple(_line(connection, each) for each in lines)
            running = tuple(moving_imports(self.house, connection))
        attention = tuple(Attention(kind=w.kind, case=w.ref, title=w.title, count=w.count) for w in waits)
        return HomeView(running=running, attention=attention, cases=shown)

    def cases(self, actor: Actor, query: Query) -> Page[CaseLine]:
        """Cases in sight."""
        require(actor, "cases.read")
        lines = Lines(
            state=query.word("state"),
            after=query.moment("after"),
            until=query.moment("until"),
            sort=query.sort,
            descending=query.descending,
            offset=query.offset,
            limit=query.size,
        )
        with self.house.act(actor) as connection:
            total, found = case_lines(connection, lines)
            rows = [_line(connection, each) for each in found]
        return Page(rows=rows, total=total, page=query.page, size=query.size)

    def retention_classes(self) -> Sequence[Choice]:
        """Retention classes a case may have."""
        return list(_retentions().values())

    def units(self, actor: Actor) -> Sequence[Choice]:
        """Units in which the actor may open a case, their own first."""
        with self.house.act(actor) as connection:
            return [Choice(code=u.path, zh=u.name_zh, en=u.name_en) for u in units_below(connection, actor.scope)]

    def open_case(self, actor: Actor, new: NewCase) -> str:
        """The ref of the case now open, in the unit that was chosen."""
        require(actor, "cases.open")
        unit = UnitPath(new.unit or actor.scope)
        if not covers(actor.scope, unit):
            raise Forbidden("access.outside_scope", path=unit)
        retention_class(retention_classes(load_retention()), new.retention)
        opener = replace(actor, scope=unit)
        with self.house.act(opener) as connection:
            return open_case(connection, new.title, new.retention, opener, self.house.now()).ref

    def case(self, actor: Actor, ref: str) -> CaseHead:
        """The headline of a case."""
        with opened(self.house, actor, ref) as (connection, case):
            counts = case_counts(self.house, connection, case)
            sums = case_sums(connection, case, counts)
            return CaseHead(
                ref=case.ref,
                title=case.title,
                state=case.state.value,
                unit=unit_choice(connection, case.unit_path),
                retention=_retentions().get(case.retention, _bare(case.retention)),
                opened_at=case.opened_at,
                opened_by=case.opened_by,
                rows=sums.rows,
                files=sums.files,
                movements=counts["movements"],
                accounts=counts["accounts"],
                held=case.held,
                people=sums.people + len(case_links(connection, self.house.keys, case.id)),
                moves=tuple(sorted(each.value for each in MOVES[case.state])),
                notes=len(case_entries(connection, case.id, EntryKind.NOTE)),
                first_at=from_micros(counts["first_us"]) if counts["first_us"] else None,
                last_at=from_micros(counts["last_us"]) if counts["last_us"] else None,
            )

    def set_retention(self, actor: Actor, ref: str, retention: str, reason: str) -> None:
        """Give the case another retention class."""
        retention_class(retention_classes(load_retention()), retention)
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            set_retention(connection, case.id, retention, reason, actor, self.house.now())

    def move(self, actor: Actor, ref: str, to: str, reason: str) -> None:
        """Take the case into another state."""
        if to not in {each.value for each in CaseState}:
            raise Invalid("web.bad_filter", name="state")
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            bring_to(connection, case, CaseState(to), reason, actor, self.house.now())

    def people(self, actor: Actor, ref: str, query: Query) -> Page[PersonLine]:
        """Whom people added and whom account and person files tell of."""
        with opened(self.house, actor, ref) as (connection, case):
            found = self._people(connection, case)
        role = query.word("role")
        page = page_of([each for each in found if not role or each.role == role], query)
        rows = [each.line() for each in page.rows]
        return Page(rows=rows, total=page.total, page=page.page, size=page.size)

    def _people(self, connection: Connection, case: Case) -> list[_Somebody]:
        links = case_links(connection, self.house.keys, case.id)
        found = [
            _Somebody(role=each.role.value, added_at=each.at, order=each.masked, line=partial(_linked, each, kind))
            for each, kind in zip(links, _kinds(connection, links), strict=True)
        ]
        for each in included_imports(connection, case.id):
            found += self._recorded(connection, each)
        return found

    def _recorded(self, connection: Connection, of: Import) -> Iterator[_Somebody]:
        """Whom the import's account and person files tell of, once a row: a wallet's row binds several cards."""
        path = places(self.house).records(of.id)
        rows: set[tuple[str, int]] = set()
        for told in read_records(path, import_key(connection, self.house.keys, of.id)) if path.exists() else ():
            if (told.source, told.record.row) not in rows:
                rows.add((told.source, told.record.row))
                role = Role.HOLDER if isinstance(told.record, AccountRecord) else Role.PERSON
                line = partial(_told, self.house.keys, told, role, of.at)
                yield _Somebody(role=role.value, added_at=of.at, order=told.record.name, line=line)

    def add_person(self, actor: Actor, ref: str, new: NewPerson) -> None:
        """Add somebody to the case by one identifier."""
        kind, clean = likeliest(new.text)
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            link = NewLink(case_id=case.id, mention=Mention(kind, clean, new.role), reason=new.reason)
            link_subject(connection, self.house.keys, link, actor, self.house.now())

    def remove_person(self, actor: Actor, ref: str, link: str, reason: str) -> None:
        """Take back what somebody added by hand."""
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            entry = link_of(connection, self.house.keys, case.id, link)
            unlink_subject(connection, entry, reason, actor, self.house.now())

    def notes(self, actor: Actor, ref: str) -> Sequence[NoteLine]:
        """Notes of the case, newest first."""
        with opened(self.house, actor, ref) as (connection, case):
            entries = case_entries(connection, case.id, EntryKind.NOTE)
        return [NoteLine(at=each.at, by=each.actor_name, text=each.value) for each in reversed(entries)]

    def add_note(self, actor: Actor, ref: str, text: str) -> None:
        """Add a note."""
        with opened(self.house, actor, ref, "cases.edit") as (connection, case):
            add_note(connection, case.id, text, actor, self.house.now())

    def log(self, actor: Actor, ref: str, query: Query) -> Page[LogLine]:
        """The audit entries of the case; beyond `LOG_ENTRIES` the page says that there are more."""
        with opened(self.house, actor, ref) as (connection, case):
            entries = entries_of(connection, "case", str(case.id), LOG_ENTRIES)
        wished = query.word("action")
        found = [_logged(each) for each in entries if _within(each.at, query) and wished in ("", each.act.action)]
        return replace(page_of(found, query), truncated=len(entries) == LOG_ENTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Somebody:
    """Somebody of a case before anybody asks to see them: masks and refs are made for the lines of a page only."""

    role: str
    added_at: datetime
    order: str
    line: Callable[[], PersonLine]

    @property
    def name(self) -> str | None:
        """By what names are sorted; nobody without one stands before somebody with one."""
        return self.order or None


def _told(keys: Keys, told: Told, role: Role, at: datetime) -> PersonLine:
    record = told.record
    card = (record.card or record.account) if isinstance(record, AccountRecord) else ""
    name = maybe_subject(keys, SubjectKind.NAME, record.name)
    document = maybe_subject(keys, SubjectKind.DOCUMENT, record.id_number)
    number = maybe_subject(keys, SubjectKind.ACCOUNT, card)
    return PersonLine(
        name=name,
        role=role.value,
        id_number=document,
        phone=maybe_subject(keys, SubjectKind.PHONE, record.phone),
        number=number,
        victim=next((each.ref[1:] for each in (number, document, name) if each and each.ref), None),
        source=masked_place(keys, told.source.partition(":")[2], record.row),
        added_at=at,
    )


def _retentions() -> Mapping[str, Choice]:
    classes = retention_classes(load_retention())
    return {each.id: Choice(code=each.id, zh=each.title["zh"], en=each.title["en"]) for each in classes.values()}


def _bare(code: str) -> Choice:
    return Choice(code=code, zh=code, en=code)


def _line(connection: Connection, each: StoredLine) -> CaseLine:
    return CaseLine(
        ref=each.case.ref,
        title=each.case.title,
        state=each.case.state.value,
        unit=unit_choice(connection, each.case.unit_path),
        retention=_retentions().get(each.case.retention, _bare(each.case.retention)),
        files=each.files,
        movements=each.movements,
        accounts=each.accounts,
        opened_at=each.case.opened_at,
        changed_at=each.changed_at,
    )


def _kinds(connection: Connection, links: Sequence[Link]) -> list[SubjectKind | None]:
    wanted = select(subject.c.id, subject.c.kind).where(subject.c.id.in_([each.subject_id for each in links]))
    known = {row.id: SubjectKind(row.kind) for row in connection.execute(wanted)}
    return [known.get(each.subject_id) for each in links]


def _linked(each: Link, kind: SubjectKind | None) -> PersonLine:
    shown = Masked(each.masked, f"s{each.subject_id:016x}")
    return PersonLine(
        name=shown if kind in (SubjectKind.NAME, None) else None,
        role=each.role.value,
        id_number=shown if kind is SubjectKind.DOCUMENT else None,
        phone=shown if kind is SubjectKind.PHONE else None,
        number=shown if kind is SubjectKind.ACCOUNT else None,
        source=f"{each.actor_name}: {each.reason}",
        added_at=each.at,
        link=str(each.id),
        victim=None if each.role is Role.VICTIM or kind is SubjectKind.PHONE else f"{each.subject_id:016x}",
    )


def _logged(each: Entry) -> LogLine:
    detail, rows = each.act.detail, each.act.detail.get("rows")
    return LogLine(
        at=each.at,
        by=each.actor_name,
        action=each.act.action,
        object=str(detail.get("value") or str(detail.get("import", ""))[-8:]),
        rows=rows if isinstance(rows, int) and rows else None,
        purpose=each.act.purpose,
    )


def _within(at: datetime, query: Query) -> bool:
    after, until = query.moment("after"), query.moment("until")
    return (after is None or at >= after) and (until is None or at < until)
