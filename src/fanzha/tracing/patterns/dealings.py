"""A case's money as patterns are looked for in it: who dealt with whom, by each account's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag, Precision, StatementRows
from fanzha.tracing.follow.case_flow import CaseFlow
from fanzha.tracing.follow.flow_index import Transfers
from fanzha.tracing.movements.movements import NO_MOVEMENT, UNKNOWN_US, Reconciliation
from fanzha.tracing.movements.runs import by_node
from fanzha.tracing.patterns.dealing_kernels import first_in_first_out, latest_so_far
from fanzha.tracing.patterns.devices import DeviceUses, device_uses
from fanzha.tracing.patterns.people import people_of

SECOND_US = 1_000_000
DAY_S = 86_400
LONG_S = DAY_S
"""Windows of a day and longer also judge rows that tell only their day."""

_COSTS = Flag.FEE | Flag.INTEREST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """Every account's arrivals and departures in its ledger's order: account k has `bounds[k]:bounds[k + 1]`.

    `dealing`: int64[e]; `incoming`: bool[e]; `at_s`: int64[e], by the account's own bank, never falling; `timed`:
    bool[e], whether the time of day is told.
    """

    bounds: NDArray[np.int64]
    account: NDArray[np.int32]
    dealing: NDArray[np.int64]
    incoming: NDArray[np.bool_]
    at_s: NDArray[np.int64]
    timed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """Fen that came to an account by one dealing and left it by another, the first in counted out first.

    Columns of length p: dealings `arrival` and `departure`, `account`, `fen`, when it came (`at_s`) and how long it
    stayed (`dwell_s`); `timed` where both tell a time of day.
    """

    account: NDArray[np.int32]
    arrival: NDArray[np.int64]
    departure: NDArray[np.int64]
    fen: NDArray[np.int64]
    at_s: NDArray[np.int64]
    dwell_s: NDArray[np.int64]
    timed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.fen)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Parts:
        """Some of the parts, in this order."""
        return Parts(**{name: getattr(self, name)[chosen] for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, eq=False)
class Dealings:
    """Everything that moved in a case, in its one order: columns of length m over k accounts.

    `payer`, `payee`: int32[m], −1 for nobody; `number`: int32[m] of the movement, `NO_MOVEMENT` where only balances
    tell; `counts`: bool[m], told, between two people, no fee and no interest; `known_s`: int64[m], for how long in all
    the two have dealt with each other in these files; `payer_s`, `payee_s`, and whether those tell a time of day.
    `is_end`: bool[k], a payment company's pool or a merchant.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    payer_s: NDArray[np.int64]
    payee_s: NDArray[np.int64]
    payer_timed: NDArray[np.bool_]
    payee_timed: NDArray[np.bool_]
    number: NDArray[np.int32]
    counts: NDArray[np.bool_]
    is_cash: NDArray[np.bool_]
    is_night: NDArray[np.bool_]
    known_s: NDArray[np.int64]
    person: NDArray[np.int64]
    opening_fen: NDArray[np.int64]
    is_end: NDArray[np.bool_]
    is_inconclusive: NDArray[np.bool_]
    devices: tuple[DeviceUses, ...] = ()

    def __len__(self) -> int:
        return len(self.payer)

    @property
    def accounts(self) -> int:
        """How many accounts the case has."""
        return len(self.is_end)

    def is_new(self, days: int) -> NDArray[np.bool_]:
        """bool[m]: the two have not dealt with each other for so many days: neither wages nor family nor supplier."""
        return np.asarray(self.known_s < days * DAY_S, np.bool_)

    @cached_property
    def events(self) -> Events:
        """The arrivals and departures of every account."""
        node = np.stack([self.payer, self.payee], axis=1).reshape(-1)
        some = np.flatnonzero((node >= 0) & np.repeat(self.payer != self.payee, 2))
        order, bounds = by_node(node[some], self.accounts)
        place = some[order]
        dealing, incoming = place >> 1, (place & 1).astype(np.bool_)
        at_s = np.where(incoming, self.payee_s[dealing], self.payer_s[dealing])
        latest_so_far(bounds, at_s)
        return Events(
            bounds=bounds,
            account=node[place],
            dealing=dealing,
            incoming=incoming,
            at_s=at_s,
            timed=np.where(incoming, self.payee_timed[dealing], self.payer_timed[dealing]),
        )

    @cached_property
    def parts(self) -> Parts:
        """Which arrival each departure spent, where both count."""
        events = self.events
        fen = self.fen[events.dealing]
        arrival, departure, part = first_in_first_out(events.bounds, events.incoming, fen, self.opening_fen)
        both = self.counts[events.dealing[arrival]] & self.counts[events.dealing[departure]]
        arrival, departure = arrival[both], departure[both]
        return Parts(
            account=events.account[arrival],
            arrival=events.dealing[arrival],
            departure=events.dealing[departure],
            fen=part[both],
            at_s=events.at_s[arrival],
            dwell_s=events.at_s[departure] - events.at_s[arrival],
            timed=events.timed[arrival] & events.timed[departure],
        )


def dealings(rows: StatementRows, found: Reconciliation, flow: CaseFlow) -> Dealings:
    """A case's dealings; they depend neither on the order of files nor on how they were imported."""
    moved, moves, number = flow.index.transfers, found.movements, flow.movement
    person = people_of(rows, found)
    payer_s, payer_timed = _own_clock(rows, found, flow, moves.payer_at_us)
    payee_s, payee_timed = _own_clock(rows, found, flow, moves.payee_at_us)
    flags = np.append(moves.flags, np.uint16(0))[number]
    return Dealings(
        payer=moved.payer,
        payee=moved.payee,
        fen=moved.amount_fen,
        payer_s=payer_s,
        payee_s=payee_s,
        payer_timed=payer_timed,
        payee_timed=payee_timed,
        number=number,
        counts=(number != NO_MOVEMENT) & ~_between_own(moved, person) & ((flags & np.uint16(_COSTS)) == 0),
        is_cash=((flags & np.uint16(Flag.CASH)) != 0) & ((moved.payer < 0) | (moved.payee < 0)),
        is_night=(flags & np.uint16(Flag.NIGHT)) != 0,
        known_s=_known_for(moved, len(person)),
        person=person,
        opening_fen=flow.index.opening_fen,
        is_end=flow.index.is_end,
        is_inconclusive=flow.is_inconclusive,
        devices=device_uses(rows, found, flow),
    )


def _own_clock(
    rows: StatementRows, found: Reconciliation, flow: CaseFlow, own_us: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """By dealing: the second by one party's bank, else by whoever tells it; and whether that is a time of day."""
    moves, row = found.movements, found.movements.evidence[:, 0]
    is_payer = own_us is moves.payer_at_us
    other_us = moves.payee_at_us if is_payer else moves.payer_at_us
    precisions = (moves.payer_precision, moves.payee_precision)
    own_precision, other_precision = precisions if is_payer else precisions[::-1]
    own, other = own_us != UNKNOWN_US, other_us != UNKNOWN_US
    at_us = np.select([own, other], [own_us, other_us], rows.at_us[row])
    precision = np.select([own, other], [own_precision, other_precision], rows.precision[row])
    told = flow.movement != NO_MOVEMENT
    at_s = np.where(told, np.append(at_us // SECOND_US, 0)[flow.movement], flow.index.transfers.at_s)
    return at_s, np.append(precision != Precision.DAY, True)[flow.movement]


def _between_own(moved: Transfers, person: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Dealings of a person with themselves."""
    who = np.append(person, -1)
    return np.asarray((moved.payer >= 0) & (who[moved.payer] == who[moved.payee]), np.bool_)


def _known_for(moved: Transfers, accounts: int) -> NDArray[np.int64]:
    """int64[m]: seconds between the first and the last dealing of the two; 0 for one with nobody."""
    known = np.zeros(len(moved), np.int64)
    two = np.flatnonzero((moved.payer >= 0) & (moved.payee >= 0))
    low, high = (each(moved.payer[two], moved.payee[two]).astype(np.int64) for each in (np.minimum, np.maximum))
    _, pair = np.unique(low * accounts + high, return_inverse=True)
    first = np.full(len(two), np.iinfo(np.int64).max, np.int64)
    last = np.full(len(two), np.iinfo(np.int64).min, np.int64)
    np.minimum.at(first, pair, moved.at_s[two])
    np.maximum.at(last, pair, moved.at_s[two])
    known[two] = (last - first)[pair]
    return known
