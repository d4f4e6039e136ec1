"""Numbers as people write them, digits and Chinese numerals mixed: `12万5`, `三万六`, `一百七十五万余`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from fanzha.records.reports.tables import MoneyWords

_LARGE = 10_000
_MOST = 10**16
"""Beyond it a number is no sum, and no unit makes it greater."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number and where it ends; `scaled` when it names thousands or more by a word."""

    value: Decimal
    end: int
    scaled: bool
    rough: bool
    digits: bool


@dataclass
class _Sum:
    """A number half read: what whole ten thousands came to, what stands since, and the figure not yet placed."""

    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    figure: Decimal | None = None
    figure_at: int = 0
    unit: int = 1
    biggest: int = 1
    zero: bool = False
    rough: bool = False
    digits: bool = False


def read_numeral(plain: str, at: int, words: MoneyWords, until: int | None = None) -> Numeral | None:
    """The number that begins at a place and ends by `until`; None where no number does, or only a row of figures
    (`二〇二六`)."""
    so_far, end = _Sum(), at
    limit = len(plain) if until is None else until
    while token := words.token.match(plain, end, limit):
        if not _take(so_far, token.lastgroup or "", token.group(token.lastgroup or 0), token.start(), words):
            break
        end = token.end()
    if end == at or (so_far.rough and end == at + 1):
        return None
    return _whole(so_far, plain, end, words)


def _take(so_far: _Sum, kind: str, word: str, at: int, words: MoneyWords) -> bool:
    """Add one token; False where it is no part of the number."""
    if kind == "unit":
        return _scale(so_far, words.units[word])
    if kind == "rough":
        known = so_far.figure is not None or so_far.section or so_far.total
        if not known or so_far.rough:
            return False
        so_far.rough = True
        return True
    if so_far.figure is not None or so_far.rough:
        return False
    if kind == "digit" and word in words.zero and so_far.biggest > 1:
        so_far.zero = True
        return True
    plain = word.replace(",", "").replace("\uff0c", "") if kind == "number" else str(words.digits[word])
    so_far.figure, so_far.figure_at = Decimal(plain), at
    so_far.digits = so_far.digits or kind == "number"
    return True


def _scale(so_far: _Sum, unit: int) -> bool:
    if unit < _LARGE:
        if so_far.figure is None and (unit != 10 or so_far.rough):
            return False
        so_far.section += (1 if so_far.figure is None else so_far.figure) * unit
    else:
        section = so_far.section + (so_far.figure or 0)
        if unit > _LARGE:
            section, so_far.total = section + so_far.total, Decimal(0)
        if not section or section > _MOST:
            return False
        so_far.total, so_far.section = so_far.total + section * unit, Decimal(0)
    so_far.figure, so_far.zero, so_far.unit = None, False, unit
    so_far.biggest = max(so_far.biggest, unit)
    return True


def _whole(so_far: _Sum, plain: str, end: int, words: MoneyWords) -> Numeral | None:
    figure = so_far.figure or Decimal(0)
    if so_far.figure is not None and so_far.biggest > 1:
        if words.count.match(plain, so_far.figure_at):
            figure, end = Decimal(0), so_far.figure_at  # `5万3笔`: fifty thousand in three payments
        elif so_far.unit >= 100 and not so_far.zero and figure < 10 and figure == int(figure):
            figure *= so_far.unit // 10  # `三万六` is thirty-six thousand
    elif so_far.biggest == 1 and not so_far.digits and _is_row(plain, end, words):
        return None
    return Numeral(
        value=so_far.total + so_far.section + figure,
        end=end,
        scaled=so_far.biggest >= 1000,
        rough=so_far.rough,
        digits=so_far.digits,
    )


def _is_row(plain: str, end: int, words: MoneyWords) -> bool:
    """Whether more figures follow without a unit between: a year or a number read out, no amount."""
    return plain[end : end + 1] in words.digits
