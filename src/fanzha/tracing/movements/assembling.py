"""From paired tellings to movements, and the fate of every row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag, StatementRows
from fanzha.tracing.movements.accounts import Parties
from fanzha.tracing.movements.clocks import clocks_of
from fanzha.tracing.movements.movements import (
    NO_ROW,
    UNKNOWN_US,
    AccountKind,
    Doubt,
    Exit,
    Fate,
    Movements,
)
from fanzha.tracing.movements.tellings import Tellings, precision_of, row_ids

CLOCK_HABIT_US = 5_000_000
"""Two clocks that differ by less than this from their habit contradict nobody."""
NOBODY = -1

T = TypeVar("T", bound=np.generic)

_EXITS = (
    (Flag.CASH, Exit.CASH),
    (Flag.FEE, Exit.FEE),
    (Flag.INTEREST, Exit.INTEREST),
    (Flag.CRYPTO | Flag.CRYPTO_TRADER, Exit.CRYPTO_TRADER),
    (Flag.PAYMENT_COMPANY, Exit.PAYMENT_COMPANY),
    (Flag.MERCHANT, Exit.MERCHANT),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """What was found out about the tellings: int64[n] indexes of tellings, `NOBODY` where there is none.

    `primary`: the telling that stands for a repeated entry. `partner`: the other party's telling.
    `listed`: for a third party's telling the party's own one. `original`: what a reversal takes back.
    """

    primary: NDArray[np.int64]
    partner: NDArray[np.int64]
    listed: NDArray[np.int64]
    original: NDArray[np.int64]
    doubt: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """Movements, each one's tellings (primary, payer's own, payee's own), and every row's movement and fate."""

    movements: Movements
    lead: NDArray[np.int64]
    payer_telling: NDArray[np.int64]
    payee_telling: NDArray[np.int64]
    fate: NDArray[np.uint8]
    same_as: NDArray[np.int32]
    movement: NDArray[np.int32]


def assemble(rows: StatementRows, parties: Parties, known: Tellings, story: Story) -> Assembled:
    """One movement for each transfer; the payer's own telling is primary, else the payee's, else a third party's."""
    leader = _leaders(known, story)
    everyone = np.arange(len(known))
    leads = known.in_time(leader == everyone)
    index = np.full(len(known), NOBODY, np.int32)
    index[leads] = np.arange(len(leads), dtype=np.int32)
    third = _third_tellings(known, story, leader)
    fate, same_as = _fates(known, story, leader)
    payer_telling, payee_telling = _own_tellings(known, story, leads)
    movements = _movements(rows, parties, known, (leads, payer_telling, payee_telling, third[leads]), fate, story)
    return Assembled(
        movements=movements,
        lead=leads,
        payer_telling=payer_telling,
        payee_telling=payee_telling,
        fate=_by_row(known, fate),
        same_as=_by_row(known, same_as),
        movement=_by_row(known, index[leader]),
    )


def _by_row(known: Tellings, column: NDArray[T]) -> NDArray[T]:
    """A column of tellings in the order of the statement rows."""
    placed = np.empty_like(column)
    placed[known.place] = column
    return placed


def _leaders(known: Tellings, story: Story) -> NDArray[np.int64]:
    """For each telling the one that is primary in its movement."""
    leader = np.arange(len(known))
    follows = (story.partner >= 0) & (known.side > 0)
    leader[follows] = story.partner[follows]
    listed = story.listed >= 0
    leader[listed] = leader[story.listed[listed]]
    return leader[story.primary]


def _third_tellings(known: Tellings, story: Story, leader: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each leader a third party's telling of its movement."""
    third = np.full(len(known), NOBODY, np.int64)
    listed = np.flatnonzero(story.listed >= 0)[::-1]
    third[leader[listed]] = listed
    return third


def _fates(known: Tellings, story: Story, leader: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    everyone = np.arange(len(known))
    reversal = known.has(Flag.REVERSAL)
    reversed_ = np.zeros(len(known), np.bool_)
    reversed_[story.original[story.original >= 0]] = True
    repeats, follows = story.primary != everyone, leader != everyone
    fate = np.full(len(known), Fate.MOVES, np.uint8)
    fate[known.amount == 0] = Fate.STILL  # the weightiest last
    fate[reversed_], fate[reversal] = Fate.REVERSED, Fate.REVERSAL
    fate[follows], fate[repeats] = Fate.DUPLICATE_TELLING, Fate.DUPLICATE_ENTRY
    same = np.where(repeats, story.primary, np.where(follows, leader, np.where(reversal, story.original, NOBODY)))
    return fate, np.where(same >= 0, known.place[same], NO_ROW).astype(np.int32)


def _own_tellings(
    known: Tellings, story: Story, leads: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each movement the payer's own telling and the payee's."""
    side = known.side[leads]
    payer = np.where(side < 0, leads, NOBODY)
    payee = np.where(side > 0, leads, np.where(side < 0, story.partner[leads], NOBODY))
    return payer, payee


def _movements(
    rows: StatementRows,
    parties: Parties,
    known: Tellings,
    tellings: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    fate: NDArray[np.uint8],
    story: Story,
) -> Movements:
    leads, payer_telling, payee_telling, third = tellings
    payer, payee = _parties(parties, known, tellings)
    listed = known.side[leads] == 0
    speaks = np.where(listed, leads, payer_telling)
    flags, doubts = known.flags[leads].copy(), story.doubt[leads].copy()
    for telling in _telling(payee_telling, third):
        flags |= np.where(telling >= 0, known.flags[telling], 0).astype(np.uint16)
        doubts |= np.where(telling >= 0, story.doubt[telling], 0).astype(np.uint8)
    second = np.where((payer_telling >= 0) & (payee_telling >= 0), payee_telling, third)
    place = known.place[leads]
    return Movements(
        id=row_ids(rows)[place],
        payer=payer,
        payee=payee,
        amount_fen=known.amount[leads],
        payer_at_us=np.where(speaks >= 0, known.at_us[speaks], UNKNOWN_US),
        payee_at_us=np.where(payee_telling >= 0, known.at_us[payee_telling], UNKNOWN_US),
        payer_precision=precision_of(known.width_us[speaks]),
        payee_precision=precision_of(known.width_us[payee_telling]),
        currency=rows.currency.codes[place].astype(np.int32),
        exit=_exits(parties, payee, flags),
        flags=flags,
        moving=fate[leads] == Fate.MOVES,
        doubts=doubts | _doubts(parties, known, (payer, payee), (leads, payer_telling, payee_telling), fate),
        evidence=np.stack([place, np.where(second >= 0, known.place[second], NO_ROW)], axis=1).astype(np.int32),
    )


def _telling(*columns: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Those columns of tellings that hold any."""
    return [each for each in columns if (each >= 0).any()]


def _parties(
    parties: Parties,
    known: Tellings,
    tellings: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The best that any telling knows of payer and payee: whose books they are, then complete, masked, nothing."""
    payer, payee = known.payer[tellings[0]].copy(), known.payee[tellings[0]].copy()
    incomplete, more = parties.fits.vague, _telling(*tellings[1:])
    for best, column in ((payer, known.payer), (payee, known.payee)):
        for telling in more:
            told = np.where(telling >= 0, column[telling], NOBODY)
            better = (incomplete[best] & ~incomplete[told]) | ((best < 0) & (told >= 0))
            best[better] = told[better]
    _, payer_telling, payee_telling, third = tellings
    listed = np.where((third >= 0) & (payer_telling < 0), known.payer[third], NOBODY)
    wallet = np.append(parties.accounts.kind == AccountKind.WALLET, False)
    payer = np.where(wallet[listed], listed, payer)  # the payee's bank named only the wallet's company
    own = np.where(payee_telling >= 0, known.own[payee_telling], NOBODY)
    return payer.astype(np.int32), np.where(incomplete[own], payee, own).astype(np.int32)


def _exits(parties: Parties, payee: NDArray[np.int32], flags: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """How the money left: not at all where the payee's own statement is in the case."""
    inside = np.append(parties.accounts.has_statement, False)[payee]
    return np.where(inside, np.uint8(Exit.NONE), ways(flags))


def ways(flags: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """What rows say of where their money left to, or came from: a code of `Exit`."""
    return _way_of_flags()[flags]


@cache
def _way_of_flags() -> NDArray[np.uint8]:
    """The way by every combination of flags that there could be."""
    flags = np.arange(1 << 16).astype(np.uint16)
    conditions = [(flags & np.uint16(flag)) != 0 for flag, _ in _EXITS]
    return np.select(conditions, [way for _, way in _EXITS], Exit.OUTSIDE).astype(np.uint8)


def _contradictions(known: Tellings, paid: NDArray[np.int64], received: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Arrived before it left, although these two accounts' clocks usually agree better: their difference is no news."""
    usual = clocks_of(known, paid, received).between(known.own[paid], known.own[received])
    arrived = known.at_us[received] + known.width_us[received] - usual + CLOCK_HABIT_US
    return np.where(arrived <= known.at_us[paid], np.uint8(Doubt.CLOCK_CONTRADICTION), np.uint8(0))


def _doubts(
    parties: Parties,
    known: Tellings,
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
    tellings: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    fate: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Clocks that contradict, tellings that the other party's statement should have and has not, lone reversals."""
    leads, payer_telling, payee_telling = tellings
    moving = (known.side[leads] != 0) & (fate[leads] == Fate.MOVES)
    doubts = np.zeros(len(leads), np.uint8)
    both = (payer_telling >= 0) & (payee_telling >= 0)
    doubts[both] |= _contradictions(known, payer_telling[both], payee_telling[both])
    first, last = _covered(parties, known)
    for end, telling in zip(ends, (payer_telling, payee_telling), strict=True):
        at = known.at_us[leads]
        silent = (telling < 0) & (end >= 0) & (at >= first[end]) & (at <= last[end])
        doubts[silent & moving] |= np.uint8(Doubt.LEFTOVER)
    return doubts


def _covered(parties: Parties, known: Tellings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and last instant of each account's own statement."""
    accounts = len(parties.accounts)
    first = np.full(accounts + 1, np.iinfo(np.int64).max, np.int64)
    last = np.full(accounts + 1, np.iinfo(np.int64).min, np.int64)
    own = np.flatnonzero(known.side != 0)
    np.minimum.at(first, known.own[own], known.at_us[own])
    np.maximum.at(last, known.own[own], known.at_us[own] + known.width_us[own] - 1)
    return first, last
