"""Statement rows written as a person would tell them, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fanzha.records.statements.rows import ABSENT, UNKNOWN_FEN, Coded, Flag, Precision, Side, Source, StatementRows

DAY_ONE_US = 1_751_299_200_000_000
"""2025-07-01 00:00 in Shanghai."""
SECOND_US = 1_000_000
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Told:
    """One row; `at` is seconds after day one, `micros` more; `row` 0 means the next line of its file."""

    file: str
    own: str
    side: int
    fen: int
    at: int
    other: str = ""
    balance: int | None = None
    account: str = ""
    own_name: str = ""
    other_name: str = ""
    serial: str = ""
    flags: int = 0
    precision: int = Precision.SECOND
    currency: str = ""
    row: int = 0
    terminal: str = ""
    ip: str = ""
    mac: str = ""
    batch: str = "one"
    micros: int = 0


def paid(file: str, own: str, other: str, fen: int, at: int, **more: object) -> Told:
    """A row of the payer's own statement."""
    return replace(Told(file=file, own=own, other=other, fen=fen, at=at, side=Side.PAID), **more)  # type: ignore[arg-type]


def got(file: str, own: str, other: str, fen: int, at: int, **more: object) -> Told:
    """A row of the payee's own statement."""
    return replace(Told(file=file, own=own, other=other, fen=fen, at=at, side=Side.RECEIVED), **more)  # type: ignore[arg-type]


def listed(file: str, payer: str, payee: str, fen: int, at: int, **more: object) -> Told:
    """A row of somebody else's list."""
    return replace(Told(file=file, own=payer, other=payee, fen=fen, at=at, side=Side.THIRD_PARTY), **more)  # type: ignore[arg-type]


def placed(told: Iterable[Told]) -> list[Told]:
    """The same rows, each with its line in its file."""
    lines: dict[str, int] = {}
    result = []
    for one in told:
        lines[one.file] = one.row or lines.get(one.file, 1) + 1
        result.append(replace(one, row=lines[one.file]))
    return result


def rows_of(told: Sequence[Told]) -> StatementRows:
    """Statement rows in the order given (rows without a line get one)."""
    told = placed(told)
    keys = list(dict.fromkeys((one.file, one.batch) for one in told))
    return StatementRows(
        sources=tuple(
            Source(key=f"sha-{file}", import_id=batch, path=f"{file}.csv", format_id="test") for file, batch in keys
        ),
        source=np.array([keys.index((one.file, one.batch)) for one in told], np.int32),
        row=np.array([one.row for one in told], np.int32),
        side=np.array([one.side for one in told], np.int8),
        at_us=np.array([DAY_ONE_US + _stands_at(one) * SECOND_US + one.micros for one in told], np.int64),
        precision=np.array([one.precision for one in told], np.int8),
        amount_fen=np.array([one.fen for one in told], np.int64),
        balance_fen=np.array([UNKNOWN_FEN if one.balance is None else one.balance for one in told], np.int64),
        other_balance_fen=np.full(len(told), UNKNOWN_FEN, np.int64),
        flags=np.array([one.flags | (Flag.NIGHT if _is_night(one) else 0) for one in told], np.uint16),
        own_card=_coded([one.own for one in told]),
        own_account=_coded([one.account for one in told]),
        own_name=_coded([one.own_name for one in told]),
        own_id=_coded([""] * len(told)),
        other=_coded([one.other for one in told]),
        other_name=_coded([one.other_name for one in told]),
        other_id=_coded([""] * len(told)),
        other_bank=_coded([""] * len(told)),
        serial=_coded([one.serial for one in told]),
        currency=_coded([one.currency for one in told]),
        summary=_coded([""] * len(told)),
        merchant=_coded([""] * len(told)),
        place=_coded([""] * len(told)),
        terminal=_coded([one.terminal for one in told]),
        ip=_coded([one.ip for one in told]),
        mac=_coded([one.mac for one in told]),
    )


def _stands_at(one: Told) -> int:
    step = {Precision.DAY: DAY_S, Precision.MINUTE: 60, Precision.SECOND: 1}[Precision(one.precision)]
    return one.at // step * step


def _is_night(one: Told) -> bool:
    hour = one.at // 3600 % 24
    return one.precision != Precision.DAY and (hour >= 23 or hour < 6)


def _coded(texts: Sequence[str]) -> Coded:
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) if text else ABSENT for text in texts]
    return Coded(np.array(codes, np.int32), tuple(numbers))
