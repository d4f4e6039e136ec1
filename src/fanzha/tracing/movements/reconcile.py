"""All rows of a case made one story: accounts, each transfer once, each account's ledger in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import Flag, StatementRows
from fanzha.tracing.movements.accounts import Parties, resolve
from fanzha.tracing.movements.assembling import NOBODY, Story, assemble
from fanzha.tracing.movements.entries import Entries, once
from fanzha.tracing.movements.identity import Evidence, same_accounts
from fanzha.tracing.movements.movements import AccountJoin, AccountKind, Doubt, PairingLimits, Reconciliation
from fanzha.tracing.movements.ordering import ledgers
from fanzha.tracing.movements.pairing import Pairing, Question, pair
from fanzha.tracing.movements.reversals import taken_back
from fanzha.tracing.movements.tellings import Tellings, tellings

MOST_ROUNDS = 4
"""Accounts found in one round make others' transfers evidence in the next; real cases need two."""
PLAIN, REVERSED, REVERSAL = 0, 1, 2


def reconcile(rows: StatementRows, joins: Sequence[AccountJoin], limits: PairingLimits) -> Reconciliation:
    """Reconcile rows of any number of imports; the result does not depend on their order or on how they were split.

    Row indexes in the result are those of `rows`; everything else is decided by what the rows say and by where
    they lie (source key and row).
    """
    parties, entries, story = _told(rows, joins, limits)
    known = entries.tellings
    made = assemble(rows, parties, known, story)
    proofs = ledgers(known, made, _signed(known, story), len(parties.accounts), limits.ordered_group)
    return Reconciliation(
        accounts=parties.accounts,
        fate=made.fate,
        same_as=made.same_as,
        movement=made.movement,
        own=parties.own,
        other=parties.other,
        movements=made.movements,
        ledgers=proofs.ledgers,
        proof=proofs.proof,
        breaks=proofs.breaks,
    )


def _told(rows: StatementRows, joins: Sequence[AccountJoin], limits: PairingLimits) -> tuple[Parties, Entries, Story]:
    """Who the rows speak of and what they tell; again, while that shows two numbers to be one account."""
    masks: dict[tuple[str, str], str] = {}
    doubt = np.zeros(len(rows), np.uint8)
    for last in (False,) * MOST_ROUNDS + (True,):
        parties = resolve(rows, joins, masks)
        entries = once(tellings(rows, parties), parties.fits, limits)
        story = _story(entries, parties, limits)
        found = [] if last else same_accounts(_open(entries, parties, story, limits))
        if not found:
            story.doubt[:] |= doubt[entries.tellings.place]
            return parties, entries, story
        accounts = parties.accounts
        for number, keeper in found:
            of_number, masked = parties.other == number, parties.fits.partial[keeper]
            if masked:
                masks[accounts.primary[keeper], "".join(accounts.names[keeper])] = accounts.primary[number]
                doubt[parties.own == keeper] |= np.uint8(Doubt.MATCHED_BY_MASK)
            else:
                joins = [*joins, AccountJoin(a=accounts.primary[number], b=accounts.primary[keeper], source="")]
                doubt[of_number] |= np.uint8(Doubt.MATCHED_BY_NAME)
    raise AssertionError  # the last round looks for nothing


def _open(entries: Entries, parties: Parties, story: Story, limits: PairingLimits) -> Evidence:
    speaks = entries.primary == np.arange(len(entries.primary))
    speaks[story.original[story.original >= 0]] = False
    return Evidence(rows=entries.tellings, parties=parties, speaks=speaks, open=story.partner == NOBODY, limits=limits)


def _story(entries: Entries, parties: Parties, limits: PairingLimits) -> Story:
    """Find reversals, then pair both parties' tellings, then third parties' lists with either."""
    known, count = entries.tellings, len(entries.primary)
    first = np.flatnonzero(entries.primary == np.arange(count))
    original = taken_back(known, first, parties.fits, limits)
    kind = np.where(known.has(Flag.REVERSAL), REVERSAL, PLAIN).astype(np.int8)
    kind[original[original >= 0]] = REVERSED
    doubt = np.zeros(count, np.uint8)
    doubt[(kind == REVERSAL) & (original < 0)] = Doubt.REVERSAL_UNMATCHED
    money = first[known.amount[first] > 0]
    paid, received, listed = (money[known.side[money] == side] for side in (-1, 1, 0))
    books = Question(
        rows=known,
        fits=parties.fits,
        limits=limits,
        payer=known.payer,
        payee=known.payee,
        wallet=np.append(parties.accounts.kind == AccountKind.WALLET, False),
        story=kind,
        left=paid,
        right=received,
        pairing=Pairing(partner=np.full(count, NOBODY, np.int64), doubt=doubt),
    )
    pair(books)
    return Story(
        primary=entries.primary,
        partner=books.pairing.partner,
        listed=_listed(books, listed, (paid, received)),
        original=original,
        doubt=doubt,
    )


def _listed(
    books: Question, listed: NDArray[np.int64], own: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """For each telling of a third party's list the payer's own telling of that transfer, else the payee's."""
    found = np.full(len(books.rows), NOBODY, np.int64)
    if not len(listed):
        return found
    paid, received = own
    partner = books.pairing.partner
    met = partner >= 0
    payee = books.payee.copy()
    payee[met & (books.rows.side < 0)] = books.rows.own[partner[met & (books.rows.side < 0)]]
    lists = Pairing(partner=found, doubt=books.pairing.doubt)
    pair(replace(books, payee=payee, left=paid, right=listed, pairing=lists))
    rest = listed[found[listed] < 0]
    pair(replace(books, left=rest, right=received[~met[received]], pairing=lists))
    return np.where(books.rows.side == 0, found, NOBODY)


def _signed(known: Tellings, story: Story) -> NDArray[np.int64]:
    """What each row did to its own account's balance; a reversal undoes what its original did."""
    signed = known.side * known.amount
    back = np.flatnonzero(story.original >= 0)
    signed[back] = -signed[story.original[back]]
    return signed
