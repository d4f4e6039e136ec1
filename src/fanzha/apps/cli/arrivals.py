"""`fanzha statements accounts`: per account what arrived, which devices several share, whose statements are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fanzha.apps.cli.commands import command, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, Row, give
from fanzha.apps.cli.statements import Case, Form, app
from fanzha.cases.subjects import MASKS, SubjectKind
from fanzha.kernel.clock import from_days, from_micros
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.rows import UNKNOWN_FEN
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.tracing.account_facts import AccountFacts, BalanceBreak, Counterparty, Gap
from fanzha.tracing.movements.movements import BalanceProof
from fanzha.wiring.arrivals import Arrivals, case_arrivals
from fanzha.wiring.house import operator
from fanzha.workflows.case_ledger import CaseLedger

ACCOUNT = (
    "account", "identifiers", "holder", "first_at", "last_at", "rows", "active_days", "gap_days", "longest_gaps",
    "opening_fen", "closing_fen", "proof", "breaks", "in_fen", "in_count", "out_fen", "out_count", "cash_in_fen",
    "cash_out_fen", "night_count", "timed_count", "night_share", "top_payers", "top_payees",
)  # fmt: skip
ACCOUNT_IN_TABLE = (
    "account", "holder", "first_at", "last_at", "rows", "gap_days", "opening_fen", "closing_fen", "proof", "in_fen",
    "out_fen", "cash_out_fen", "night_share",
)  # fmt: skip
DEVICE = ("kind", "device", "rows", "accounts", "evidence")
DEVICE_IN_TABLE = ("kind", "device", "rows", "accounts")
MISSING = (
    "account", "holder", "received_fen", "received_count", "paid_fen", "paid_count", "payers", "first_at", "last_at",
)  # fmt: skip
HIDDEN_END = 4
"""Characters of a device that are not shown to everybody."""


@command(app, "statements.accounts")
def accounts(
    case: Case,
    devices: Annotated[bool, option("statements.accounts.devices", "--devices")] = False,
    missing: Annotated[bool, option("statements.accounts.missing", "--missing")] = False,
    purpose: Annotated[str, option("statements.movements.purpose", "--purpose")] = "case_work",
    mask: Annotated[bool, option("statements.movements.mask", "--mask")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Per account what arrived; on a terminal masked, in files in full and on record."""
    if devices and missing:
        raise Invalid("cli.one_list")
    table = form is Format.TABLE
    hidden = mask or table or not purpose
    with opened_house() as house:
        arrived = case_arrivals(house, operator(), case, "" if hidden else purpose)
    telling = Telling(arrived=arrived, hidden=hidden)
    if devices:
        give(telling.devices(), DEVICE_IN_TABLE if table else DEVICE, form)
    elif missing:
        give(telling.missing(), MISSING, form)
    else:
        give(telling.accounts(), ACCOUNT_IN_TABLE if table else ACCOUNT, form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What arrived as rows to give; `hidden` masks every number, name and device."""

    arrived: Arrivals
    hidden: bool

    @property
    def ledger(self) -> CaseLedger:
        """The case's ledger, which knows accounts by their node."""
        return self.arrived.ledger

    def accounts(self) -> Iterator[Row]:
        """One row an account with a statement, in the order in which the files name them."""
        return (self._account(each) for each in self.arrived.facts)

    def devices(self) -> Iterator[Row]:
        """One row a shared device, those of most accounts first."""
        for each in self.arrived.devices:
            yield {
                "kind": each.kind,
                "device": self._device(each.value),
                "rows": each.row_count,
                "accounts": [self._number(node) for node in each.nodes],
                "evidence": [self._place(row) for row in each.evidence],
            }

    def missing(self) -> Iterator[Row]:
        """One row an account without statement."""
        for each in self.arrived.missing:
            yield {
                "account": self._number(each.node),
                "holder": self._holder(each.node),
                "received_fen": each.received_fen,
                "received_count": each.received_count,
                "paid_fen": each.paid_fen,
                "paid_count": each.paid_count,
                "payers": each.payers,
                "first_at": from_micros(each.first_us),
                "last_at": from_micros(each.last_us),
            }

    def _account(self, facts: AccountFacts) -> Row:
        return {
            "account": self._number(facts.node),
            "identifiers": [self._masked(text) for text in self.ledger.found.accounts.spellings(facts.node)],
            "holder": self._holder(facts.node),
            "first_at": from_micros(facts.first_us),
            "last_at": from_micros(facts.last_us),
            "rows": facts.row_count,
            "active_days": facts.active_days,
            "gap_days": facts.gap_days,
            "longest_gaps": [_gap(each) for each in facts.longest_gaps],
            "opening_fen": _told(facts.opening_fen),
            "closing_fen": _told(facts.closing_fen),
            "proof": BalanceProof(facts.proof).name.lower(),
            "breaks": [self._break(each) for each in facts.breaks],
            "in_fen": facts.in_fen,
            "in_count": facts.in_count,
            "out_fen": facts.out_fen,
            "out_count": facts.out_count,
            "cash_in_fen": facts.cash_in_fen,
            "cash_out_fen": facts.cash_out_fen,
            "night_count": facts.night_count,
            "timed_count": facts.timed_count,
            "night_share": round(facts.night_share, 3),
            "top_payers": [self._counterparty(each) for each in facts.top_payers],
            "top_payees": [self._counterparty(each) for each in facts.top_payees],
        }

    def _counterparty(self, each: Counterparty) -> dict[str, object]:
        return {
            "account": self._number(each.node),
            "holder": self._holder(each.node),
            "amount_fen": each.fen,
            "count": each.count,
            "first_at": from_micros(each.first_us),
            "last_at": from_micros(each.last_us),
            "evidence": self._place(each.evidence),
        }

    def _break(self, each: BalanceBreak) -> dict[str, object]:
        return {
            "missing_fen": each.missing_fen,
            "before": self._place(each.row_before),
            "after": self._place(each.row_after),
        }

    def _place(self, row: int) -> dict[str, object]:
        place = self.ledger.place(row)
        file, sheet = file_and_sheet(place.source.path)
        return {"file": file, "sheet": sheet, "row": place.row, "sha256": place.source.key[:64]}

    def _number(self, node: int) -> str:
        return self._masked(self.ledger.found.accounts.primary[node])

    def _masked(self, number: str) -> str:
        return MASKS[SubjectKind.ACCOUNT](number) if self.hidden else number

    def _holder(self, node: int) -> str | None:
        name = self.ledger.name(node)
        return (MASKS[SubjectKind.NAME](name) if self.hidden else name) if name else None

    def _device(self, value: str) -> str:
        return value[:-HIDDEN_END] + "*" * min(HIDDEN_END, len(value)) if self.hidden else value


def _gap(each: Gap) -> dict[str, object]:
    first, last = (from_days(day) for day in (each.first_day, each.last_day))
    return {"first_day": first, "last_day": last, "days": each.days}


def _told(fen: int) -> int | None:
    return None if fen == UNKNOWN_FEN else fen
