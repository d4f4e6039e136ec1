"""A large dirty query-feedback statement with known counts: what `fanzha bench import` reads.

500 own accounts at 10 banks, about 100,000 counterparties by a power law, one row in five the second telling of a
transfer between own accounts, cells dirtied at 1 to 3 per cent. Everything is drawn as whole columns.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from numpy.typing import NDArray

OWN_ACCOUNTS = 500
COUNTERPARTIES = 100_000
BANKS = 10
DAYS = 90
FIRST_DAY = np.datetime64("2024-03-01")
CHUNK_ROWS = 100_000
ENCODING = "gb18030"

# fmt: off
COLUMNS = (
    "交易卡号", "交易账号", "账户开户名称", "开户人证件号码", "交易时间", "交易金额",
    "交易余额", "收付标志", "交易对手账卡号", "现金标志", "对手户名", "对手身份证号",
    "对手开户银行", "摘要说明", "交易币种", "交易网点名称", "交易网点代码", "交易发生地",
    "交易是否成功", "传票号", "终端号", "IP地址", "MAC地址", "对手交易余额",
    "交易流水号", "日志号", "凭证种类", "凭证号", "交易柜员号", "商户名称",
    "商户号", "备注", "交易类型", "查询反馈结果原因",
)
# fmt: on

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file and the counts that a right import must give."""

    path: Path
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    movements: int
    size_bytes: int


@dataclass(slots=True, kw_only=True)
class _Rows:
    """The ledger rows as columns, in file order; counterparties below OWN_ACCOUNTS are own accounts."""

    account: Ints
    other: Ints
    at_s: Ints
    out: Flags
    fen: Ints
    balance: Ints
    internal: Flags
    failed: Flags
    void: Flags
    reversal: Flags
    broken: Flags

    def part(self, low: int, high: int) -> "_Rows":
        """A slice of all columns."""
        return _Rows(**{name: getattr(self, name)[low:high] for name in _Rows.__slots__})


def make_csv(path: Path, *, rows: int = 1_000_000, seed: int = 1) -> Made:
    """Write the GB18030 CSV of `rows` data rows."""
    rng = np.random.default_rng(seed)
    ledger, names = _ledger(rng, rows), _Names(rng)
    with path.open("wb") as out:
        out.write((",".join(COLUMNS) + "\r\n").encode(ENCODING))
        for low in range(0, rows, CHUNK_ROWS):
            part = ledger.part(low, min(low + CHUNK_ROWS, rows))
            lines = pc.binary_join_element_wise(*_columns(rng, part, names, first_row=low), b",")
            joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), b"\r\n")
            out.write(joined[0].as_py() + b"\r\n")
    return _made(path, ledger)


def make_xlsx(path: Path, *, rows: int = 50_000, seed: int = 1) -> Made:
    """Write the XLSX of `rows` data rows; amounts and balances are numeric cells."""
    rng = np.random.default_rng(seed)
    ledger, names = _ledger(rng, rows), _Names(rng)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("交易明细信息")
    sheet.write_row(0, 0, COLUMNS)
    columns = [
        [cell.decode(ENCODING) for cell in column.to_pylist()] for column in _columns(rng, ledger, names, first_row=0)
    ]
    numeric = {COLUMNS.index("交易余额"): ledger.balance}
    for row, cells in enumerate(zip(*columns, strict=True)):
        for place, cell in enumerate(cells):
            if place in numeric:
                sheet.write_number(row + 1, place, int(numeric[place][row]) / 100)
            elif cell:
                sheet.write_string(row + 1, place, cell.strip('"'))
    book.close()
    return _made(path, ledger)


def _made(path: Path, ledger: _Rows) -> Made:
    rejected = int((ledger.failed | ledger.broken).sum())
    duplicates = int(ledger.internal.sum()) // 2
    accepted = len(ledger.account) - rejected - duplicates
    return Made(
        path=path,
        rows=len(ledger.account),
        accepted=accepted,
        duplicates=duplicates,
        rejected=rejected,
        movements=accepted - int(ledger.void.sum()),
        size_bytes=path.stat().st_size,
    )


def _ledger(rng: np.random.Generator, rows: int) -> _Rows:
    """Rows of all accounts, each account in order of its bank's clock with exact balances."""
    internal, reversed_rows = rows // 5, rows // 500
    external = rows - 2 * internal - reversed_rows
    skew = rng.integers(-90, 91, BANKS)
    payer = rng.integers(0, OWN_ACCOUNTS, internal)
    payee = (payer + rng.integers(1, OWN_ACCOUNTS, internal)) % OWN_ACCOUNTS
    at = rng.integers(0, DAYS * 86_400, internal)
    own = rng.integers(0, OWN_ACCOUNTS, external)
    other = OWN_ACCOUNTS + np.minimum((rng.pareto(1.1, external) * 40).astype(np.int64), COUNTERPARTIES - 1)
    out = rng.random(external) < 0.55
    at_external = rng.integers(0, DAYS * 86_400, external)
    fen, fen_external = _amounts(rng, internal), _amounts(rng, external)
    taken_back = rng.choice(external, reversed_rows, replace=False)
    flags = np.zeros(external, np.int8)  # 1 failed, 2 void, 4 broken
    flags[rng.random(external) < 0.01] = 1
    flags[rng.random(external) < 0.001] = 4
    flags[taken_back] = 2
    flags[(flags == 1) & ~out] = 0
    account = np.concatenate([payer, payee, own, own[taken_back]])
    moment = np.concatenate([at, at + rng.integers(0, 6, internal), at_external, at_external[taken_back] + 60])
    kind = np.concatenate([np.zeros(2 * internal, np.int8), flags, np.full(reversed_rows, 10, np.int8)])
    columns = {
        "account": account,
        "other": np.concatenate([payee, payer, other, other[taken_back]]),
        "at_s": moment + skew[account % BANKS],
        "out": np.concatenate([np.ones(internal, bool), np.zeros(internal, bool), out, ~out[taken_back]]),
        "fen": np.concatenate([fen, fen, fen_external, fen_external[taken_back]]),
        "internal": np.arange(rows) < 2 * internal,
        "failed": kind == 1,
        "void": (kind == 2) | (kind == 10),
        "reversal": kind == 10,
        "broken": kind == 4,
    }
    order = np.lexsort((columns["at_s"], columns["account"]))
    sorted_columns = {name: column[order] for name, column in columns.items()}
    balance = _balances(
        sorted_columns["account"], sorted_columns["out"], np.where(sorted_columns["failed"], 0, sorted_columns["fen"])
    )
    return _Rows(balance=balance, **sorted_columns)


def _amounts(rng: np.random.Generator, count: int) -> Ints:
    """Fen: a third round, the rest log-normal around 2,000 yuan."""
    free = np.exp(rng.normal(12.2, 1.6, count)).astype(np.int64) + 1
    amounts: Ints = np.where(rng.random(count) < 0.33, np.maximum(free // 100_000, 1) * 100_000, free)
    return amounts


def _balances(account: Ints, out: Flags, fen: Ints) -> Ints:
    """Balance after each row; every account opens with just enough never to fall below zero."""
    running = np.cumsum(np.where(out, -fen, fen))
    starts = np.flatnonzero(np.r_[True, account[1:] != account[:-1]])
    before = np.r_[0, running[starts[1:] - 1]]
    lengths = np.diff(np.r_[starts, len(account)])
    running = running - np.repeat(before, lengths)
    lowest = np.minimum(np.minimum.reduceat(running, starts), 0)
    balances: Ints = running - np.repeat(lowest, lengths)
    return balances


def _words(*texts: str) -> pa.Array:
    return pa.array([text.encode(ENCODING) for text in texts], pa.binary())


class _Names:
    """What each account is called; own accounts first."""

    def __init__(self, rng: np.random.Generator) -> None:
        total = OWN_ACCOUNTS + COUNTERPARTIES
        bodies = rng.choice(10**9, total, replace=False)
        self.card = _words(*(f"999999{body:09d}{body * 7 % 10_000:04d}" for body in bodies.tolist()))
        self.number = _words(*(f"90{body:09d}{body * 3 % 10_000:04d}01" for body in bodies.tolist()))
        marks = "甲乙丙丁戊己庚辛壬癸"
        self.name = _words(*(f"测试{marks[i % 10]}{marks[i // 10 % 10]}{i // 100 or ''}" for i in range(total)))
        self.document = _words(
            *(f"990000{1960 + i % 45}{i % 12 + 1:02d}{i % 28 + 1:02d}{i % 10_000:04d}" for i in range(total))
        )
        self.bank = _words(*(f"测试银行{marks[i]}" for i in range(BANKS)))
        self.branch = _words(*(f"测试银行{marks[i]}测试支行" for i in range(BANKS)))
        self.clock = _words(*(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)))
        self.day = _words(*(str(FIRST_DAY + day) for day in range(-1, DAYS + 2)))


def _text(values: NDArray[np.generic]) -> pa.Array:
    return pc.cast(pc.cast(pa.array(values), pa.string()), pa.binary())


def _join(*parts: pa.Array | bytes) -> pa.Array:
    return pc.binary_join_element_wise(*parts, b"")


def _money(fen: Ints) -> pa.Array:
    cents = pc.take(_words(*(f".{cent:02d}" for cent in range(100))), pa.array(fen % 100))
    return _join(_text(fen // 100), cents)


def _sometimes(
    rng: np.random.Generator, rate: float, plain: pa.Array, dirty: pa.Array, where: Flags | None = None
) -> pa.Array:
    chosen = rng.random(len(plain)) < rate
    return pc.if_else(pa.array(chosen if where is None else chosen & where), dirty, plain)


def _columns(rng: np.random.Generator, rows: _Rows, names: _Names, *, first_row: int) -> list[pa.Array]:
    """The 34 columns of a part as GB18030 bytes, dirt included."""
    count = len(rows.account)
    empty = pa.array([b""] * count, pa.binary())
    row = np.arange(first_row, first_row + count)

    def pick(words: pa.Array, places: NDArray[np.integer]) -> pa.Array:
        return pc.take(words, pa.array(places))

    def constant(text: str) -> pa.Array:
        return pick(_words(text), np.zeros(count, np.int64))

    cash = ~rows.internal & rows.out & (rows.other % 23 == 0)
    summary = np.select([rows.reversal, cash, rows.out], [3, 2, 1], 0)
    serial = _join(_text(rows.at_s + 1_700_000_000), _text(row + 10_000_000))
    cells = {
        "交易卡号": _number(rng, pick(names.card, rows.account)),
        "交易账号": _number(rng, pick(names.number, rows.account)),
        "账户开户名称": pick(names.name, rows.account),
        "开户人证件号码": _number(rng, pick(names.document, rows.account)),
        "交易时间": _time(rng, rows, names),
        "交易金额": _amount(rng, rows),
        "交易余额": _money(rows.balance),
        "收付标志": pick(_words("进", "出"), rows.out.astype(np.int64)),
        "现金标志": pick(_words("转账", "现金"), cash.astype(np.int64)),
        "摘要说明": pick(_words("转账存入", "转账支取", "ATM取款", "冲正"), summary),
        "交易币种": constant("人民币"),
        "交易网点名称": pick(names.branch, rows.account % BANKS),
        "交易网点代码": constant("999900000001"),
        "交易发生地": constant("测试市"),
        "交易是否成功": pick(_words("成功", "失败"), rows.failed.astype(np.int64)),
        "传票号": _text(row % 100_000),
        "终端号": _join(constant("T"), _text(rows.account % 997)),
        "IP地址": _join(constant("192.0.2."), _text(rows.account % 250)),
        "MAC地址": _join(constant("02-00-00-00-00-"), _text(10 + rows.account % 90)),
        "交易流水号": _join(serial, pick(_words("", "\t"), (row % 40 == 0).astype(np.int64))),
        "日志号": _text(row % 1_000_000),
        "交易柜员号": constant("EB0001"),
        "交易类型": pick(_words("转账存入", "转账支取", "ATM取款", "冲正"), summary),
        "查询反馈结果原因": constant("成功"),
    } | _counterparty(rng, rows, names, cash)
    return [cells.get(name, empty) for name in COLUMNS]


def _number(rng: np.random.Generator, plain: pa.Array) -> pa.Array:
    glued = _sometimes(rng, 0.03, plain, _join(plain, b"\t"))
    return _sometimes(rng, 0.01, glued, _join(b"'", plain))


def _time(rng: np.random.Generator, rows: _Rows, names: _Names) -> pa.Array:
    day, second = rows.at_s // 86_400 + 1, rows.at_s % 86_400
    plain = pc.binary_join_element_wise(pc.take(names.day, pa.array(day)), pc.take(names.clock, pa.array(second)), b" ")
    return _sometimes(rng, 0.02, plain, _join(plain, b"\t"))


def _amount(rng: np.random.Generator, rows: _Rows) -> pa.Array:
    plain = _money(rows.fen)
    yuan = rows.fen // 100
    thousands = np.flatnonzero(yuan >= 1_000)
    separated = plain
    if len(thousands):
        rest = pc.take(_words(*(f",{n:03d}" for n in range(1_000))), pa.array(yuan % 1_000))
        cents = pc.take(_words(*(f".{cent:02d}" for cent in range(100))), pa.array(rows.fen % 100))
        separated = _join(b'"', _text(yuan // 1_000), rest, cents, b'"')
    dirty = _sometimes(rng, 0.02, plain, separated, (yuan >= 1_000) & (yuan < 1_000_000))
    dirty = _sometimes(rng, 0.01, dirty, _join(plain, "元".encode(ENCODING)))
    dirty = _sometimes(rng, 0.01, dirty, _join("￥".encode(ENCODING), plain))
    return pc.if_else(pa.array(rows.broken), pa.scalar(b"--", pa.binary()), dirty)


def _counterparty(rng: np.random.Generator, rows: _Rows, names: _Names, cash: Flags) -> dict[str, pa.Array]:
    other, outside = pa.array(rows.other), ~rows.internal
    number = pc.if_else(
        pa.array(rng.random(len(rows.other)) < 0.15), pc.take(names.number, other), pc.take(names.card, other)
    )
    masked = _join(pc.binary_slice(number, 0, 4), b"****", pc.binary_slice(number, -4))
    spoilt = _sometimes(rng, 0.02, number, masked, outside)
    spoilt = _sometimes(rng, 0.01, spoilt, _join(b"9.", pc.binary_slice(number, 1, 6), b"E+18"), outside)
    gone = (rng.random(len(rows.other)) < 0.03) & outside | cash
    none = pa.scalar(b"", pa.binary())
    bank = pc.take(names.bank, pa.array(rows.other % BANKS))
    return {
        "交易对手账卡号": pc.if_else(pa.array(gone), none, _number(rng, spoilt)),
        "对手户名": pc.if_else(pa.array(gone), none, pc.take(names.name, other)),
        "对手身份证号": pc.if_else(pa.array(gone | (rows.other % 3 == 0)), none, pc.take(names.document, other)),
        "对手开户银行": pc.if_else(pa.array(gone), none, bank),
    }
