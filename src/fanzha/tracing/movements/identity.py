"""One account under two numbers that no file links: what transfers told from both ends, and names, show of it.

A bank's own statement is headed by the account number, while everybody else names the card. The card then has no books,
the account's credits have no sender's telling, and each transfer would count twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Flag
from fanzha.tracing.movements.accounts import Parties
from fanzha.tracing.movements.identity_kernels import near_tellings
from fanzha.tracing.movements.movements import MINUTE_US, AccountKind, PairingLimits
from fanzha.tracing.movements.pairing import NEVER_BY_ABSENCE
from fanzha.tracing.movements.runs import packed
from fanzha.tracing.movements.tellings import Tellings, mixed_key

SILENT = Flag.REVERSAL | NEVER_BY_ABSENCE
"""Rows like these say nothing about who keeps which number."""
PROMPT_US = 2 * MINUTE_US
ROUND_FEN = 10_000
"""Everybody transfers whole hundreds of yuan, so their being equal says little."""
ENOUGH = 3
"""Points that join a number to an account of the same name, or a mask to its only fit."""
ENOUGH_UNNAMED, TIMES_UNNAMED = 6, 2
"""Points, and transfers, that join a number whose holder nobody names."""
MATCHES_OF_EACH_MISS = 10
"""Rows get lost and amounts are misread, but another account of the same person misses nearly all."""
MOST_NEAR = 1_000_000

_NO, _SOFT, _NAMED, _MASKED, _BARE, _SAME = range(6)
"""What one end of two tellings shows: contradiction, a party untold, a number of that name, one that the mask fits,
one of nobody known, the same account."""


class Identity(NamedTuple):
    """The account `number`, which keeps no books in the case, is the account `keeper`, which does."""

    number: int
    keeper: int


@dataclass(slots=True)
class _Case:
    """What speaks for one identity: points of each telling of either end, and tellings that found any counterpart."""

    points: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))
    met: set[int] = field(default_factory=set)
    unnamed: bool = False

    def add(self, telling: int, own: int, points: int) -> None:
        """The number's telling and the keeper's own agree by so many points; 0 for too far apart to count."""
        self.met.add(telling)
        for known, at in zip(self.points, (telling, own), strict=True):
            if points:
                known[at] = max(points, known.get(at, 0))

    def convinces(self) -> bool:
        """Whether the points are enough, however they are shared out among equal transfers."""
        sums = min(sum(known.values()) for known in self.points)
        times = min(map(len, self.points))
        return sums >= ENOUGH_UNNAMED and times >= TIMES_UNNAMED if self.unnamed else sums >= ENOUGH


class _Known(NamedTuple):
    """Of each account: whether it is a complete number without books, whether it keeps books, its one name.

    `apart`: int64, sorted keys of the accounts whose books deal with a number as with somebody else's.
    """

    foreign: NDArray[np.bool_]
    keeper: NDArray[np.bool_]
    names: NDArray[np.int32]
    apart: NDArray[np.int64]

    def are_apart(self, account: NDArray[np.int32], number: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether these accounts' own books name these numbers as other accounts."""
        return np.isin(_pair_key(account, number), self.apart)


def _pair_key(account: NDArray[np.int32], number: NDArray[np.int32]) -> NDArray[np.int64]:
    return (account.astype(np.int64) << 32) | number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Rows of accounts' own books that still miss their other telling, beside all rows of the case."""

    rows: Tellings
    parties: Parties
    speaks: NDArray[np.bool_]
    """Which tellings stand for an entry that was not taken back."""
    open: NDArray[np.bool_]
    limits: PairingLimits

    def foreign(self) -> NDArray[np.bool_]:
        """bool[accounts + 1]: complete numbers without books; wallets say whose they are."""
        accounts = self.parties.accounts
        outside = ~accounts.has_statement & (accounts.kind != AccountKind.WALLET) & ~self.parties.fits.partial
        return np.append(outside, False)

    def keeper(self) -> NDArray[np.bool_]:
        """bool[accounts + 1]: accounts with books."""
        accounts = self.parties.accounts
        return np.append(accounts.has_statement & (accounts.kind != AccountKind.WALLET), False)

    def names(self) -> NDArray[np.int32]:
        """int32[accounts + 1]: the one name an account is told with, `ABSENT` for none, −2 for several."""
        rows, count = self.rows, len(self.parties.accounts)
        least = np.full(count + 1, np.iinfo(np.int32).max, np.int32)
        most = np.full(count + 1, ABSENT, np.int32)
        for node, name in ((rows.own, rows.own_name), (rows.other, rows.other_name)):
            told = name != ABSENT
            np.minimum.at(least, node[told], name[told])
            np.maximum.at(most, node[told], name[told])
        most[-1] = least[-1] = ABSENT
        return np.where(most == ABSENT, ABSENT, np.where(least == most, most, -2)).astype(np.int32)

    def known(self) -> _Known:
        """What is known of each account before tellings are compared."""
        rows, foreign = self.rows, self.foreign()
        dealt = np.flatnonzero(foreign[rows.other] & (rows.side != 0))
        apart = np.unique(_pair_key(rows.own[dealt], rows.other[dealt]))
        return _Known(foreign=foreign, keeper=self.keeper(), names=self.names(), apart=apart)


def same_accounts(evidence: Evidence) -> list[Identity]:
    """Numbers that transfers show to be accounts with books; each is joined only where one account alone is left."""
    known = evidence.known()
    cases: dict[Identity, _Case] = defaultdict(_Case)
    for edges in _near(evidence, known):
        _weigh(evidence, edges, known, cases)
    if not cases:
        return []
    against = _Against.of(evidence, {each.number for each in cases})
    found = [each for each, case in cases.items() if case.convinces() and against.allows(each, case)]
    numbers, masks = [each.number for each in found], [each.keeper for each in found]
    partial = evidence.parties.fits.partial
    return sorted(
        each
        for each in found
        if numbers.count(each.number) == 1 and not (partial[each.keeper] and masks.count(each.keeper) > 1)
    )


def _near(evidence: Evidence, known: _Known) -> Iterator[NDArray[np.int64]]:
    """Open payers' and payees' tellings of equal sums near each other, that names, a number or a mask could join."""
    rows, fits = evidence.rows, evidence.parties.fits
    foreign, keeper, names = known.foreign, known.keeper, known.names
    usable = evidence.open & evidence.speaks & (rows.side != 0) & ~rows.has(SILENT) & (rows.amount > 0)
    outside = usable & foreign[rows.other]
    if not outside.any():
        return
    own_name, other_name = names[rows.own], np.where(rows.other == ABSENT, rows.other_name, names[rows.other])
    received = rows.side > 0
    payer, payee = np.where(received, other_name, own_name), np.where(received, own_name, other_name)
    is_kept = np.zeros(int(max(names.max(), rows.other_name.max(initial=0))) + 3, np.bool_)
    is_kept[names[keeper]] = True
    is_kept[[ABSENT, -2]] = False
    yield from _grouped(evidence, outside & is_kept[other_name], usable, (payer, payee))
    unnamed = outside & (other_name == ABSENT)
    for side in (-1, 1):
        party = np.where(rows.side == side, rows.own, rows.other)
        yield from _grouped(evidence, unnamed & (rows.side == side), usable & (rows.side == -side), (party,))
    masked = np.append(fits.partial, False) & keeper
    if masked.any():
        fitting = np.zeros(len(keeper), np.bool_)
        for node in np.flatnonzero(masked):
            fitting[fits.nodes[fits.start[node] : fits.start[node + 1]]] = True
        yield from _grouped(evidence, outside & fitting[rows.other], usable & masked[rows.own], ())


def _grouped(
    evidence: Evidence,
    numbered: NDArray[np.bool_],
    others: NDArray[np.bool_],
    columns: tuple[NDArray[np.int32], ...],
) -> Iterator[NDArray[np.int64]]:
    """Pairs near in time of which one names a number without books, equal in sum and `columns`."""
    rows = evidence.rows
    sums = np.zeros(int(rows.sum.max(initial=0)) + 1, np.bool_)
    sums[rows.sum[numbered]] = True
    chosen = rows.in_time(numbered | (others & sums[rows.sum]))
    if len(chosen):
        members, bounds = packed(chosen, mixed_key(rows.sum[chosen], *(column[chosen] for column in columns)))
        times = rows.at_us, rows.width_us
        yield near_tellings(bounds, members, rows.side > 0, times, evidence.limits.settlement_us, MOST_NEAR)


def _weigh(
    evidence: Evidence,
    edges: NDArray[np.int64],
    known: _Known,
    cases: dict[Identity, _Case],
) -> None:
    """Add what pairs of tellings say for the identities that they need."""
    rows = evidence.rows
    edges = edges[rows.own[edges[:, 0]] != rows.own[edges[:, 1]]]
    paid, got = edges[:, 0], edges[:, 1]
    ends = _end(evidence, known, paid, got), _end(evidence, known, got, paid)
    possible = (ends[0] != _NO) & (ends[1] != _NO)
    far = np.abs(rows.at_us[paid] - rows.at_us[got])
    width = np.maximum(rows.width_us[paid], rows.width_us[got])
    far = np.where(rows.width_us[paid] == rows.width_us[got], far, np.maximum(0, far - width))
    prompt = (far <= PROMPT_US) & (width <= MINUTE_US)
    crosswise = prompt & (ends[0] == _NAMED) & (ends[1] == _NAMED)
    extra = prompt.astype(np.int64) + crosswise + (rows.amount[paid] % ROUND_FEN != 0)
    timely = far <= evidence.limits.clock_us
    for telling, own, this, that in ((paid, got, *ends), (got, paid, *ends[::-1])):
        support = np.select([that == _SAME, (that == _NAMED) | (that == _MASKED)], [2, 1], 0)
        support += (that == _SOFT) & _told_alike(evidence, known.names, own, telling)
        points = np.where(timely, support + extra + 2 * (this == _MASKED), 0)
        links = possible & ((this == _NAMED) | (this == _MASKED) | ((this == _BARE) & (that == _SAME)))
        for at in np.flatnonzero(links).tolist():
            case = cases[Identity(int(rows.other[telling[at]]), int(rows.own[own[at]]))]
            case.unnamed |= bool(this[at] == _BARE)
            case.add(int(telling[at]), int(own[at]), int(points[at]))


def _end(
    evidence: Evidence,
    known: _Known,
    telling: NDArray[np.int64],
    own: NDArray[np.int64],
) -> NDArray[np.int64]:
    """What `telling` calls the account whose own books tell the same in `own`."""
    foreign, names = known.foreign, known.names
    rows, fits = evidence.rows, evidence.parties.fits
    told, account = rows.other[telling], rows.own[own]
    partial = np.append(fits.partial, False)
    a, b = np.where(told == ABSENT, rows.other_name[telling], names[told]), names[account]
    contradict = (a != b) & (a != ABSENT) & (b != ABSENT)
    link = foreign[told] & known.keeper[account] & (a != -2) & (b != -2) & ~known.are_apart(account, told)
    fitting = _only_fit(evidence, foreign, account) == told
    return np.select(
        [
            told == account,
            contradict,
            link & partial[account] & fitting,
            link & ~partial[account] & (a == b) & (a != ABSENT),
            link & ~partial[account] & (a == ABSENT),
            (told == ABSENT) | partial[told],
        ],
        [_SAME, _NO, _MASKED, _NAMED, _BARE, _SOFT],
        _NO,
    )


def _only_fit(evidence: Evidence, foreign: NDArray[np.bool_], masks: NDArray[np.int32]) -> NDArray[np.int32]:
    """The one number without books that each mask could be, −2 for none or several and for complete numbers."""
    fits = evidence.parties.fits
    only = np.full(len(foreign), -2, np.int32)
    for mask in np.unique(masks[np.append(fits.partial, False)[masks]]):
        could_be = fits.nodes[fits.start[mask] : fits.start[mask + 1]]
        outside = could_be[foreign[could_be]]
        if len(outside) == 1 and not fits.wide[mask]:
            only[mask] = outside[0]
    return only[masks]


def _told_alike(
    evidence: Evidence, names: NDArray[np.int32], telling: NDArray[np.int64], own: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether a telling without a number calls its counterparty as that account's own books do."""
    told = evidence.rows.other_name[telling]
    alike: NDArray[np.bool_] = (told != ABSENT) & (told == names[evidence.rows.own[own]])
    return alike


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Against:
    """What speaks against identities: tellings that name a number, by number, and the time that books cover."""

    telling: NDArray[np.int64]
    number: NDArray[np.int32]
    own: NDArray[np.int32]
    at_us: NDArray[np.int64]
    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]

    @staticmethod
    def of(evidence: Evidence, numbers: set[int]) -> _Against:
        """All tellings of these numbers, and the cover of all books."""
        rows, accounts = evidence.rows, len(evidence.parties.accounts)
        asked = np.zeros(accounts + 1, np.bool_)
        asked[list(numbers)] = True
        naming = np.flatnonzero(asked[rows.other] & (rows.side != 0))
        chosen = naming[evidence.speaks[naming] & ~rows.has(SILENT)[naming] & (rows.amount[naming] > 0)]
        chosen = chosen[np.argsort(rows.other[chosen], kind="stable")]
        first = np.full(accounts + 1, np.iinfo(np.int64).max, np.int64)
        last = np.full(accounts + 1, np.iinfo(np.int64).min, np.int64)
        own = np.flatnonzero(rows.side != 0)
        np.minimum.at(first, rows.own[own], rows.at_us[own])
        np.maximum.at(last, rows.own[own], rows.at_us[own])
        return _Against(
            telling=chosen,
            number=rows.other[chosen],
            own=rows.own[chosen],
            at_us=rows.at_us[chosen],
            first_us=first,
            last_us=last,
        )

    def allows(self, identity: Identity, case: _Case) -> bool:
        """Whether the books are not silent on what others tell of the number."""
        number, keeper = identity
        begin, end = np.searchsorted(self.number, [number, number + 1])
        at = self.at_us[begin:end]
        covered = (at >= self.first_us[keeper]) & (at <= self.last_us[keeper])
        missed = sum(each not in case.met for each in self.telling[begin:end][covered].tolist())
        return bool(missed * MATCHES_OF_EACH_MISS <= min(map(len, case.points)))
