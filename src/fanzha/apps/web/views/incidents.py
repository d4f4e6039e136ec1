"""What the live desk shows: the board of incidents, one incident with its chase, standing authorities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.chase_graph import ChaseGraph
from fanzha.apps.web.views.institutions import ContactLine
from fanzha.apps.web.views.orders import OrderLine
from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """An incident as a row: how long ago it was reported, what is held, what may still be had, what is gone.

    `doubtful_fen` is probably gone, `gone_fen` known to be. Where several are chased `together`, every sum is this
    incident's own share: the shares of all add up to the case's.
    """

    number: str
    taken_at: datetime
    paid_at: datetime
    source: str
    scam_type: str
    lost_fen: int
    holding_fen: int
    recoverable_fen: int
    doubtful_fen: int
    gone_fen: int
    together: int
    waiting: int
    state: str
    handler: str
    unit: Choice

    @property
    def order_number(self) -> str:
        """The incident's number as the first column."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A payment that the victim told: to whom, at which institution, how much, when; `key` names it in its incident."""

    payee: Masked
    name: Masked | None
    institution: Choice
    amount_fen: int
    at: datetime
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """What is worth doing about an account now, and why it has not left: `waits` is a code, `because` an error's,
    `desks` whom to ring up about it."""

    kind: str
    query_of: str
    account: str
    waits: str
    because: str
    recoverable_fen: int
    desks: Sequence[ContactLine] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasedLine:
    """An account of the chase: whose, where, its layer, what lies there by all that is told, and what holds it.

    `place` is held, moving, doubtful, absent where the bank keeps no such account, or awaited where nothing came yet;
    `complete` where no figure of its number is hidden; `beyond_fen` is held beyond what is traced, times hours in the
    next; `chance` the share of a hundred that money still lies there.
    """

    key: str
    account: Masked
    holder: Masked | None
    institution: Choice | None
    bank: str
    layer: int
    fen: int
    balance_fen: int | None
    held_fen: int
    recoverable_fen: int
    chance: int
    came_at: datetime
    place: str
    excluded: bool
    confirmed: bool
    beyond_fen: int
    beyond_fen_hours: int
    orders: Sequence[OrderLine]
    moves: Sequence[MoveLine]
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One thing that happened to the incident or to an order of its chase, newest first on the page.

    `order` is the order's number, empty for what happened to the incident itself; `result` is a bank's code; `instead`
    the account that a payment was told to before it was put right; `note` an order entry's, or what a hand-over told.
    """

    at: datetime
    kind: str
    by: str
    is_house: bool
    order: str = ""
    order_kind: str = ""
    act: str = ""
    account: Masked | None = None
    institution: Choice | None = None
    result: str = ""
    code: str = ""
    note: str = ""
    words: str = ""
    amount_fen: int | None = None
    ends_at: datetime | None = None
    instead: Masked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoLine:
    """What a person must do now about the orders of one account: `what` is a code of `words.must`, `act` what its
    button does, `then` what mends it (a code of `words.must_then`), `paper` the instruction whose form is ready to be
    faxed, `desks` whom to telephone, `payment` the key of the told payment that named the account.

    Several orders that fail in the same way are one line: its button is about all of them, its form the first's.
    """

    orders: Sequence[OrderLine]
    what: str
    code: str
    act: str
    instruction: str = ""
    paper: str = ""
    then: str = ""
    payment: str = ""
    desks: Sequence[ContactLine] = ()

    @property
    def order(self) -> OrderLine:
        """The order about the most fen."""
        return self.orders[0]

    @property
    def national(self) -> str:
        """The catalogue's result code, which an officer reads to the bank; what the house names itself has none."""
        return self.code if self.code.isdigit() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldContact:
    """A number, site or app that the report names and that can be blocked; `at` is its place among them."""

    at: int
    kind: str
    value: str
    target: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a shift can hand over, and to whom."""

    incidents: Sequence[IncidentLine]
    mine: str
    people: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityLine:
    """A standing authority: for what, how far, until when, who signed, how much of it is used."""

    number: str
    reach: str
    incident: str
    kinds: Sequence[str]
    layers: int
    accounts: int
    accounts_used: int
    total_fen: int
    used_fen: int
    least_fen: int
    least_share: int
    excluded: Sequence[str]
    since: datetime
    until: datetime
    state: str
    drafted_by: str
    signed_by: Sequence[str]
    missing: Sequence[Choice]
    reason: str
    may_sign: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """One incident with its chase as it stands now."""

    line: IncidentLine
    case: str
    victim: Masked | None
    payments: Sequence[PaymentLine]
    accounts: Sequence[ChasedLine]
    orders: Sequence[OrderLine]
    steps: Sequence[StepLine]
    todo: Sequence[TodoLine]
    stops_waiting: int
    stops_together: int
    contacts: Sequence[ToldContact]
    authorities: Sequence[AuthorityLine]
    identity_checked_at: datetime | None
    paperwork_due: datetime
    outcome: str
    writable: bool
    same: Sequence[IncidentLine]
    graph: ChaseGraph | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPayment:
    """A payment as it was typed; with a reason, `instead` of the told one of that key."""

    institution: str
    payee: str
    payee_name: str
    amount_fen: int
    at: datetime
    payer: str = ""
    instead: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReport:
    """A report as it was typed; `key` makes sending it twice one incident."""

    source: str
    reported_at: datetime | None
    payments: Sequence[AskedPayment]
    victim: str
    scam_type: str
    words: str
    identity_checked: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAct:
    """What somebody does about an incident: `account` is a key of its chase, `kind` an order's, `orders` numbers,
    `holder` the name of the account's holder as it was told."""

    act: str
    reason: str = ""
    account: str = ""
    kind: str = ""
    orders: Sequence[str] = ()
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An incident that looks like the same gang's: `because` is payee, or the app, site or number that both name."""

    line: IncidentLine
    because: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """An incident and those that may be joined to it."""

    line: IncidentLine
    found: Sequence[Alike]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAwaited:
    """An account to which money is awaited, as it was typed."""

    institution: str
    account: str
    holder: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAuthority:
    """A standing authority as it was typed; without an incident for the shift's first stops."""

    incident: str
    kinds: Sequence[str]
    layers: int
    accounts: int
    total_fen: int
    least_fen: int
    least_share: int
    excluded: Sequence[str]
    hours: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Narrower limits of an authority, and why; what is None stays as it is, `excluded` is all that is left out."""

    reason: str
    layers: int | None = None
    accounts: int | None = None
    total_fen: int | None = None
    least_fen: int | None = None
    least_share: int | None = None
    excluded: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDraft:
    """What the form of an authority proposes."""

    incident: str
    kinds: Sequence[str]
    layers: int
    accounts: int
    total_fen: int
    least_fen: int
    least_share: int
    excluded: Sequence[str]
    hours: int
    longest_hours: int
