"""How one institution writes: words, signs, money and time; drawn once a file, because a file has one hand."""

import random
from dataclasses import dataclass

from tests.packages import times
from tests.packages.table import Line, Table

DIRECTIONS = (
    ("进", "出"),
    ("进", "出"),
    ("贷", "借"),
    ("收", "付"),
    ("收入", "支出"),
    ("C", "D"),
    ("1", "0"),
    ("入", "出"),
    ("贷方", "借方"),
    ("转入", "转出"),
    ("in", "out"),
    ("Credit", "Debit"),
    ("+", "-"),
)
OUTCOMES = (
    ("成功", "失败"),
    ("01", "00"),
    ("00", "01"),
    ("是", "否"),
    ("交易成功", "交易失败"),
    ("Y", "N"),
    ("success", "fail"),
)
REVERSAL_WORDS = ("冲正", "交易冲正", "转账冲正", "抹账", "冲账", "冲销")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One hand: every choice a bank's export makes."""

    incoming: str
    outgoing: str
    outcome_ok: str
    outcome_failed: str
    out_negative: bool  # outs carry a minus although a column tells the direction
    red_reversal: bool  # a reversal is a negative amount in the original's direction
    reversal_word: str
    money: str
    time: str
    pair: tuple[str, str] | None  # date and clock columns
    newest_first: bool
    encoding: str


def draw(rng: random.Random, *, time_formats: tuple[str, ...] = ()) -> Style:
    """A plausible hand."""
    incoming, outgoing = rng.choice(DIRECTIONS)
    ok, failed = rng.choice(OUTCOMES[:1] * 3 + OUTCOMES[2:])
    negative = rng.random() < 0.12
    names = time_formats or tuple(name for name in times.FORMATS if not name.startswith("day"))
    return Style(
        incoming=incoming,
        outgoing=outgoing,
        outcome_ok=ok,
        outcome_failed=failed,
        out_negative=negative,
        red_reversal=not negative and rng.random() < 0.5,
        reversal_word=rng.choice(REVERSAL_WORDS),
        money=rng.choice(("plain", "plain", "short", "commas", "yen", "yuan", "wan", "cny")),
        time=rng.choice(names),
        pair=(rng.choice(tuple(times.DATES)), rng.choice(tuple(times.CLOCKS))) if rng.random() < 0.3 else None,
        newest_first=rng.random() < 0.4,
        encoding=rng.choice(("gb18030", "gb18030", "utf-8-sig", "utf-8", "utf-16")),
    )


def write_money(style: str, fen: int) -> str:
    """Fen as this hand writes yuan; always exact."""
    sign, whole, cents = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    plain = f"{whole}.{cents:02d}"
    if style == "short":
        return sign + plain.rstrip("0").rstrip(".")
    if style == "commas":
        return f"{sign}{whole:,}.{cents:02d}"
    if style == "yen":
        return f"{sign}¥{whole:,}.{cents:02d}" if fen % 3 else f"{sign}￥{plain}"
    if style == "yuan":
        return f"{sign}{plain}元"
    if style == "cny":
        return f"CNY {sign}{whole:,}.{cents:02d}"
    if style == "wan":
        if abs(fen) >= 1_000_000:
            return sign + f"{abs(fen) // 1_000_000}.{abs(fen) % 1_000_000:06d}".rstrip("0").rstrip(".") + "万"
        return sign + plain
    if style == "fen":
        return str(fen)
    return sign + plain


def write_cells(table: Table, style: Style) -> None:
    """Turn typed cells (seconds, fen, in/out) into this hand's texts, keeping what each line tells."""
    for line in table.lines:
        if line.tell is None:
            continue
        _write_time(line, style)
        for name in ("amount", "balance", "debit", "credit", "cp_balance", "received"):
            value = line.cells.get(name)
            if isinstance(value, int):
                line.cells[name] = write_money(style.money, value)
        direction = line.cells.get("dir")
        if direction in ("in", "out"):
            line.cells["dir"] = style.incoming if direction == "in" else style.outgoing
        outcome = line.cells.get("ok")
        if outcome in ("ok", "failed"):
            line.cells["ok"] = style.outcome_ok if outcome == "ok" else style.outcome_failed
    table.tags |= {
        f"time:{style.pair or style.time}",
        f"money:{style.money}",
        f"direction:{style.incoming}{style.outgoing}",
    }
    if style.out_negative:
        table.tags.add("out_negative")


def _write_time(line: Line, style: Style) -> None:
    tell = line.tell
    assert tell is not None
    if "date" in line.cells:
        pair = style.pair or ("iso", "colons")
        line.cells["date"], line.cells["clock"] = times.write_pair(*pair, tell.at_s)
    elif "time" in line.cells:
        line.cells["time"] = times.write(style.time, tell.at_s)
        tell.precision = times.FORMATS[style.time][1]
