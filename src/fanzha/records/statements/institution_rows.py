"""Lines that an institution told in a message become clean rows, by the words and identifiers of those of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fanzha.kernel.clock import micros
from fanzha.kernel.identifiers import account
from fanzha.protocol.facts import Counterparty, Transaction
from fanzha.protocol.facts import Side as Told
from fanzha.records.statements import columns, flags, texts
from fanzha.records.statements.cleaning import CleanBatch, RawColumns, Rejection, RowCounts
from fanzha.records.statements.rows import (
    UNKNOWN_FEN,
    Coded,
    Flag,
    Precision,
    Side,
    Source,
    StatementRows,
)
from fanzha.records.statements.success import FAILED
from fanzha.records.statements.texts import Clean
from fanzha.records.statements.times import BAD_TIME, FIRST_YEAR
from fanzha.records.statements.words import Words

OTHER_ACCOUNT, FUTURE_TIME = "other_account", "future_time"
FIELDS = {
    "serial": "serial",
    "at": "time",
    "side": "direction",
    "currency": "currency",
    "amount_fen": "amount",
    "success": "success",
    "kind": "type",
    "number": "own_account",
    "balance_after_fen": "balance",
    "counterparty.name": "other_name",
    "counterparty.number": "other",
    "counterparty.document_number": "other_id",
    "counterparty.institution_name": "other_bank",
    "summary": "summary",
    "branch_name": "branch",
    "cash": "cash",
    "terminal": "terminal",
    "place": "place",
    "merchant_name": "merchant",
    "merchant_code": "merchant_code",
    "ip": "ip",
    "mac": "mac",
    "remark": "remark",
}
"""Which field of a statement each field of a message's line is; pages mask its cells by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Whose books an institution opened: the account as the case knows it, its other number, whose it is.

    `prefix` is a wallet's company, which the institution's own numbers lack; `code` the institution itself. No line
    happened after `until_us`, when the message came.
    """

    card: str
    account: str
    name: str
    id_number: str
    prefix: str
    code: str
    until_us: int

    def own(self, number: str) -> str:
        """A number of this institution's own as the case spells it."""
        clean = account.clean(number)
        return f"{self.prefix}{clean}" if clean else ""

    def has(self, number: str) -> bool:
        """Whether a line's number is this account's; lines that tell none are."""
        return not number or self.own(number) in (self.card, self.account)


Lay = Sequence[Mapping[str, Any]]
"""Records of a message as its JSON tells them."""


def batch_of(told: Sequence[Transaction], lay: Lay, books: Books, source: Source, words: Words) -> CleanBatch:
    """The lines as rows, each accepted or rejected with a reason; a row's place is that in its message, from 1."""
    reasons = _reasons(told, books)
    kept = [line for at, line in enumerate(told) if at not in reasons]
    places = np.array([at for at in range(1, len(told) + 1) if at - 1 not in reasons], np.int32)
    return CleanBatch(
        rows=_rows(kept, places, books, source, words),
        accounts=[],
        persons=[],
        rejections=[Rejection(row=at + 1, column=column, reason=why) for at, (column, why) in reasons.items()],
        counts=RowCounts(accepted=len(kept), rejected=len(reasons)),
        raw=raw_of(lay, [reasons.get(at, ("", ""))[1] for at in range(len(told))]),
        notes={},
    )


def raw_of(lay: Lay, reasons: Sequence[str]) -> RawColumns:
    """Records of a message as they came: a column for each field that any of them tells, in the order first told."""
    flat = [_flat(each) for each in lay]
    header = tuple(dict.fromkeys(name for each in flat for name in each))
    cells = [[each.get(name, "") for each in flat] for name in header]
    return RawColumns(header=header, row=list(range(1, len(flat) + 1)), reason=list(reasons), columns=cells)


def _flat(told: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in told.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            found[prefix + name] = str(value).lower()
        elif not isinstance(value, list):
            found[prefix + name] = str(value)
    return found


def _reasons(told: Sequence[Transaction], books: Books) -> dict[int, tuple[str, str]]:
    """Lines nobody can stand by: of another account, of an impossible time, of a transaction that failed."""
    found: dict[int, tuple[str, str]] = {}
    for at, line in enumerate(told):
        if not books.has(line.number or ""):
            found[at] = ("number", OTHER_ACCOUNT)
        elif line.at.year < FIRST_YEAR:
            found[at] = ("at", BAD_TIME)
        elif micros(line.at) > books.until_us:
            found[at] = ("at", FUTURE_TIME)
        elif not line.success:
            found[at] = ("success", FAILED)
    return found


def _rows(
    kept: Sequence[Transaction], places: NDArray[np.int32], books: Books, source: Source, words: Words
) -> StatementRows:
    at_us = np.array([micros(line.at) for line in kept], np.int64)
    precision = np.full(len(kept), Precision.SECOND, np.int8)
    other = [line.counterparty or _NOBODY for line in kept]
    balances = [UNKNOWN_FEN if line.balance_after_fen is None else line.balance_after_fen for line in kept]
    told = _texts(kept, other, books, words)
    return StatementRows(
        sources=(source,),
        source=np.zeros(len(kept), np.int32),
        row=places,
        side=np.array([Side.PAID if line.side is Told.DEBIT else Side.RECEIVED for line in kept], np.int8),
        at_us=at_us,
        precision=precision,
        amount_fen=np.array([line.amount_fen for line in kept], np.int64),
        balance_fen=np.array(balances, np.int64),
        other_balance_fen=np.full(len(kept), UNKNOWN_FEN, np.int64),
        flags=_marks(kept, told["other_name"], words) | flags.of_night(at_us, precision),
        **told,
    )


_NOBODY = Counterparty()


def _texts(kept: Sequence[Transaction], other: Sequence[Counterparty], books: Books, words: Words) -> dict[str, Coded]:
    """Every text column of the rows."""
    count, plain, naming, serial = len(kept), texts.plain(words), texts.naming(words), texts.serial(words)
    numbers = [_counterparty(each, books) for each in other]
    said = [line.summary or line.kind or line.remark or "" for line in kept]
    where = [line.place or line.branch_name or "" for line in kept]
    merchants = [line.merchant_name or line.merchant_code or "" for line in kept]
    return {
        "own_card": columns.constant(books.card, count),
        "own_account": columns.constant(books.account, count),
        "own_name": columns.constant(naming(books.name), count),
        "own_id": columns.constant(texts.identity(words)(books.id_number), count),
        "other": coded(numbers, str),
        "other_name": coded([each.name or "" for each in other], naming),
        "other_id": coded([each.document_number or "" for each in other], texts.identity(words)),
        "other_bank": coded([each.institution_name or each.institution_code or "" for each in other], naming),
        "serial": coded([line.serial for line in kept], serial),
        "currency": coded([line.currency for line in kept], texts.currency(words)),
        "summary": coded(said, plain),
        "merchant": coded(merchants, plain),
        "place": coded(where, plain),
        "terminal": coded([line.terminal or "" for line in kept], serial),
        "ip": coded([line.ip or "" for line in kept], texts.network(words)),
        "mac": coded([line.mac or "" for line in kept], texts.machine),
    }


def _counterparty(other: Counterparty, books: Books) -> str:
    """The other end's number; of the same company's wallets with the company's prefix, as the case spells them."""
    number = other.number or ""
    return books.own(number) if other.institution_code == books.code else account.clean(number)


def coded(told: Sequence[str], clean: Clean) -> Coded:
    """A column of texts with every distinct one cleaned once."""
    index: dict[str, int] = {}
    codes = np.fromiter((index.setdefault(text, len(index)) for text in told), np.int32, len(told))
    return columns.recode(codes, (clean(text) if text else "" for text in index), len(index))


def _marks(kept: Sequence[Transaction], other_name: Coded, words: Words) -> NDArray[np.uint16]:
    """What lines say of themselves in words, and by their own fields for cash and merchants."""

    def heard(line: Transaction) -> int:
        found = int(Flag.CASH) if line.cash else 0
        if line.merchant_name or line.merchant_code:
            found |= int(Flag.MERCHANT) | flags.of_merchant(line.merchant_name or "", words)
        return found

    marks = np.array([heard(line) for line in kept], np.uint16) | flags.spread(
        other_name, lambda text: flags.of_name(text, words)
    )
    for said in ("summary", "kind", "remark"):
        column = coded([getattr(line, said) or "" for line in kept], texts.plain(words))
        marks = marks | flags.spread(column, lambda text: flags.of_summary(text, words))
    return marks.astype(np.uint16)
