"""What stands around the rows: titles, key-values, totals, blanks, headers repeated on each printed page."""

import random

from tests.packages.table import Line, Table
from tests.packages.world import Account


def preamble(table: Table, rng: random.Random, account: Account | None) -> None:
    """Title and key-values; the only place where an own statement names its account."""
    top: list[list[str]] = []
    if rng.random() < 0.7 or account is not None:
        top.append([rng.choice(("个人账户交易明细", "银行卡交易流水查询结果", "账户历史交易明细清单"))])
    if account is not None:
        number_words = (("卡号", account.card), ("账号", account.number))
        pairs = [(rng.choice((word, "客户" + word)), value) for word, value in number_words if value]
        pairs.insert(rng.randint(0, len(pairs)), (rng.choice(("户名", "客户名称", "账户名称")), account.holder))
        top += _key_values(rng, pairs)
    if rng.random() < 0.5:
        top.append(["查询时间：2024-04-01 09:00:00", "", "币种：人民币"])
    if rng.random() < 0.3:
        top.append([])
    table.lines[:0] = [Line(kind="preamble" if cells else "blank", free=list(cells)) for cells in top]


def _key_values(rng: random.Random, pairs: list[tuple[str, str]]) -> list[list[str]]:
    shape = rng.choice(("one cell", "two cells", "one line", "wide"))
    if shape == "one cell":
        return [[f"{word}：{value}"] for word, value in pairs]
    if shape == "two cells":
        return [[word + rng.choice((":", "：", "")), value] for word, value in pairs]
    if shape == "one line":
        return [["  ".join(f"{word}:{value}" for word, value in pairs) + "  起始日期：2024-03-01 截止日期：2024-03-31"]]
    return [[cell for word, value in pairs for cell in (f"{word}：", value)]]


def header(table: Table) -> Line:
    """The header as a line."""
    return Line(kind="header", free=[table.headers[name] for name in table.fields])


def pages(table: Table, rng: random.Random, rate: float) -> None:
    """Repeat the header and put subtotals and blanks between rows, as printed pages do."""
    if rng.random() >= rate:
        return
    size, out = rng.choice((20, 35)), []
    for place, line in enumerate(table.lines):
        if place and place % size == 0 and line.kind == "data":
            if rng.random() < 0.5:
                out.append(Line(kind="total", free=["本页小计", "", "支出合计：123.45", "收入合计：67.80"]))
            if rng.random() < 0.5:
                out.append(Line(kind="blank"))
            out.append(header(table))
        out.append(line)
    table.lines = out
    table.tags.add("pages")


def totals(table: Table, rng: random.Random, rate: float) -> None:
    """Total rows at the end, some with figures under the money columns."""
    if rng.random() >= rate:
        return
    styles: list[list[str]] = [["合计"], [f"共 {len(table.lines)} 笔"], ["总计：", "", "1,234.00"], ["—— 以下空白 ——"]]
    figures = [""] * len(table.fields)
    figures[0] = "合计"
    for place, name in enumerate(table.fields):
        if name in ("amount", "debit", "credit") and place:
            figures[place] = "98765.43"
    styles.append(figures)
    table.lines.append(Line(kind="total", free=list(rng.choice(styles))))
    if rng.random() < 0.3:
        table.lines.append(Line(kind="blank"))
        table.lines.append(Line(kind="total", free=["制表人：测试", "打印日期：2024-04-01"]))
    table.tags.add("totals")


def blanks(table: Table, rng: random.Random, rate: float) -> None:
    """Blank rows anywhere below the header."""
    out: list[Line] = []
    for line in table.lines:
        if line.kind == "data" and rng.random() < rate:
            out.append(Line(kind="blank", free=[""] * rng.choice((0, len(table.fields)))))
        out.append(line)
    table.lines = out


def truncate(table: Table, rng: random.Random, rate: float) -> None:
    """The transfer of the file stopped inside the last row."""
    if table.ending in ("xlsx", "xls") or rng.random() >= rate or not table.lines or table.lines[-1].tell is None:
        return
    table.truncate = True
    table.tags.add("truncated")
    last = table.lines[-1]
    last.tags.add("truncated")
    assert last.tell is not None
    last.tell.fate, last.tell.reason = "rejected", "truncated"
