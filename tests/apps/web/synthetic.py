"""A console's data and doors in memory, all of it invented: what pages are tested and looked at with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from fanzha.apps.web.views.cases import (
    Attention,
    CaseHead,
    CaseLine,
    Elsewhere,
    HomeView,
    LogLine,
    NewCase,
    NewPerson,
    NoteLine,
    PersonLine,
    SearchHit,
    SearchView,
)
from fanzha.apps.web.views.imports import (
    ConfirmedMapping,
    DuplicateLine,
    FaultLine,
    ImportLine,
    ImportProgress,
    MappingColumn,
    MappingDraft,
    QualityView,
    RejectedLine,
    RowAccount,
    SourceLine,
    UploadedFile,
)
from fanzha.apps.web.views.movements import (
    AccountLine,
    AccountView,
    Break,
    Cell,
    Flow,
    Gap,
    MovementEvidence,
    MovementLine,
    PartyFlow,
    SharedDevice,
    Telling,
)
from fanzha.apps.web.views.shown import AccountRef, BankNames, Choice, Instance, Masked, Place
from fanzha.apps.web.views.staff import HeldRole, NewStaff, StaffLine
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.file_names import shown_name
from fanzha.kernel.errors import Forbidden, Invalid, NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.protocol.signing import Envelope
from fanzha.wiring.institution_calls import Answered
from tests.apps.web.synthetic_figures import SyntheticFigures
from tests.apps.web.synthetic_incidents import SyntheticIncidents
from tests.apps.web.synthetic_institutions import SyntheticInstitutions
from tests.apps.web.synthetic_keeping import OTHER, SyntheticKeeping
from tests.apps.web.synthetic_orders import SyntheticOrders
from tests.apps.web.synthetic_picture import SyntheticPicture
from tests.apps.web.synthetic_trace import SyntheticTrace
from tests.apps.web.synthetic_work import SyntheticWork

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
REF = "C2026-000012"
LONG_BANK = "测试农村商业银行股份有限公司示例市高新技术产业开发区科技园支行营业部"
RETENTION = (
    Choice(code="criminal", zh="刑事案件（十五年）", en="Criminal case (15 years)"),
    Choice(code="preliminary", zh="初查（两年）", en="Preliminary (2 years)"),
)
UNIT = Choice(code="shi.xian", zh="示例县反诈中心", en="Example County Centre")
ANALYST = Choice(code="analyst", zh="研判员", en="Analyst")
OTHER_UNIT = Choice(code="shi.bie", zh="另一县反诈中心", en="Another County Centre")
PERMISSIONS = frozenset(
    {
        "cases.read",
        "cases.open",
        "cases.edit",
        "statements.import",
        "statements.export",
        "statements.reveal",
        "cases.hold",
        "sharing.give",
        "subjects.erase",
        "people.manage",
    }
)
ROWS = RowAccount(accepted=9_412, duplicates=1_877, rejected=63, preamble=24, header=12, blank=9, total=6)


def number(index: int) -> str:
    """A 19-digit card of no bank."""
    return f"999999{index:013d}"


def named(path: str) -> Masked:
    """A file's name as pages show it."""
    shown = shown_name(path)
    return Masked(shown, None if shown == path else f"f{path}")


def account_ref(index: int, *, statement: bool = True) -> AccountRef:
    """An account whose number only a reveal shows."""
    card = number(index)
    return AccountRef(
        key=f"a{index:04d}",
        number=Masked(f"{card[:4]} **** **** *** {card[-4:]}", f"n{index}"),
        name=Masked("测**" if index % 5 else "测试********************有限公司", f"h{index}"),
        has_statement=statement,
    )


@dataclass
class SyntheticDoors:
    """One person, `analyst` with the password `correct horse battery`, and one-time links."""

    password: str = "correct horse battery"
    must_change: bool = False
    permissions: frozenset[str] = PERMISSIONS
    links: set[str] = field(default_factory=lambda: {"once"})
    sessions: dict[str, bool] = field(default_factory=dict)
    scope: str = "shi.xian"
    worked_as: list[str] = field(default_factory=list)

    def visitor(self, token: str) -> Visitor | None:
        if not self.sessions.get(token):
            return None
        actor = Actor(
            user_id=UserId(__import__("uuid").UUID(int=7)),
            name="analyst",
            scope=UnitPath(self.scope),
            permissions=self.permissions,
        )
        return Visitor(
            actor=actor,
            display_name="测试·甲",
            unit_zh="示例县反诈中心",
            unit_en="Example County Centre",
            csrf=f"csrf-of-{token}",
            must_change=self.must_change,
            may_choose_unit=True,
        )

    def log_in(self, login: str, password: str) -> str:
        if (login, password) != ("analyst", self.password):
            raise Forbidden("web.may_not")
        return self._start()

    def enter(self, link: str) -> str:
        if link not in self.links:
            raise Forbidden("web.may_not")
        self.links.discard(link)
        return self._start()

    def _start(self) -> str:
        token = f"token{len(self.sessions)}"
        self.sessions[token] = True
        return token

    def change_password(self, token: str, old: str, new: str) -> str:
        if old != self.password:
            raise Forbidden("web.may_not")
        self.password, self.must_change = new, False
        self.sessions.clear()
        return self._start()

    def working_units(self, token: str) -> Sequence[Choice]:
        return [Choice(code="shi.xian", zh="示例县反诈中心", en="Example County Centre"), OTHER]

    def work_as(self, token: str, unit: str) -> None:
        self.worked_as.append(unit)

    def log_out(self, token: str) -> None:
        self.sessions.pop(token, None)


@dataclass
class SyntheticData(
    SyntheticOrders,
    SyntheticIncidents,
    SyntheticFigures,
    SyntheticInstitutions,
    SyntheticKeeping,
    SyntheticWork,
    SyntheticPicture,
    SyntheticTrace,
):
    """A case with everything in it (`amount` rows a table), or with nothing (`amount` = 0)."""

    amount: int = 10_000
    exercise: bool = True
    heard: list[Envelope] = field(default_factory=list)
    started: list[tuple[str, list[tuple[str, int]]]] = field(default_factory=list)
    revealed: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    exclusions: list[tuple[tuple[str, ...], bool, str]] = field(default_factory=list)
    confirmed: list[ConfirmedMapping] = field(default_factory=list)
    notes_written: list[NoteLine] = field(default_factory=list)
    persons: list[NewPerson] = field(default_factory=list)
    opened: list[NewCase] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    staff_acts: list[tuple[object, ...]] = field(default_factory=list)
    retention: Choice = RETENTION[0]
    running: tuple[ImportProgress, ...] = ()

    def _known(self, actor: Actor, ref: str) -> None:
        if ref != REF:
            raise NotFound("web.not_found")

    def hear(self, call: Envelope, admit: Callable[[str], None]) -> Answered:
        """Nobody is known here."""
        self.heard.append(call)
        return Answered(status=401, headers={}, body=b"{}")

    def people_names(self) -> Mapping[str, str]:
        return {}

    def instance(self) -> Instance:
        return Instance(name="fanzha-test", exercise=self.exercise, now=NOW)

    def home(self, actor: Actor) -> HomeView:
        waits = (
            Attention(kind="unrecognised", case=REF, title="刷单案", count=2),
            Attention(kind="balance_broken", case=REF, title="刷单案", count=1),
            Attention(kind="missing_statements", case=REF, title="刷单案", count=17),
        )
        return HomeView(
            running=self.running,
            attention=waits if self.amount else (),
            cases=tuple(self._case_line(index) for index in range(min(self.amount, 5))),
        )

    def _case_line(self, index: int) -> CaseLine:
        return CaseLine(
            ref=f"C2026-{12 + index:06d}",
            title="刷单案" if index else "冒充客服退款案（" + LONG_BANK + "线索）",
            state=("preliminary", "filed", "closed")[index % 3],
            unit=UNIT,
            retention=self.retention,
            files=12 + index,
            movements=9_412 * (index + 1),
            accounts=37,
            opened_at=NOW - timedelta(days=index),
            changed_at=NOW - timedelta(minutes=7 + 60 * index),
        )

    def cases(self, actor: Actor, query: Query) -> Page[CaseLine]:
        return self._page(query, self._case_line)  # type: ignore[no-any-return]

    def _page(self, query: Query, make, total: int | None = None):  # type: ignore[no-untyped-def]
        total = self.amount if total is None else min(total, self.amount)
        shown = range(query.offset, min(query.offset + query.size, total))
        order = (total - 1 - index for index in shown) if query.descending else shown
        return Page(rows=[make(index) for index in order], total=total, page=query.page, size=query.size)

    def retention_classes(self) -> Sequence[Choice]:
        return RETENTION

    def units(self, actor: Actor) -> Sequence[Choice]:
        return (UNIT,)

    def open_case(self, actor: Actor, new: NewCase) -> str:
        self.opened.append(new)
        return REF

    def case(self, actor: Actor, ref: str) -> CaseHead:
        self._known(actor, ref)
        return CaseHead(
            ref=REF,
            title="冒充客服退款案",
            state="filed",
            unit=UNIT,
            retention=self.retention,
            opened_at=NOW - timedelta(days=3),
            opened_by="测试·甲",
            rows=ROWS if self.amount else RowAccount(),
            files=12 if self.amount else 0,
            movements=min(self.amount, 9_412),
            accounts=min(self.amount, 37),
            people=min(self.amount, 3),
            notes=len(self.notes_written),
            moves=("closed", "dismissed"),
            first_at=NOW - timedelta(days=90) if self.amount else None,
            last_at=NOW - timedelta(days=2) if self.amount else None,
        )

    def set_retention(self, actor: Actor, ref: str, retention: str, reason: str) -> None:
        self.retention = next(each for each in RETENTION if each.code == retention)

    def move(self, actor: Actor, ref: str, to: str, reason: str) -> None:
        self._known(actor, ref)
        self.moved.append((to, reason))

    def people(self, actor: Actor, ref: str, query: Query) -> Page[PersonLine]:
        def line(index: int) -> PersonLine:
            return PersonLine(
                name=Masked("测*", f"p{index}"),
                role=("person", "holder", "counterparty")[index % 3],
                id_number=Masked("990000********001X", f"i{index}"),
                phone=Masked("120****5678", f"t{index}") if index else None,
                number=Masked("9999 **** **** 0001", f"n{index}") if index == 2 else None,
                source=Place(path=named("查询反馈.zip/人员信息.csv"), row=2),
                added_at=NOW - timedelta(days=1),
                link="l1" if index == 1 else None,
                victim=f"{index:016x}" if index else None,
            )

        page: Page[PersonLine] = self._page(query, line, 3)
        return page

    def add_person(self, actor: Actor, ref: str, new: NewPerson) -> None:
        self._known(actor, ref)
        self.persons.append(new)

    def remove_person(self, actor: Actor, ref: str, link: str, reason: str) -> None:
        self._known(actor, ref)
        self.removed.append((link, reason))

    def notes(self, actor: Actor, ref: str) -> Sequence[NoteLine]:
        return self.notes_written

    def add_note(self, actor: Actor, ref: str, text: str) -> None:
        self._known(actor, ref)
        self.notes_written.insert(0, NoteLine(at=NOW, by="测试·甲", text=text))

    def log(self, actor: Actor, ref: str, query: Query) -> Page[LogLine]:
        page: Page[LogLine] = self._page(
            query,
            lambda index: LogLine(
                at=NOW - timedelta(minutes=index * 9),
                by="测试·甲",
                action=("case.opened", "import.done", "subject.revealed")[index % 3],
                object=REF,
                purpose="evidence" if index % 3 == 2 else "",
            ),
            40,
        )
        return page

    def search(self, actor: Actor, text: str, purpose: str) -> SearchView:
        self.searched.append(purpose)
        if text == number(1):
            hit = SearchHit(
                case=REF,
                title="冒充客服退款案",
                kind="card",
                matched=account_ref(1).number,
                role="holder",
                account="a0001",
            )
            return SearchView(hits=(hit,), kinds=("card",), elsewhere=(Elsewhere(unit=OTHER_UNIT, contact="值班员"),))
        return SearchView(kinds=("name",))

    def reveal(self, actor: Actor, ref: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        self._known(actor, ref)
        self.revealed.append((ref, tuple(asked), purpose))
        clear: dict[str, Callable[[str], str]] = {"n": lambda told: number(int(told)), "f": str}
        return {each: clear[each[0]](each[1:]) if each[0] in clear else "测试·乙" for each in asked}

    def staff(self, actor: Actor) -> Sequence[StaffLine]:
        analyst = HeldRole(role=ANALYST, unit=UNIT)
        one = StaffLine(
            id="p1", login="analyst", name="测试·甲", unit=UNIT, state="active", roles=(), is_self=True, may_give=False
        )
        other = StaffLine(id="p2", login="newcomer", name="测试·乙", unit=UNIT, state="invited", roles=(analyst,))
        return (one, other, replace(other, id="p3", login="left", state="disabled", roles=()))

    def staff_roles(self) -> Sequence[Choice]:
        return (ANALYST, Choice(code="reader", zh="查阅员", en="Reader"))

    def add_staff(self, actor: Actor, new: NewStaff) -> str:
        if not new.name:
            raise Invalid("access.bad_login")
        self.staff_acts.append(("add", new))
        return "p2"

    def give_role(self, actor: Actor, person: str, role: str, unit: str, institution: str = "") -> None:
        self.staff_acts.append(("give", person, role, unit))

    def take_role(self, actor: Actor, person: str, role: str, unit: str) -> None:
        self.staff_acts.append(("take", person, role, unit))

    def set_disabled(self, actor: Actor, person: str, disabled: bool) -> None:
        self.staff_acts.append(("disabled", person, disabled))

    def staff_link(self, actor: Actor, person: str) -> str:
        return "a-secret"

    def link_minutes(self) -> int:
        return 60

    def imports(self, actor: Actor, ref: str) -> Sequence[ImportLine]:
        if not self.amount:
            return ()
        first = ImportLine(
            id="11111111-0000-7000-8000-000000000001",
            at=NOW - timedelta(minutes=20),
            by="测试·甲",
            state="done",
            files=(
                named(f"查询反馈_{number(1)}.zip"),
                named("测试某某的流水.xlsx"),
                named("明细3.xlsx"),
                named("明细4.csv"),
            ),
            bytes=48_300_000,
            rows=ROWS,
            lost=(FaultLine(path=named("加密.xlsx"), code="files.encrypted", fields={"place": "加密.xlsx"}),),
            unread=1,
        )
        excluded = replace(
            first,
            id="11111111-0000-7000-8000-000000000002",
            files=(named("重复的明细.csv"),),
            excluded=True,
            exclusion_reason="另一案件的文件",
            exclusion_by="测试·甲",
            lost=(),
            unread=0,
        )
        failed = ImportLine(
            id="11111111-0000-7000-8000-000000000003",
            at=NOW - timedelta(days=1),
            by="测试·甲",
            state="failed",
            files=(named("加密.xlsx"),),
            bytes=91_000,
            rows=RowAccount(),
            retry=True,
            error="files.encrypted",
            error_fields={"place": "加密.xlsx"},
        )
        return (first, excluded, failed)

    def start_import(self, actor: Actor, ref: str, files: Sequence[UploadedFile]) -> str:
        self._known(actor, ref)
        self.started.append((ref, [(each.name, len(each.path.read_bytes())) for each in files]))
        return "22222222-0000-7000-8000-000000000001"

    def retry_import(self, actor: Actor, ref: str, work: str) -> None:
        self._known(actor, ref)
        self.retried.append(work)

    def progress(self, actor: Actor) -> Sequence[ImportProgress]:
        return self.running

    def set_excluded(self, actor: Actor, ref: str, imports: Sequence[str], excluded: bool, reason: str) -> None:
        self.exclusions.append((tuple(imports), excluded, reason))

    def quality(self, actor: Actor, ref: str, import_id: str | None) -> QualityView:
        self._known(actor, ref)
        if not self.amount:
            return QualityView(rows=RowAccount(), sources=(), reasons={})
        read = SourceLine(
            key="s1",
            import_id="11111111-0000-7000-8000-000000000001",
            path=named("查询反馈_示例银行.zip/交易明细_" + number(1) + ".csv"),
            state="read",
            format_id="query_feedback_transactions",
            certainty=98,
            encoding="gb18030",
            rows=ROWS,
            notes={"account_incomplete": 12},
        )
        odd = replace(
            read, key="s2", path=named("其他.xlsx#Sheet1"), state="unrecognised", certainty=41, rows=RowAccount()
        )
        return QualityView(
            rows=ROWS,
            sources=(read, odd),
            reasons={"failed": 40, "bad_time": 20, "no_amount": 3},
            faults=(FaultLine(path=named("加密.xlsx"), code="files.encrypted", fields={"place": "加密.xlsx"}),),
        )

    def rejected(self, actor: Actor, ref: str, query: Query) -> Page[RejectedLine]:
        self._known(actor, ref)
        page: Page[RejectedLine] = self._page(
            query,
            lambda index: RejectedLine(
                path=named("查询反馈_示例银行.zip/交易明细.csv"),
                row=17 + index,
                column="=交易时间" if index == 0 else "交易时间",
                reason=("bad_time", "failed")[index % 2],
            ),
            63,
        )
        return page

    def duplicates(self, actor: Actor, ref: str, query: Query) -> Page[DuplicateLine]:
        page: Page[DuplicateLine] = self._page(
            query,
            lambda index: DuplicateLine(
                path=named("明细2.xlsx#Sheet1"),
                row=2 + index,
                fate=("duplicate_entry", "duplicate_telling")[index % 2],
                repeats=Place(path=named("查询反馈_示例银行.zip/交易明细.csv"), row=17 + index),
            ),
            1_877,
        )
        return page

    def every_rejected(self, actor: Actor, ref: str, query: Query) -> Listing[RejectedLine]:
        return self._every(query, self.rejected, actor, ref)

    def every_duplicate(self, actor: Actor, ref: str, query: Query) -> Listing[DuplicateLine]:
        return self._every(query, self.duplicates, actor, ref)

    def every_movement(self, actor: Actor, ref: str, query: Query) -> Listing[MovementLine]:
        return self._every(query, self.movements, actor, ref)

    def every_account(self, actor: Actor, ref: str, query: Query) -> Listing[AccountLine]:
        return self._every(query, self.accounts, actor, ref)

    def _every(self, query: Query, fetch, actor: Actor, ref: str) -> Listing:  # type: ignore[no-untyped-def,type-arg]
        page = fetch(actor, ref, replace(query, page=1, size=20_000))
        return Listing(total=page.total, rows=iter(page.rows))

    def mapping_draft(self, actor: Actor, ref: str, import_id: str, source: str) -> MappingDraft:
        self._known(actor, ref)
        return MappingDraft(
            import_id=import_id,
            source=source,
            path=named("其他.xlsx#Sheet1"),
            columns=(
                MappingColumn(
                    index=0, header="发生日", samples=(Masked("2026-01-02"),), guess="time", certainty=93, why="values"
                ),
                MappingColumn(index=1, header="", samples=(Masked("9999 **** 0001"),), guess="own_card", certainty=61),
                MappingColumn(index=2, header="数", samples=(Masked("1,200.00"),), guess="", certainty=0),
            ),
            fields=("time", "own_card", "amount", "balance", "other"),
            notes=("draft_no_amount", "draft_no_direction"),
            asks_own=True,
        )

    def confirm_mapping(self, actor: Actor, ref: str, import_id: str, source: str, told: ConfirmedMapping) -> str:
        self.confirmed.append(told)
        return "22222222-0000-7000-8000-000000000002"

    def _movement(self, index: int) -> MovementLine:
        at = NOW - timedelta(days=90) + timedelta(minutes=13 * index)
        return MovementLine(
            id=f"m{index:012x}",
            at=at,
            exact="second" if index % 5 else "day",
            payer_at=at,
            payee_at=at + timedelta(seconds=61) if index % 3 else None,
            payer=account_ref(1 + index % 7),
            payee=account_ref(20 + index % 17, statement=False) if index % 11 else None,
            amount_fen=175_000_000 if index == 0 else 50_000 + index * 137,
            currency="CNY",
            exit=("none", "cash", "merchant", "none")[index % 4],
            doubts=("clock_contradiction", "matched_by_absence", "leftover")[: index % 9 - 3] if index % 9 > 3 else (),
            tellings=1 + index % 2,
        )

    def movements(self, actor: Actor, ref: str, query: Query) -> Page[MovementLine]:
        self._known(actor, ref)
        return self._page(query, self._movement)  # type: ignore[no-any-return]

    def movement(self, actor: Actor, ref: str, movement: str) -> MovementEvidence:
        self._known(actor, ref)
        line = self._movement(int(movement[1:], 16))
        cells = (
            Cell(header="交易卡号", value=account_ref(1).number),
            Cell(header="交易时间", value=Masked("20260105143011")),
            Cell(header="交易金额", value=Masked("1750000.00")),
            Cell(header="交易对手账卡号", value=account_ref(20).number),
            Cell(header="对手开户银行", value=Masked(LONG_BANK)),
            Cell(header="摘要说明", value=Masked("转账")),
        )
        tellings = (
            Telling(place=Place(path=named("查询反馈_示例银行.zip/交易明细.csv"), row=17), role="payer", cells=cells),
            Telling(place=Place(path=named("明细2.xlsx#Sheet1"), row=2), role="payee", cells=cells),
        )
        return MovementEvidence(movement=line, tellings=tellings)

    def _account(self, index: int) -> AccountLine:
        return AccountLine(
            account=account_ref(1 + index, statement=index < 7),
            kind=("card", "account", "wallet")[index % 3],
            bank="999900000001",
            institution=BankNames(zh=LONG_BANK if index == 0 else "测试银行", en="Test Bank"),
            rows=1_204 - index,
            first_at=NOW - timedelta(days=90),
            last_at=NOW - timedelta(days=2),
            in_fen=918_233_100 - index,
            out_fen=917_999_900,
            proof=("proven", "broken", "untold")[index % 3],
        )

    def accounts(self, actor: Actor, ref: str, query: Query) -> Page[AccountLine]:
        self._known(actor, ref)
        return self._page(query, self._account, 37)  # type: ignore[no-any-return]

    def account(self, actor: Actor, ref: str, account: str) -> AccountView:
        self._known(actor, ref)
        line = replace(self._account(int(account[1:]) - 1), proof="broken")
        parties = tuple(
            PartyFlow(
                account=account_ref(40 + index, statement=False),
                in_fen=91_000_000 // (index + 1),
                out_fen=12_300 * index,
                count=40 - index,
            )
            for index in range(5)
        )
        return AccountView(
            line=line,
            identifiers=(line.account.number, Masked("622848**********001", "n77")),
            names=(Masked("测*", "h1"),),
            active_days=61,
            covered_days=89,
            gaps=(Gap(first=date(2026, 1, 3), last=date(2026, 1, 9), days=7),),
            opening_fen=12_345,
            closing_fen=None,
            breaks=(
                Break(
                    at=NOW - timedelta(days=30),
                    before=Place(path=named("查询反馈.zip/交易明细.csv"), row=401),
                    after=Place(path=named("查询反馈.zip/交易明细.csv"), row=402),
                    missing_fen=-250_000,
                ),
            ),
            in_count=602,
            out_count=601,
            cash_in_fen=0,
            cash_out_fen=30_000_000,
            night_count=211,
            timed_count=1_204,
            by_day=tuple(
                Flow(
                    label=(date(2025, 12, 5) + timedelta(days=index)).isoformat(),
                    in_fen=(index * 7_919_000) % 23_000_000,
                    out_fen=(index * 5_407_000) % 21_000_000,
                )
                for index in range(89)
            ),
            by_hour=tuple(
                Flow(label=f"{hour:02d}", in_fen=hour * 1_000_000, out_fen=(23 - hour) * 900_000) for hour in range(24)
            ),
            counterparties=parties,
            devices=(
                SharedDevice(
                    kind="ip", device=Masked("192.0.2.*", "d1"), rows=31, accounts=(account_ref(2), account_ref(3))
                ),
            ),
            missing=parties[:3],
        )

    def find_account(self, actor: Actor, ref: str, text: str) -> str | None:
        return "a0001" if text == number(1) else None
