"""Amounts of money in running text, to exact fen, each with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fanzha.kernel.money import FEN_PER_YUAN, MAX_FEN
from fanzha.records.reports.bare_sums import BEHIND_VERB, is_dialled, is_told_alone
from fanzha.records.reports.findings import Amount, Certainty, Role
from fanzha.records.reports.numerals import Numeral, read_numeral
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import MoneyWords, ReaderTables

_MONEY_MARKS = frozenset(
    {"pay", "receive", "loss", "sum", "balance", "each", "apart", "done", "fail", "reverse", "mention", "deposit"}
)
_BARE_MARKS = frozenset({"pay", "deposit", "done", "receive", "loss", "balance", "demand"})
_MONEY_LABELS = frozenset({"pay_amount", "amount"})
_CLAUSE = re.compile(r"[,\uff0c\u3002;!?\n]")
_LARGE = 10_000
"""From this unit on it multiplies all that was said before it."""
_NEAR = 6
"""How far a bare number stands from the word that makes money of it."""
_FAR = 60
_LEAST_BARE = 1_00
_BEHIND, _LEAST_BEFORE = 2, 100
_LEAST_ROUGH = 10


def find_amounts(page: Page, taken: Taken, words: MoneyWords) -> Iterator[Amount]:
    """Every amount that is not part of something else; roles are given later."""
    last, at = 0, 0
    while begun := words.begins.search(page.plain, at):
        at = begun.start()
        amount = _amount_at(page, at, taken, words, last)
        if isinstance(amount, Amount):
            yield amount
            at = last = amount.end
        else:
            at = max(amount, at + 1)


def typed_fen(given: str, tables: ReaderTables) -> int | None:
    """Fen of a field in which a person typed one sum of yuan and nothing else, read as sums in text are.

    None for what is no sum, no exact one, one in another currency, or one that could be meant otherwise (`3万25`).
    """
    words = tables.money
    plain = _unmarked(given.translate(tables.same_size).strip(), words)
    numeral = read_numeral(plain, 0, words)
    if numeral is None or numeral.rough or _broken(plain[: numeral.end], words):
        return None
    fen, end, currency = _with_unit(plain, numeral, words)
    if "." in plain[: numeral.end] and any(each.isdecimal() or each in words.digits for each in plain[numeral.end :]):
        return None
    if fen is None or end < len(plain) or currency not in ("", "CNY") or fen > MAX_FEN:
        return None
    return fen


def unit_in(note: str, tables: ReaderTables) -> str:
    """The unit that a note beside a head tells of every sum below it (`单位:万元`), as it would stand behind one;
    empty where the note tells none."""
    plain = note.translate(tables.same_size).replace(" ", "")
    for at in range(len(plain)):
        cut = at > 0 and plain[at - 1 : at + 1].isascii() and plain[at - 1 : at + 1].isalpha()
        if not cut and is_sum_at(f"1{plain[at:]}", 0, tables.money):
            return _unmarked(plain[at:], tables.money)
    return ""


def _unmarked(plain: str, words: MoneyWords) -> str:
    for mark in words.before:
        plain = plain.removeprefix(mark).lstrip()
    return plain


def is_sum_at(plain: str, at: int, words: MoneyWords) -> bool:
    """Whether a number there can only be a sum: one with a unit or a currency, or said roughly (`20余`)."""
    numeral, figures = read_numeral(plain, at, words), words.token.match(plain, at)
    if numeral is None or figures is None:
        return False
    rough = numeral.value >= _LEAST_ROUGH and plain.startswith(words.rough_after, numeral.end)
    _, end, _ = _with_unit(plain, numeral, words)
    return rough or end > figures.end()


def _broken(plain: str, words: MoneyWords) -> bool:
    """Whether it has figures of another script, a decimal point among several numbers, or units in no order."""
    tokens = [*words.token.finditer(plain)]
    figures = [token for token in tokens if token.lastgroup != "unit"]
    mixed = any(each.isdecimal() and not each.isascii() for each in plain) or ("." in plain and len(figures) > 1)
    return mixed or _falls_short(tokens, words) or not _falls(tokens, words)


def _falls_short(tokens: list[re.Match[str]], words: MoneyWords) -> bool:
    """Whether it ends in figures too few for the unit before them: `3万25` is said for 30,025 and for 32,500."""
    if [each.lastgroup for each in tokens[-2:]] != ["unit", "number"]:
        return False
    figures, places = tokens[-1].group().replace(",", ""), len(str(words.units[tokens[-2]["unit"]])) - 1
    return 1 < len(figures) < places and not figures.startswith("0")


def _falls(tokens: list[re.Match[str]], words: MoneyWords) -> bool:
    """Whether each unit is below those before it that it does not multiply, as in no two numbers in a row."""
    units = [(place, words.units[each["unit"]]) for place, each in enumerate(tokens) if each.lastgroup == "unit"]
    waiting: list[int] = []
    for place, unit in units:
        alone = place > 0 and tokens[place - 1].lastgroup == "unit"
        while waiting and waiting[-1] < unit and (unit >= _LARGE and (alone or waiting[-1] < _LARGE)):
            waiting.pop()
        if waiting and waiting[-1] <= unit:
            return False
        waiting.append(unit)
    return True


def _amount_at(page: Page, at: int, taken: Taken, words: MoneyWords, last: int) -> Amount | int:
    """The amount that begins there, or where to look on."""
    plain, known = page.plain, taken.next_after(at)
    if known is not None and known[0] <= at:
        return known[1]
    until = None if known is None else known[0]
    numeral = read_numeral(plain, at, words, until)
    if numeral is None:
        return _behind_figures(plain, at, words)
    if numeral.end == until and _is_cut(plain, numeral.end):
        return numeral.end
    start, marked = _currency_before(plain, at, words)
    fen, end, currency = _with_unit(plain, numeral, words)
    if plain[numeral.end : end] == words.piece and not numeral.digits and numeral.value == 1:
        return numeral.end  # `一块翡翠` is a piece, not a yuan
    if fen is None or not 0 < fen <= MAX_FEN or page.label(at) in ("serial", "identity"):
        return numeral.end
    certainty, reason = _sureness(page, at, numeral, (bool(currency), marked), last, words)
    if not reason or (not (marked or currency) and fen < _LEAST_BARE):
        return numeral.end
    rough, start, end = _rough(plain, start, end, numeral, words)
    upwards = plain.startswith(words.upwards, end)
    return Amount(
        start=start,
        end=end,
        certainty=certainty,
        reasons=(reason, *(("rough",) if rough else ()), *(("upwards",) if upwards else ())),
        fen=fen,
        currency=currency or "CNY",
        role=Role.MENTIONED,
        rough=rough,
    )


def _is_cut(plain: str, at: int) -> bool:
    """Whether figures stand on both sides: what was read ends within a row of them."""
    return plain[at - 1].isdecimal() and plain[at].isdecimal()


def _behind_figures(plain: str, at: int, words: MoneyWords) -> int:
    while at < len(plain) and (plain[at] in words.digits or plain[at].isdecimal()):
        at += 1
    return at + 1


def _currency_before(plain: str, at: int, words: MoneyWords) -> tuple[int, bool]:
    """Where an amount with a currency's mark before it begins, and whether there is one."""
    ahead = plain[max(0, at - 6) : at].rstrip(" +-:")
    for mark in words.before:
        if ahead.endswith(mark):
            return at - (len(plain[max(0, at - 6) : at]) - len(ahead)) - len(mark), True
    return at, False


def _with_unit(plain: str, numeral: Numeral, words: MoneyWords) -> tuple[int | None, int, str]:
    """Fen, end and currency of a number with whatever unit follows it; None for a broken fen."""
    value, end, currency = numeral.value, numeral.end, ""
    if named := words.yuan.at(plain, end + (plain[end : end + 1] == " ")):
        end, currency = named
    if currency == "CNY" and (part := words.fraction.match(plain, end)) and not _counts(plain, part, words):
        value, end = value + _fraction(part, words), part.end()
    exact = value * FEN_PER_YUAN
    return (int(exact) if exact == int(exact) else None), end, currency


def _counts(plain: str, part: re.Match[str], words: MoneyWords) -> bool:
    """Whether a lone figure behind the unit counts something (`500元2次`)."""
    return part["short"] is not None and words.not_money.at(plain, part.end()) is not None


def _fraction(part: re.Match[str], words: MoneyWords) -> Decimal:
    def figure(*names: str) -> int:
        told = "".join(part[name] or "" for name in names)
        return 0 if not told else int(told) if told.isdecimal() else words.digits[told]

    return Decimal(figure("tenths", "short") * 10 + figure("cents", "only")) / 100


def _sureness(
    page: Page, at: int, numeral: Numeral, named: tuple[bool, bool], last: int, words: MoneyWords
) -> tuple[Certainty, str]:
    """How sure it is that a number is money, and why; no reason where it is none."""
    if any(named):
        return Certainty.CERTAIN, "currency_named"
    follows = page.plain[numeral.end : numeral.end + 1]
    if follows.isascii() and follows.isalpha():
        return Certainty.UNSURE, ""
    label = page.label(at)
    if label in _MONEY_LABELS:
        return Certainty.CERTAIN, "labelled"
    if label:
        return Certainty.UNSURE, ""
    spaced = numeral.end + page.plain.startswith(" ", numeral.end)
    if words.not_money.at(page.plain, numeral.end) or words.not_money.at(page.plain, spaced):
        return Certainty.UNSURE, ""
    if numeral.scaled and _speaks_of_money(page, at):
        return Certainty.LIKELY, "scaled_beside_money_word"
    if numeral.digits or numeral.value >= 100:
        return _bare(page, at, numeral, last, words)
    return Certainty.UNSURE, ""


def _bare(page: Page, at: int, numeral: Numeral, last: int, words: MoneyWords) -> tuple[Certainty, str]:
    """The same of a number without unit or currency, by the words around it."""
    near = next(iter(page.before(at, since=max(0, at - 24))), None)
    if near is not None and is_dialled(page, near, at, numeral.end, words):
        return Certainty.UNSURE, ""
    beside = near is not None and near.kind in _BARE_MARKS and at - near.end <= _NEAR
    if near is not None and beside and not _CLAUSE.search(page.plain, near.end, at):
        return Certainty.LIKELY, "bare_beside_money_word"
    behind = next(iter(page.between(numeral.end, numeral.end + _BEHIND)), None)
    if numeral.digits and behind is not None and behind.kind == "pay" and numeral.value >= _LEAST_BEFORE:
        return Certainty.LIKELY, "bare_beside_money_word"
    if 0 < last <= at and at - last <= _NEAR and words.listed.fullmatch(page.plain, last, at):
        return Certainty.LIKELY, "listed_with_amounts"
    if numeral.digits and is_told_alone(page, at, numeral.end, words):
        return Certainty.UNSURE, BEHIND_VERB
    return Certainty.UNSURE, ""


def _speaks_of_money(page: Page, at: int) -> bool:
    start, end = max(page.sentence(at)[0], at - _FAR), min(page.clause(at)[1], at + _FAR)
    return any(mark.kind in _MONEY_MARKS or mark.kind == "label.amount" for mark in page.between(start, end))


def _rough(plain: str, start: int, end: int, numeral: Numeral, words: MoneyWords) -> tuple[bool, int, int]:
    """Whether the text says about, more or nearly, and the amount's place with that word in it."""
    behind = next((word for word in words.rough_after if plain.startswith(word, end)), "")
    ahead = next((word for word in words.rough_before if plain.endswith(word, max(0, start - 8), start)), "")
    return bool(numeral.rough or behind or ahead), start - len(ahead), end + len(behind)
