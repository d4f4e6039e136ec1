"""The other party's telling: two rows of one transfer in the payer's and the payee's books become one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Flag
from fanzha.tracing.movements.accounts import Fits
from fanzha.tracing.movements.clocks import Clocks, clocks_of
from fanzha.tracing.movements.movements import DAY_US, Doubt, PairingLimits
from fanzha.tracing.movements.pairing_kernels import (
    EXACT_MASKED,
    KINDS_OF_EVIDENCE,
    MASKED_BOTH,
    MASKED_UNTOLD,
    MOST_EDGES,
    NAMED_UNTOLD,
    NAMES_ONE,
    align_groups,
    augment,
    by_side,
    lone_pairs,
    loose_edges,
    take_edges,
)
from fanzha.tracing.movements.runs import numbered, packed
from fanzha.tracing.movements.tellings import Tellings, mixed_key

NEVER_BY_ABSENCE = Flag.CASH | Flag.FEE | Flag.INTEREST | Flag.MERCHANT | Flag.PAYMENT_COMPANY | Flag.CRYPTO_TRADER
"""A row like these without counterparty has none among the case's accounts."""

EDGES_AT_ONCE = 4_000_000
"""Pairs held at once, of 32 bytes each."""

_MASK_KINDS = (EXACT_MASKED, MASKED_BOTH)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairing:
    """Which telling is the other's: `partner`: int64[n], −1 for none; `doubt`: uint8[n] of `Doubt`."""

    partner: NDArray[np.int64]
    doubt: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """Two sets of tellings that may tell of the same transfers, and the rows' state while they are paired.

    `wallet`: bool[accounts + 1], which accounts are wallets. `story`: int8[n], only rows of one story (plain,
    reversed, reversal) are paired with each other.
    """

    rows: Tellings
    fits: Fits
    limits: PairingLimits
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    wallet: NDArray[np.bool_]
    story: NDArray[np.int8]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    pairing: Pairing

    def open_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Both sets without what is paired already."""
        free = self.pairing.partner < 0
        return self.left[free[self.left]], self.right[free[self.right]]


def pair(question: Question) -> None:
    """Pair both sets: serials, then equal parties, then masked and missing ones; surest and nearest first.

    Everything is first tried close to the usual difference of the two accounts' clocks, then within the limit.
    """
    if not _face(question.left, question.right):
        return
    _by_serial(question)
    by_serial = question.pairing.partner >= 0
    clocks = _usual_clocks(question)
    for window_us in (question.limits.tight_us, question.limits.clock_us):
        if not _face(*_with_books(question, *question.open_rows())):
            break
        _by_parties(question, clocks, window_us)
        _loosely(question, clocks, window_us)
        _by_exchange(question, clocks, window_us)
    _uncross(question, clocks, by_serial)
    _through_companies(question)
    _late(question)


def _by_serial(question: Question) -> None:
    rows = question.rows
    left, right = question.open_rows()
    told = [np.zeros(int(rows.serial.max()) + 2, np.bool_) for _ in range(2)]
    told[0][rows.serial[left]], told[1][rows.serial[right]] = True, True
    shared = told[0] & told[1]
    shared[-1] = False
    left, right = left[shared[rows.serial[left]]], right[shared[rows.serial[right]]]
    _match_loosely(question, (left, right), Clocks.unknown(), question.limits.clock_us, by_serial=True)


def _usual_clocks(question: Question) -> Clocks:
    """How far the clocks of two accounts' banks differ, by transfers that have only one possible second telling."""
    partner = np.full(len(question.rows), -1, np.int64)
    chosen = _with_both_parties(question, *question.open_rows())
    if not _face(*chosen):
        return Clocks.unknown()
    _in_groups(lone_pairs, question, chosen, question.rows.at_us, question.limits.clock_us, partner)
    left = np.flatnonzero(partner[question.left] >= 0)
    a = question.left[left]
    return clocks_of(question.rows, a, partner[a])


def _face(left: NDArray[np.int64], right: NDArray[np.int64]) -> bool:
    """Whether there is anything on both sides: else nothing is paired, which small cases need not be asked further."""
    return len(left) > 0 and len(right) > 0


def _with_both_parties(
    question: Question, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that name both parties, if the other set has rows of that party's books."""
    both = (question.payer >= 0) & (question.payee >= 0)
    return _with_books(question, left[both[left]], right[both[right]])


def _with_books(
    question: Question, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows whose counterparty is untold, masked or keeps books in the other set; lists as they are."""
    rows = question.rows
    if not _face(left, right) or (rows.side[left] == 0).any() or (rows.side[right] == 0).any():
        return left, right
    hopeful = []
    for one, other in ((left, right), (right, left)):
        could_be = question.fits.vague.copy()
        could_be[rows.own[other]] = True
        hopeful.append(one[could_be[rows.other[one]]])
    return hopeful[0], hopeful[1]


Matcher = Callable[
    [
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.bool_],
        NDArray[np.int64],
        NDArray[np.int64],
        int,
        NDArray[np.int64],
    ],
    None,
]


def _in_groups(
    matcher: Matcher,
    question: Question,
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    at_us: NDArray[np.int64],
    window_us: int,
    partner: NDArray[np.int64],
) -> None:
    """Run a matcher over rows grouped by payer, payee, currency, fen and story, by time."""
    rows = question.rows
    both, is_right = _together(rows, chosen)
    if at_us is not rows.at_us:
        both = both[np.argsort(at_us[both], kind="stable")]
    columns = (question.payer, question.payee, rows.sum, question.story)
    members, bounds = packed(both, mixed_key(*(column[both] for column in columns)))
    matcher(bounds, members, is_right, at_us, rows.width_us, window_us, partner)


def _together(
    rows: Tellings, chosen: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Both sets by time, then file order; and which rows are of the right one."""
    is_right, is_chosen = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    is_right[chosen[1]] = True
    is_chosen[chosen[0]] = is_chosen[chosen[1]] = True
    return rows.in_time(is_chosen), is_right


def _by_parties(question: Question, clocks: Clocks, window_us: int) -> None:
    """Pair tellings with equal payer, payee and fen: most pairs, then least time between, never crossing."""
    rows = question.rows
    left, right = _with_both_parties(question, *question.open_rows())
    if not _face(left, right):
        return
    at_us = rows.at_us.copy()
    ahead = clocks.between(question.payer[left], question.payee[left])
    at_us[left] += np.where(rows.width_us[left] < DAY_US, ahead, 0)
    _in_groups(align_groups, question, (left, right), at_us, window_us, question.pairing.partner)


def _loosely(question: Question, clocks: Clocks, window_us: int) -> None:
    """Pair tellings of which one masks or misses a counterparty."""
    left, right = _with_books(question, *question.open_rows())
    if not _face(left, right):
        return
    incomplete = question.fits.vague
    vague = incomplete[question.payer] | incomplete[question.payee]
    left, right = left[vague[left] | _among(question, left, right[vague[right]])], right
    right = right[vague[right] | _among(question, right, left[vague[left]])]
    left = left[_among(question, left, right)]
    _match_loosely(question, (left, right), clocks, window_us)


def _among(question: Question, chosen: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `chosen` have a sum that `others` have too."""
    sums = question.rows.sum
    told = np.zeros(int(sums.max(initial=0)) + 1, np.bool_)
    told[sums[others]] = True
    return told[sums[chosen]]


def _match_loosely(
    question: Question,
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    clocks: Clocks,
    window_us: int,
    *,
    by_serial: bool = False,
) -> None:
    for edges in _edges(question, chosen, clocks, window_us, (by_serial, False)):
        _take(question, edges, question.pairing.partner, by_serial=by_serial)


def _by_exchange(question: Question, clocks: Clocks, window_us: int) -> None:
    """Among equal transfers let a pair part where both of its tellings then stand for a transfer of their own.

    One of several equal payments names nobody, and the nearest first gave away the partner that it alone could have.
    """
    partner = question.pairing.partner
    left, right = _exchangeable(question)
    if not _face(left, right):
        return
    before = partner.copy()
    for edges in _edges(question, (left, right), clocks, window_us, (False, True)):
        naming = edges[np.isin(edges[:, 2], NAMES_ONE)]
        augment(naming[np.lexsort((naming[:, 1], naming[:, 3], naming[:, 0]))], partner)
    changed = np.flatnonzero(partner != before)
    unsure = changed[partner[changed] >= 0]
    vague = question.fits.vague
    unsure = unsure[vague[question.payer[unsure]] | vague[question.payee[unsure]]]
    question.pairing.doubt[unsure] |= np.uint8(Doubt.MATCHED_BY_ABSENCE)


def _exchangeable(question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Open rows of equal sums on both sides, and pairs of that sum with an account whose open row names nobody."""
    rows, partner = question.rows, question.pairing.partner
    left, right = _with_books(question, *question.open_rows())
    left = left[_among(question, left, right)]
    right = right[_among(question, right, left)]
    if not _face(left, right):
        return left, right
    vague = question.fits.vague[rows.other]
    paired = question.left[partner[question.left] >= 0]
    paired = paired[_among(question, paired, left)]
    kept = np.zeros(len(paired), np.bool_)
    for ends, alone in ((paired, left[vague[left]]), (partner[paired], right[vague[right]])):
        kept |= np.isin(mixed_key(rows.sum[ends], rows.own[ends]), mixed_key(rows.sum[alone], rows.own[alone]))
    return np.concatenate([left, paired[kept]]), np.concatenate([right, partner[paired[kept]]])


def _edges(
    question: Question,
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    clocks: Clocks,
    window_us: int,
    modes: tuple[bool, bool],
) -> Iterator[NDArray[np.int64]]:
    """All pairs that could be one transfer, with their evidence, some groups of equal fen at a time."""
    if not _face(*chosen):
        return
    rows, fits = question.rows, question.fits
    both, is_right = _together(rows, chosen)
    serial = rows.serial if modes[0] else np.zeros(len(rows), np.int32)
    columns = (rows.sum, question.story, serial)
    members, bounds = packed(both, mixed_key(*(column[both] for column in columns)))
    members, splits = by_side(bounds, members, is_right)
    received = rows.side > 0
    payer_name = np.where(received, rows.other_name, rows.own_name)
    payee_name = np.where(received, rows.own_name, rows.other_name)
    barred = rows.has(NEVER_BY_ABSENCE)
    for groups in _portions(bounds, splits):
        yield loose_edges(
            bounds[groups.start : groups.stop + 1],
            splits[groups],
            members,
            (question.payer, question.payee, payer_name, payee_name, rows.own),
            barred,
            (rows.at_us, rows.width_us),
            (fits.start, fits.nodes, fits.partial, fits.wide),
            (clocks.pairs, clocks.ahead_us),
            window_us,
            modes,
        )


def _portions(bounds: NDArray[np.int64], splits: NDArray[np.int64]) -> Iterator[slice]:
    """Runs of groups that together have few enough pairs to be held at once."""
    pairs = np.minimum((splits - bounds[:-1]) * (bounds[1:] - splits), MOST_EDGES)
    ends = np.flatnonzero(np.diff(np.cumsum(pairs) // EDGES_AT_ONCE)) + 1
    return map(slice, [0, *ends.tolist()], [*ends.tolist(), len(splits)])


def _take(question: Question, edges: NDArray[np.int64], partner: NDArray[np.int64], *, by_serial: bool) -> None:
    """Accept edges kind by kind, the nearest first, and mark what they rest on."""
    edges = edges[np.lexsort((edges[:, 1], edges[:, 0], edges[:, 3], edges[:, 2]))]
    only_between = np.zeros(KINDS_OF_EVIDENCE, np.bool_)
    only_between[[MASKED_BOTH, MASKED_UNTOLD, NAMED_UNTOLD]] = not by_serial
    for kind in range(KINDS_OF_EVIDENCE):
        of_kind = edges[edges[:, 2] == kind]
        before = partner[of_kind[:, 0]] < 0
        take_edges(of_kind, only_between, question.rows.own, partner)
        taken = of_kind[before & (partner[of_kind[:, 0]] == of_kind[:, 1])]
        if not by_serial:
            mark = Doubt.MATCHED_BY_MASK if kind in _MASK_KINDS else Doubt.MATCHED_BY_ABSENCE
            question.pairing.doubt[taken[:, :2].ravel()] |= np.uint8(mark)


def _uncross(question: Question, clocks: Clocks, fixed: NDArray[np.bool_]) -> None:
    """Lay equal transfers' tellings side by side in order of time, where one pass took what another should have had."""
    rows, partner = question.rows, question.pairing.partner
    payer, payee = question.payer, question.payee
    left = question.left[(partner[question.left] >= 0) & ~fixed[question.left]]
    right = partner[left]
    vague = question.fits.vague
    exact = (payer[left] == payer[right]) & (payee[left] == payee[right]) & ~vague[payer[left]] & ~vague[payee[left]]
    left, right = left[exact], right[exact]
    group, count = numbered(mixed_key(payer[left], payee[left], rows.sum[left], question.story[left]))
    several = np.bincount(group, minlength=count)[group] > 1
    if not several.any():
        return
    left, right, group = left[several], right[several], group[several]
    by_left = np.lexsort((left, rows.at_us[left], group))
    left, before, right = left[by_left], right[by_left], right[np.lexsort((right, rows.at_us[right], group))]
    far = np.abs(rows.at_us[right] - rows.at_us[left] - clocks.between(payer[left], payee[left]))
    far -= np.where(rows.width_us[left] == rows.width_us[right], 0, rows.width_us[left] + rows.width_us[right])
    kept = np.zeros(count, np.bool_)
    kept[group[by_left][far > question.limits.clock_us]] = True
    changed = (before != right) & ~kept[group[by_left]]
    partner[left[changed]], partner[right[changed]] = right[changed], left[changed]


def _through_companies(question: Question) -> None:
    """Pair withdrawals from wallets and payments into them: the bank's row names only the payment company.

    The wallet's row names the bank account, or else its holder's name is that of one account with such a row alone.
    A company's list of withdrawals tells as a wallet does, but of payments out of wallets only.
    """
    rows, partner = question.rows, question.pairing.partner
    in_wallet, as_payer = question.wallet[rows.own], rows.side <= 0
    if not in_wallet.any():
        return
    at_bank = (
        ~question.wallet[rows.own]
        & (rows.side != 0)
        & rows.has(Flag.PAYMENT_COMPANY)
        & ~rows.has(Flag.CASH | Flag.FEE | Flag.INTEREST)
    )
    names_bank = in_wallet & ~question.fits.vague[rows.other] & ~question.wallet[rows.other]
    silent = (
        in_wallet & (rows.side != 0) & (rows.other == ABSENT) & (rows.own_name != ABSENT) & ~rows.has(NEVER_BY_ABSENCE)
    )
    account, holder = np.where(in_wallet, rows.other, rows.own), rows.own_name
    before = partner.copy()
    for matcher, wallets, key in ((align_groups, names_bank, account), (lone_pairs, silent, holder)):
        alike = replace(question, payer=key, payee=np.zeros_like(key))
        for of_left, of_right in ((wallets & as_payer, at_bank), (at_bank, wallets & ~as_payer)):
            left, right = question.open_rows()
            chosen = left[of_left[left]], right[of_right[right]]
            _in_groups(matcher, alike, chosen, rows.at_us, question.limits.clock_us, partner)
    unnamed = np.flatnonzero((before != partner) & silent)
    for rows_of_pair in (unnamed, partner[unnamed]):
        question.pairing.doubt[rows_of_pair] |= np.uint8(Doubt.MATCHED_BY_ABSENCE)


def _late(question: Question) -> None:
    """Pair what was booked later than clocks explain, where nothing else fits either row."""
    before = question.pairing.partner.copy()
    chosen = _with_both_parties(question, *question.open_rows())
    if not _face(*chosen):
        return
    _in_groups(
        lone_pairs, question, chosen, question.rows.at_us, question.limits.settlement_us, question.pairing.partner
    )
    late = np.flatnonzero((before < 0) & (question.pairing.partner >= 0))
    question.pairing.doubt[late] |= np.uint8(Doubt.MATCHED_LATE)
