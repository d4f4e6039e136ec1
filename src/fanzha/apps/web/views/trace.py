"""What a URL asks of a trace, and what the pages about it show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar, get_args

from starlette.datastructures import QueryParams

from fanzha.apps.web.views.shown import AccountRef, BankNames, Place
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import MAX_FEN
from fanzha.tracing.follow.question import HOUR_S, LONGEST_HORIZON_S, Direction, Method, horizon_seconds
from fanzha.workflows.case_patterns import NamedPattern
from fanzha.workflows.trace_sums import Sums

Way = Literal["", "out", "in", "victims"]
Code = TypeVar("Code", Method, Direction)

STARTS = 200
"""Payments one URL may name, as many as a page of a table shows: more are an account's, and are named by it."""

QUESTION = ("from", "of", "way", "method", "direction", "horizon", "floor_fen")
"""The parameters that are the question; everything else in a URL only turns its pages."""

MOVEMENT = "[0-9a-f]{16}"
"""The key of a movement or an account, as a pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceQuestion:
    """What to follow and how: payments by their ids, all that an account (its opaque key) paid or got, or victims paid.

    Nothing here is personal; equal questions are equal values. `victims` are the keys of the accounts that are the
    victims' when it is asked: no URL names them, and another mark makes it another question.
    """

    starts: tuple[str, ...] = ()
    account: str = ""
    way: Way = ""
    method: Method = Method.FIFO
    direction: Direction = Direction.FORWARD
    horizon_s: int = 72 * HOUR_S
    floor_fen: int = 10_000
    victims: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether anything to follow is named."""
        return bool(self.starts or self.way)


def read_question(params: QueryParams) -> TraceQuestion:
    """The question of a URL: `from` (repeated), `of` with `way`, or `way=victims`; then how it is to be followed.

    `Invalid` names the parameter that cannot be understood. Whether a case has what is named is not asked here.
    """
    starts = tuple(dict.fromkeys(params.getlist("from")))
    if len(starts) > STARTS:
        raise Invalid("trace.too_many_starts", count=len(starts), most=STARTS)
    if not all(re.fullmatch(MOVEMENT, each) for each in starts):
        raise Invalid("web.bad_filter", name="from")
    account, way = params.get("of", ""), _way(params.get("way", ""))
    if account and not re.fullmatch(MOVEMENT, account):
        raise Invalid("web.bad_filter", name="of")
    if bool(account) != (way in ("out", "in")) or (way and starts):
        raise Invalid("web.bad_filter", name="of")
    return TraceQuestion(
        starts=starts,
        account=account,
        way=way,
        method=_code(Method, params, "method"),
        direction=_code(Direction, params, "direction"),
        horizon_s=_horizon(params.get("horizon", "")),
        floor_fen=_floor(params.get("floor_fen", "")),
    )


def _way(told: str) -> Way:
    if told in get_args(Way):
        return told  # type: ignore[return-value]  # one of them
    raise Invalid("web.bad_filter", name="way")


def _code(kind: type[Code], params: QueryParams, name: str) -> Code:
    told = params.get(name)
    try:
        return kind(told) if told else next(iter(kind))
    except ValueError:
        raise Invalid("web.bad_filter", name=name) from None


def _horizon(told: str) -> int:
    if not told:
        return 72 * HOUR_S
    asked_s = horizon_seconds(told)
    if asked_s > LONGEST_HORIZON_S:
        raise Invalid("trace.bad_horizon", hours=asked_s // HOUR_S, most=LONGEST_HORIZON_S // HOUR_S)
    return asked_s


def _floor(told: str) -> int:
    if not told:
        return 10_000
    if not (told.isascii() and told.isdigit() and len(told) <= len(str(MAX_FEN)) and int(told) >= 1):
        raise Invalid("web.bad_filter", name="floor_fen")
    return int(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLine:
    """One starting payment, its number among those asked, and what became of it; sums as in `Sums`."""

    start: int
    id: str
    at: datetime
    exact: str
    payer: AccountRef | None
    payee: AccountRef | None
    started_fen: int
    held_fen: int
    last_seen_fen: int
    before_fen: int
    gone_fen: int
    below_floor_fen: int
    disputed_fen: int

    @property
    def came_fen(self) -> int:
        """The same as `gone_fen`, as it is called when it is asked where money came from."""
        return self.gone_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingLine:
    """Traced money of a start (by number) in an account; `lies` and `conclusive` are codes, times those of its hops.

    `inferred` is `balance` where how much it is rests on a balance, else none. Beside it what the account's bank said
    last: `bank_fen` there, `bank_available_fen` to be used, at `bank_at`; the bank's word and ours, never added.
    """

    account: AccountRef | None
    layers: tuple[int, ...]
    traced_fen: int
    lies: str
    conclusive: str
    inferred: str
    earliest_at: datetime
    latest_at: datetime
    earliest_at_exact: str
    latest_at_exact: str
    start: int
    bank_fen: int | None = None
    bank_available_fen: int | None = None
    bank_at: datetime | None = None

    @property
    def to_order(self) -> AccountRef | None:
        """The account about which an order may be opened from here."""
        return self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class HopLine:
    """A traced part of a payment. `id` is empty for money that balances prove and no row tells (`told` is then no).

    `became` is a code of `HopKind`, or of `Exit` for what left.

    `place` is the first of `tellings` rows that are its evidence; `order` says whether ledgers contradict its place,
    `inferred` (`balance` or none) whether how much of it is traced rests on a balance.
    """

    id: str
    at: datetime
    exact: str
    payer: AccountRef | None
    payee: AccountRef | None
    payer_layers: tuple[int, ...]
    payee_layers: tuple[int, ...]
    amount_fen: int
    traced_fen: int
    became: str
    told: str
    order: str
    inferred: str
    place: Place
    tellings: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingLine:
    """A statement worth asking for: why, the fen at stake, when they came, and for which Shanghai days to ask."""

    account: AccountRef | None
    bank: str
    institution: BankNames
    layers: tuple[int, ...]
    lack: str
    traced_fen: int
    earliest_at: datetime
    latest_at: datetime
    earliest_at_exact: str
    latest_at_exact: str
    first_day: date
    last_day: date

    @property
    def to_order(self) -> AccountRef | None:
        """The account about which an order may be opened from here."""
        return self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageLine:
    """How traced money went through an account; `dwell_s` None where none left, `share` of what came that went."""

    account: AccountRef | None
    layers: tuple[int, ...]
    in_fen: int
    out_fen: int
    share: float
    residue_fen: int
    dwell_s: int | None
    night_cash_fen: int
    earliest_at: datetime
    latest_at: datetime
    earliest_at_exact: str
    latest_at_exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """Where the rules disagree: between low and high of a start's fen went by a payment (`id`) or lies there."""

    where: str
    id: str
    account: AccountRef | None
    low_fen: int
    high_fen: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodLine:
    """The sums of the same question by one method, and in how many hops; None where it cannot be asked so."""

    method: str
    hops: int
    sums: Sums | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternLine:
    """A pattern in which the traced money took part, and the accounts that it is about; `named` is not for showing."""

    accounts: tuple[AccountRef | None, ...]
    named: NamedPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessLine:
    """Fen that a balance proves and no row tells, negative where they left; the row whose balance it is, if any."""

    fen: int
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingLine:
    """An account of which traced fen rest on balances, and what these prove: the first few of `count`."""

    account: AccountRef | None
    fen: int
    guesses: tuple[GuessLine, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    """A told balance that the account's next one takes back: nothing was inferred from it."""

    account: AccountRef | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundLine:
    """What lay in an account by every rule, of all starts: `low_fen` to `high_fen`; `has_statement` else last seen."""

    account: AccountRef | None
    has_statement: bool
    low_fen: int
    high_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """A trace on one page: the sums of all starts, how many rows each table has, what limits it reached.

    `account` is the one whose payments are followed; `holdings`, `asking` and `patterns` are the largest ones;
    `patterns_cut` accounts have more equal payments than are compared, `patterns_left_out` findings are not told.
    `resting` and `slips`, what rests on balances and what contradicts them, and `bounds`, what lay where by every rule,
    are the first of so many.
    """

    starts: int
    account: AccountRef | None
    sums: Sums
    stop: str
    cut: tuple[AccountRef | None, ...]
    hops: int
    holdings_count: int
    asking_count: int
    disputes_count: int
    holdings: tuple[HoldingLine, ...]
    asking: tuple[AskingLine, ...]
    patterns_count: int = 0
    patterns: tuple[PatternLine, ...] = ()
    patterns_cut: int = 0
    patterns_left_out: int = 0
    resting_count: int = 0
    resting: tuple[RestingLine, ...] = ()
    slips_count: int = 0
    slips: tuple[SlipLine, ...] = ()
    bounds_count: int = 0
    bounds: tuple[BoundLine, ...] = ()
