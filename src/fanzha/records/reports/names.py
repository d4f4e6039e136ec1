"""Names of payees and payers in running text, found by the words that introduce them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fanzha.kernel.identifiers import name as names
from fanzha.records.reports.findings import Account, Bank, Certainty, Name, Side
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import NameWords, ReaderTables

_LABELS = {"payee_name": Side.PAYEE, "payer_name": Side.PAYER, "name": Side.UNKNOWN}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CAPITALS = re.compile(r"[A-Z][A-Za-z.]{1,19}(?: [A-Z][A-Za-z.]{1,19}){0,3}")
_LONGEST_PERSON = 4
_BESIDE = 40
"""How far from an account or a bank a name that stands alone is still its owner's."""
_DOT = "\u00b7"


def find_names(
    page: Page, taken: Taken, banks: Sequence[Bank], accounts: Sequence[Account], tables: ReaderTables
) -> Iterator[Name]:
    """Names behind labels, behind words of paying towards somebody, and of owners of accounts."""
    words, seen = tables.names, Taken()
    serials = [(mark.start, mark.end) for mark in page.marks if mark.kind == "label.serial"]
    for place in [*((bank.start, bank.end) for bank in banks), *serials]:
        if seen.is_free(*place):
            seen.add(*place)
    introduced = (*_labelled(page, words), *_towards(page, words), *_owners(page, words))
    for found in (*introduced, *_before_accounts(page, words), *_alone(page, banks, accounts, words)):
        if taken.is_free(found.start, found.end) and seen.is_free(found.start, found.end):
            seen.add(found.start, found.end)
            yield found
            yield from _listed(page, found, seen, words)


def _listed(page: Page, first: Name, seen: Taken, words: NameWords) -> Iterator[Name]:
    """The names behind one, as a list goes on: `张三、李四、王五`."""
    last = first
    while page.plain.startswith(words.comma, last.end):
        found = _at(page, last.end + 1, words, strict=True)
        if found is None or not seen.is_free(*found):
            return
        seen.add(*found)
        last = replace(last, start=found[0], end=found[1], name=names.clean(page.text[slice(*found)]))
        yield last


def _labelled(page: Page, words: NameWords) -> Iterator[Name]:
    for mark in page.marks:
        side = _LABELS.get(mark.kind.removeprefix("label."))
        if side is None:
            continue
        start = _skip_glue(page.plain, mark.end, words.glue)
        glued = start == mark.end or page.plain[mark.end : start].strip() == ""
        if (found := _at(page, start, words, strict=glued)) is not None:
            yield _name(page, *found, side, (Certainty.LIKELY if glued else Certainty.CERTAIN, "labelled"))
    for called in words.patterns["called"].finditer(page.plain):
        if (found := _at(page, called.end(), words, strict=True)) is not None:
            yield _name(page, *found, Side.UNKNOWN, (Certainty.LIKELY, "labelled"))


def _skip_glue(plain: str, at: int, glue: str) -> int:
    while at < len(plain) and plain[at] in glue:
        at += 1
    return at


def _towards(page: Page, words: NameWords) -> Iterator[Name]:
    for towards in words.patterns["towards"].finditer(page.plain):
        if (found := _at(page, towards.end(), words, strict=True)) is not None:
            yield _name(page, *found, Side.PAYEE, (Certainty.LIKELY, "paid_towards"))


def _owners(page: Page, words: NameWords) -> Iterator[Name]:
    """`张三的账户`: the two to four characters before the word of owning."""
    for owner in words.patterns["owner"].finditer(page.plain):
        found = _ending_at(page, owner.start(), words)
        if found is not None:
            yield _name(page, *found, Side.UNKNOWN, (Certainty.LIKELY, "owns_the_account"))


def _before_accounts(page: Page, words: NameWords) -> Iterator[Name]:
    """`张三(卡号6222…)`."""
    for account in words.patterns["before_account"].finditer(page.plain):
        found = _ending_at(page, account.start(), words)
        if found is not None:
            yield _name(page, *found, Side.UNKNOWN, (Certainty.UNSURE, "before_an_account"))


def _ending_at(page: Page, end: int, words: NameWords) -> tuple[int, int] | None:
    for length in (3, 2):
        start = end - length
        if start < 0 or not _is_person(page.plain[start:end], words):
            continue
        if start == 0 or not _is_chinese(page.plain[start - 1]) or _ends_a_word(page, start, words):
            return start, end
    return None


def _ends_a_word(page: Page, at: int, words: NameWords) -> bool:
    """Whether a mark or a word that no name begins with ends right before the place."""
    return any(mark.end == at for mark in page.before(at, since=max(0, at - 6))) or any(
        words.stops.at(page.plain, at - length) == (at, True) for length in (1, 2, 3, 4) if at >= length
    )


def _alone(page: Page, banks: Iterable[Bank], accounts: Iterable[Account], words: NameWords) -> Iterator[Name]:
    """`9999…128 李四 工商银行`: a name that stands alone close by an account or a bank, or ends right before one."""
    for each in (*accounts, *banks):
        if (found := _ending_at(page, each.start, words)) is not None:
            yield _name(page, *found, Side.UNKNOWN, (Certainty.LIKELY, "before_an_account"))
        start, end = page.sentence(each.start)
        start, end = max(start, each.start - _BESIDE), min(end, each.end + _BESIDE)
        for run in words.patterns["run"].finditer(page.plain, start, end):
            name = run["name"].rstrip("()")
            organisation = len(name) > 1 and _organisation(name, words) == len(name)
            if organisation or (_is_person(name, words) and _stands_alone(page, run.start(), len(name))):
                place = run.start(), run.start() + len(name)
                yield _name(page, *place, Side.UNKNOWN, (Certainty.UNSURE, "stands_beside_an_account"))


def _stands_alone(page: Page, start: int, length: int) -> bool:
    """Whether no word or number runs into a name, and no word that means something lies in it."""
    before = page.plain[start - 1 : start]
    return not (before.isalnum() or page.between(start, start + length))


def _at(page: Page, start: int, words: NameWords, *, strict: bool) -> tuple[int, int] | None:
    """Where the name that begins there ends; with `strict` a person's must begin with a family name."""
    run = words.patterns["run"].match(page.plain, start)
    if run is None:
        return None
    written = run["name"]
    if written[0].isascii() and written[0].isalpha():
        return _foreign(page.text[start : run.end()], start)
    organisation = _organisation(written, words)
    if organisation >= 4:
        return start, start + organisation
    written = written[: _cut(written, words)].partition("(")[0].rstrip(")")
    if _is_hidden(written, words):
        return start, start + len(written)
    if _DOT in written and 4 <= len(written) <= 15:
        return start, start + len(written)
    short = 2 <= len(written) <= _LONGEST_PERSON
    if _is_person(written, words) or (short and not strict and _is_somebody(written, words)):
        return start, start + len(written)
    return None


def _foreign(written: str, start: int) -> tuple[int, int] | None:
    """A name in Latin letters: as many words as begin with a capital, at least two."""
    capital = _CAPITALS.match(written)
    return (start, start + capital.end()) if capital and " " in capital[0] else None


def _organisation(written: str, words: NameWords) -> int:
    """How long an organisation's name at the beginning is; 0 where none stands."""
    ends = [written.find(ending) + len(ending) for ending in words.organisations if ending in written[2:]]
    longest = min((end for end in ends if end > 3), default=0)
    name = written[:longest]
    if not longest or words.no_organisation.search(name) or words.stops.at(name, 0):
        return 0
    grown = max((len(ending) for ending in words.organisations if written.startswith(ending, longest)), default=0)
    return longest + grown


def _cut(written: str, words: NameWords) -> int:
    """Where a name ends because a word begins that is in none; never in its first character."""
    for at in range(1, len(written)):
        if words.stops.at(written, at):
            return at
    return len(written)


def _is_person(written: str, words: NameWords) -> bool:
    return (
        2 <= len(written) <= _LONGEST_PERSON
        and (written[0] in words.surnames)
        and all(_is_chinese(each) for each in written)
        and (len(written) < _LONGEST_PERSON or written[:2] in words.double)
        and _is_somebody(written, words)
    ) or (
        written.startswith(words.marked)
        and 2 < len(written) <= _LONGEST_PERSON
        and written.removeprefix(words.marked) not in words.things
    )


def _is_somebody(written: str, words: NameWords) -> bool:
    return words.nobody.search(written) is None


def _is_hidden(written: str, words: NameWords) -> bool:
    return 2 <= len(written) <= 4 and bool(words.hidden & set(written)) and any(_is_chinese(each) for each in written)


def _is_chinese(character: str) -> bool:
    return bool(_CHINESE.fullmatch(character))


def _name(page: Page, start: int, end: int, side: Side, told: tuple[Certainty, str]) -> Name:
    return Name(
        start=start,
        end=end,
        certainty=told[0],
        reasons=(told[1],),
        name=names.clean(page.text[start:end]),
        side=side,
    )
