"""Who stands at the two ends of every row, and what the file tells of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.identifiers import account as account_number
from fanzha.records.statements import columns, texts
from fanzha.records.statements.hints import hinted
from fanzha.records.statements.party_cells import party_name, party_number
from fanzha.records.statements.plan import Told
from fanzha.records.statements.rows import ABSENT, Coded
from fanzha.records.statements.table import Table
from fanzha.records.statements.words import NEUTRAL, side_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parties:
    """Own side and other side as columns; `own_key` joins card and account for telling accounts of one sheet apart."""

    own_card: Coded
    own_account: Coded
    own_name: Coded
    own_id: Coded
    other: Coded
    other_name: Coded
    other_id: Coded
    other_bank: Coded

    @property
    def own_key(self) -> Coded:
        """The card, or the account where no card is told."""
        return columns.coalesce(self.own_card, self.own_account)


def read_parties(table: Table) -> Parties:
    """Both ends of every row; the sheet's own account stands in where its rows are silent."""
    return _payer_and_payee(table) if table.plan.conventions.told is Told.PARTIES else _own_and_other(table)


def _numbers(table: Table, name: str) -> Coded:
    told = table.plan.conventions
    return table.coded(name, texts.number_of(table.plan.format.opaque, name in told.rounded))


def _own_and_other(table: Table) -> Parties:
    words, own = table.plan.words, table.plan.own
    name, identity = texts.naming(words), texts.identity(words)
    card, account = _numbers(table, "own_card"), _numbers(table, "own_account")
    account = columns.coalesce(account, table.coded("own_party", party_number))
    own_name = columns.coalesce(table.coded("own_name", name), table.coded("own_party", party_name(words), bare=True))
    own_id = table.coded("own_id", identity)
    above = filled_from(table, columns.coalesce(card, account), own_name, own_id)
    card, account, own_name, own_id = (_moved(each, above) for each in (card, account, own_name, own_id))
    card, account = _with_sheet_account(card, account, table)
    other = columns.coalesce(_numbers(table, "other"), table.coded("other_party", party_number))
    other_name = columns.coalesce(
        table.coded("other_name", name), table.coded("other_party", party_name(words), bare=True)
    )
    return Parties(
        own_card=card,
        own_account=account,
        own_name=columns.coalesce(own_name, columns.constant(own.name, len(table))),
        own_id=columns.coalesce(own_id, columns.constant(own.id_number, len(table))),
        other=columns.coalesce(columns.coalesce(other, _numbers(table, "other_card")), _own_bank_card(table)),
        other_name=other_name,
        other_id=table.coded("other_id", identity),
        other_bank=table.coded("other_bank", name),
    )


def _own_bank_card(table: Table) -> Coded:
    """The holder's own bank card where a wallet's row takes money to it or brings money from it."""
    card, told = table.coded("own_bank_card", account_number.clean), table.plan.column("direction")
    if told is None or not card.values:
        return columns.silent(len(table))
    words = table.plan.words
    codes, values = table.raw(told).encoded
    side = np.array([*(side_of(value, words) or NEUTRAL for value in values), NEUTRAL], np.int8)[codes]
    moves = hinted(table, words.card_moves) == side
    return Coded(np.where(moves & (side != NEUTRAL), card.codes, ABSENT).astype(np.int32), card.values)


def _moved(column: Coded, place: NDArray[np.intp]) -> Coded:
    return Coded(column.codes[place], column.values)


def filled_from(table: Table, own: Coded, name: Coded, identity: Coded) -> NDArray[np.intp]:
    """The row that each row's own account stands in: its own, or the one above it that a merged cell begins in.

    Cells are taken for merged only where the first row tells an account and no row repeats the one above it: there a
    blank means the same. Rows that say anything else of their own side stay as they are.
    """
    here = np.arange(len(table))
    told = own.codes != ABSENT
    if told.all() or not told[0] or (told[1:] & told[:-1] & (own.codes[1:] == own.codes[:-1])).any():
        return here
    above = np.maximum.accumulate(np.where(told, here, 0))
    same = ~told
    for field in ("own_card", "own_account", "own_party"):
        for bound in table.plan.columns_of(field):
            codes, values = table.raw(bound).encoded
            same &= np.array([*(not value.strip() for value in values), False])[codes]
    for column in (name, identity):
        same &= (column.codes == ABSENT) | (column.codes == column.codes[above])
    table.notes["own_account_from_above"] += int(same.sum())
    return np.where(same, above, here)


def _with_sheet_account(card: Coded, account: Coded, table: Table) -> tuple[Coded, Coded]:
    """Rows that name no own account are the sheet's own account's."""
    nameless = (card.codes == ABSENT) & (account.codes == ABSENT)
    own = table.plan.own
    if not own or not nameless.any():
        return card, account
    table.notes["own_account_from_sheet"] += int(nameless.sum())
    return _filled(card, own.card, nameless), _filled(account, own.account, nameless)


def _filled(column: Coded, text: str, where: np.ndarray) -> Coded:
    stand_in = columns.constant(text, len(where))
    return columns.coalesce(column, Coded(np.where(where, stand_in.codes, ABSENT).astype(np.int32), stand_in.values))


def _payer_and_payee(table: Table) -> Parties:
    words = table.plan.words
    name, identity = texts.naming(words), texts.identity(words)
    return Parties(
        own_card=columns.silent(len(table)),
        own_account=columns.coalesce(_numbers(table, "payer"), _numbers(table, "payer_card")),
        own_name=table.coded("payer_name", name),
        own_id=table.coded("payer_id", identity),
        other=columns.coalesce(_numbers(table, "payee"), _numbers(table, "payee_card")),
        other_name=table.coded("payee_name", name),
        other_id=table.coded("payee_id", identity),
        other_bank=table.coded("payee_bank", name),
    )
