"""Payments put together: each amount that moved, with the account, name, bank, time and channel told of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from fanzha.records.reports.findings import (
    Account,
    Amount,
    Bank,
    Certainty,
    Channel,
    Doubt,
    Fineness,
    Moment,
    Name,
    Payment,
    Reading,
    Role,
    Side,
)
from fanzha.records.reports.page import Page
from fanzha.records.reports.tables import ReaderTables

R = TypeVar("R", bound=Reading)
S = TypeVar("S", Account, Name, Bank)

_MOVED = (Role.PAID, Role.RECEIVED, Role.REVERSED, Role.FAILED)
_MOST_REPEATS = 20
_WRITTEN_AGAIN = 30
_COUNTED, _EACH = 40, 8
_AN_HOUR, _A_DAY = timedelta(hours=1), timedelta(days=1)
_TOLD_BY_A_CLOCK = (Fineness.SECOND, Fineness.MINUTE, Fineness.HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that can belong to a payment, in the order of the text."""

    amounts: Sequence[Amount]
    accounts: Sequence[Account]
    banks: Sequence[Bank]
    names: Sequence[Name]
    moments: Sequence[Moment]
    channels: Sequence[Channel]


def put_together(page: Page, told: Told, tables: ReaderTables) -> tuple[list[Payment], list[Doubt]]:
    """The payments of a text, and what in them contradicts itself."""
    doubts: list[Doubt] = []
    chosen = _chosen(page, told.amounts, doubts, tables)
    stretches, clocks = _stretches(page, chosen), _clocks_beside(told.moments)
    payments: list[Payment] = []
    for amount, stretch in zip(chosen, stretches, strict=True):
        by_clock = clocks and clocks.tell(page, amount, stretch, len(chosen) == 1)
        moments = clocks.others if clocks and by_clock else told.moments
        payment = _payment(page, amount, stretch, replace(told, moments=moments), payments)
        payments += _repeated(page, payment, chosen, tables)
    doubts += [*_issuers(payments), *_perhaps_the_same(page, payments)]
    return payments, doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clocks:
    """Of a text that says "just now": where it does, all its other moments, and those of them that a clock tells and
    that may be meant by it."""

    just_now: Sequence[Moment]
    others: Sequence[Moment]
    told: Sequence[Moment]

    def tell(self, page: Page, amount: Amount, stretch: tuple[int, int], alone: bool) -> bool:
        """Whether a clock tells a payment's time, so that "just now" is not said of it: it is said of being deceived as
        well.

        In the payment's own clause, or a comma before it, "just now" gives way only to a clock there or labelled so.
        """
        start, end = page.clause(amount.start)
        here = _inside(self.told, stretch)
        labelled = any(page.label(each.start) == "pay_time" for each in (self.told if alone else here))
        own = any(start - 1 <= each.end and each.start < end for each in self.just_now)
        return labelled or bool(_inside(self.told, (start, end))) or (bool(here) and not own)


def _clocks_beside(moments: Sequence[Moment]) -> _Clocks | None:
    """None where nothing happened just now."""
    just_now = [each for each in moments if "just_now" in each.reasons]
    others = [each for each in moments if "just_now" not in each.reasons]
    meant = {each.at for each in just_now}
    told = [
        each
        for each in others
        if each.fineness in _TOLD_BY_A_CLOCK and any(abs(each.at - at) <= _A_DAY for at in meant)
    ]
    return _Clocks(just_now=just_now, others=others, told=told) if just_now else None


def _chosen(page: Page, amounts: Sequence[Amount], doubts: list[Doubt], tables: ReaderTables) -> list[Amount]:
    """The amounts that are payments: those that moved; failing those a sum, the loss, or what was asked for."""
    moved = _once(page, tables, [each for each in amounts if each.role in _MOVED])
    paid = sum(each.fen for each in moved if each.role is Role.PAID)
    sums = [each for each in amounts if each.role in (Role.SUM, Role.LOSS)]
    if paid:
        far = [each for each in sums if each.fen > paid and not each.rough]
        doubts += [_doubt(each, "more_lost_than_paid") for each in far[:1]]
        return moved
    for roles, reason in (((Role.SUM, Role.LOSS), "only_the_sum"), ((Role.ASKED,), "asked_not_told_paid")):
        instead = [each for each in amounts if each.role in roles and "refused" not in each.reasons]
        if instead:
            best = instead[:1] if reason == "only_the_sum" else instead
            told = [replace(each, certainty=Certainty.UNSURE, reasons=(*each.reasons, reason)) for each in best]
            return sorted([*moved, *told], key=lambda each: each.start)
    return moved


def _once(page: Page, tables: ReaderTables, amounts: Iterable[Amount]) -> list[Amount]:
    """Without an amount that is written again in words, and without one that is the sum of those beside it."""
    kept: list[Amount] = []
    for each in amounts:
        twice = kept and kept[-1].fen == each.fen and each.start - kept[-1].end <= _WRITTEN_AGAIN
        if not (twice and _in_figures(page, each) != _in_figures(page, kept[-1])):
            kept.append(each)
    return [each for place, each in enumerate(kept) if not _is_sum(page, kept, place, tables)]


def _in_figures(page: Page, amount: Amount) -> bool:
    return any(each.isdecimal() for each in page.plain[amount.start : amount.end])


def _is_sum(page: Page, amounts: Sequence[Amount], place: int, tables: ReaderTables) -> bool:
    """Whether two or more amounts right before or right behind come to this one, and it is told that they are parts."""
    whole = amounts[place]
    for step in (1, -1):
        total = 0
        for count in range(1, _MOST_REPEATS + 1):
            other = place + step * count
            if not 0 <= other < len(amounts) or amounts[other].role is not whole.role:
                break
            total += amounts[other].fen
            if total == whole.fen and count > 1:
                return _tells_parts(page, whole, amounts[place + step], tables)
            if total > whole.fen:
                break
    return False


def _tells_parts(page: Page, whole: Amount, part: Amount, tables: ReaderTables) -> bool:
    """Whether what stands between says in how many parts, or that they follow apart."""
    first, second = sorted((whole, part), key=lambda each: each.start)
    counted = tables.money.count.search(page.plain, first.end, second.start) is not None
    return counted or any(mark.kind in ("apart", "sum") for mark in page.between(first.end, second.start))


def _doubt(reading: Reading, code: str) -> Doubt:
    return Doubt(start=reading.start, end=reading.end, certainty=Certainty.LIKELY, code=code)


def _stretches(page: Page, amounts: Sequence[Amount]) -> list[tuple[int, int]]:
    """The part of the text that speaks of each amount: its sentence or its form, shared where it holds several."""
    blocks = _blocks(page)
    starts = [start for start, _ in blocks]
    return [blocks[bisect_right(starts, amount.start) - 1] for amount in amounts]


def _blocks(page: Page) -> list[tuple[int, int]]:
    """Sentences; lines of a form that follow each other are one, until a label comes again."""
    blocks: list[tuple[int, int]] = []
    labels: set[str] = set()
    start = 0
    for end in (*page.sentence_ends, len(page.plain)):
        if end <= start:
            continue
        here = {mark.kind for mark in page.between(start, end) if mark.kind.startswith("label.")} & _FORM
        is_form = bool(here) and _begins_with_label(page, start)
        blank = not page.plain[start:end].strip()
        if blocks and is_form and labels and not (labels & here & _ONCE) and not blank:
            blocks[-1] = (blocks[-1][0], end)
            labels |= here
        else:
            blocks.append((start, end))
            labels = here if is_form else set()
        start = end
    return blocks


_FORM = frozenset(
    f"label.{each}"
    for each in (
        "payee_account", "payer_account", "account", "payee_name", "payer_name", "name", "payee_bank", "payer_bank",
        "bank", "pay_amount", "amount", "pay_time", "serial", "use", "status",
    )
)  # fmt: skip
_ONCE = frozenset({"label.payee_account", "label.payee_name", "label.pay_amount", "label.amount", "label.pay_time"})


def _begins_with_label(page: Page, start: int) -> bool:
    while start < len(page.plain) and page.plain[start] in " \n\u3010[-*1234567890.\u3001)(":
        start += 1
    return any(mark.kind in _FORM and mark.start - start <= 2 for mark in page.between(start, start + 3))


def _payment(page: Page, amount: Amount, stretch: tuple[int, int], told: Told, before: Sequence[Payment]) -> Payment:
    """One amount with the nearest of everything that its stretch, or what was said before, tells."""
    payee = _party(page, amount, stretch, told.accounts, told.amounts)
    name = _party(page, amount, stretch, told.names, told.amounts)
    bank = _bank_of(payee, name, amount, stretch, told, Side.PAYEE)
    carried = _carried(amount, payee or name, stretch, told, before)
    payee, name, bank = payee or carried[0], name or carried[1], bank or carried[2]
    payer = _nearest(amount, [each for each in _inside(told.accounts, stretch) if each.side is Side.PAYER])
    payer_bank = _nearest(amount, [each for each in _inside(told.banks, stretch) if each.side is Side.PAYER])
    moved = [each for each in _inside(told.amounts, stretch) if each.role in _MOVED]
    moment = _moment(amount, stretch, told.moments, moved)
    channel = _nearest(amount, _inside(told.channels, stretch))
    parts = [each for each in (amount, payee, name, bank, payer, payer_bank, moment, channel) if each is not None]
    near = [each for each in parts if stretch[0] <= each.start < stretch[1]]
    return Payment(
        start=min(each.start for each in near),
        end=max(each.end for each in near),
        certainty=amount.certainty,
        reasons=amount.reasons,
        amount=amount,
        role=Role.PAID if amount.role in (Role.SUM, Role.LOSS, Role.ASKED) else amount.role,
        payee=payee,
        payee_name=name,
        payee_bank=bank,
        payer=payer,
        payer_bank=payer_bank,
        moment=moment,
        channel=channel,
    )


def _inside(found: Iterable[R], stretch: tuple[int, int]) -> list[R]:
    return [each for each in found if stretch[0] <= each.start < stretch[1]]


def _nearest(amount: Reading, found: Sequence[R]) -> R | None:
    return min(found, key=lambda each: _distance(amount, each), default=None)


def _distance(amount: Reading, other: Reading) -> int:
    return amount.start - other.end if other.end <= amount.start else other.start - amount.end


def _party(
    page: Page, amount: Amount, stretch: tuple[int, int], found: Sequence[S], amounts: Sequence[Amount]
) -> S | None:
    """The payee's account or name that goes with an amount.

    Where a stretch has as many as it has payments they pair up in order; else the nearest stands for all.
    """
    theirs = [each for each in _inside(found, stretch) if each.side is not Side.PAYER]
    theirs = [each for each in theirs if each.side is Side.PAYEE] or theirs
    moved = [each for each in _inside(amounts, stretch) if each.role in _MOVED]
    if len(theirs) == len(moved) > 1 and amount in moved:
        return theirs[moved.index(amount)]
    clause_start, clause_end = page.clause(amount.start)
    near = [each for each in theirs if clause_start <= each.start < clause_end]
    return _nearest(amount, near or theirs)


def _bank_of(
    payee: Account | None, name: Name | None, amount: Amount, stretch: tuple[int, int], told: Told, side: Side
) -> Bank | None:
    anchor: Reading = payee or name or amount
    theirs = [each for each in _inside(told.banks, stretch) if each.side is not Side.PAYER]
    theirs = [each for each in theirs if each.side is side] or theirs
    return _nearest(anchor, theirs)


Party = tuple[Account | None, Name | None, Bank | None]
_NOBODY: Party = (None, None, None)


def _carried(
    amount: Amount, known: Reading | None, stretch: tuple[int, int], told: Told, before: Sequence[Payment]
) -> Party:
    """The payee told elsewhere when the amount's own stretch tells none: before it, else in what follows."""
    if known is not None or amount.role is Role.RECEIVED:
        return _NOBODY
    parties: list[Account | Name] = [*told.accounts, *told.names]
    earlier = [each for each in parties if each.end <= stretch[0] and each.side is not Side.PAYER]
    later = [each for each in parties if _speaks_back(each, stretch, told.amounts)]
    if earlier:
        last = max(earlier, key=lambda each: each.start)
    elif later:
        last = min(later, key=lambda each: each.start)
    else:
        return _NOBODY
    around = (last.start - 60, last.end + 60)
    account = last if isinstance(last, Account) else _nearest(last, _payees(told.accounts, around))
    name = last if isinstance(last, Name) else _nearest(last, _payees(told.names, around))
    bank = _nearest(last, _payees(told.banks, around))
    return account and _unsure(account), name and _unsure(name), bank and _unsure(bank)


def _speaks_back(each: Account | Name, stretch: tuple[int, int], amounts: Sequence[Amount]) -> bool:
    """Whether what is told later is told of all before: no payment comes behind it."""
    if each.side is Side.PAYER or each.start < stretch[1]:
        return False
    return not any(other.role in _MOVED and other.start > each.end for other in amounts)


def _payees(found: Sequence[S], around: tuple[int, int]) -> list[S]:
    return [each for each in _inside(found, around) if each.side is not Side.PAYER]


def _unsure(reading: S) -> S:
    return replace(reading, certainty=Certainty.UNSURE, reasons=(*reading.reasons, "told_elsewhere"))


def _moment(
    amount: Amount, stretch: tuple[int, int], moments: Sequence[Moment], moved: Sequence[Amount]
) -> Moment | None:
    """The time of a payment: its own of as many as there are payments, else the last before it, the next, another."""
    here = _inside(moments, stretch)
    if len(here) == len(moved) > 1 and amount in moved and here[-1].end <= moved[0].start:
        return here[moved.index(amount)]
    earlier = [each for each in here if each.end <= amount.start]
    past = [each for each in moments if each.end <= stretch[0]]
    clocked = [each for each in here if each.fineness not in _LOOSE]
    if earlier or clocked or (here and not past):
        return earlier[-1] if earlier else clocked[0] if clocked else here[0]
    behind = [each for each in moments if each.start >= stretch[1]]
    if not past and not behind:
        return None
    other = past[-1] if past else behind[0]
    return replace(other, certainty=Certainty.UNSURE, reasons=(*other.reasons, "told_elsewhere"))


_LOOSE = (Fineness.DAY, Fineness.PART_OF_DAY)


def _repeated(page: Page, payment: Payment, amounts: Sequence[Amount], tables: ReaderTables) -> list[Payment]:
    """`三笔，每笔5万元` is three payments; anything else is one."""
    start, end = page.sentence(payment.amount.start)
    ahead = page.between(max(start, payment.amount.start - _EACH), payment.amount.start)
    near = any(mark.kind == "each" for mark in ahead)
    around = max(start, payment.amount.start - _COUNTED), min(end, payment.amount.end + _COUNTED)
    count = tables.money.count.search(page.plain, *around)
    shared = sum(start <= each.start < end for each in amounts) > 1
    if not near or count is None or shared or payment.role is not Role.PAID:
        return [payment]
    told = count["count"]
    times = int(told) if told.isdecimal() else tables.money.digits[told]
    again = replace(payment, reasons=(*payment.reasons, "several_of_the_same"))
    return [again] * min(max(times, 1), _MOST_REPEATS)


def _perhaps_the_same(page: Page, payments: Sequence[Payment]) -> list[Doubt]:
    """Payments of one amount told in two places, as a victim's words and the bank's message tell the same."""
    paid = [each for each in payments if each.role is Role.PAID and "several_of_the_same" not in each.reasons]
    latest: dict[int, Payment] = {}
    doubts = []
    for each in paid:
        first = latest.setdefault(each.amount.fen, each)
        apart = page.sentence(first.amount.start) != page.sentence(each.amount.start)
        if first is not each and apart and _can_be_one(first, each):
            doubts.append(_doubt(each.amount, "perhaps_the_same_payment"))
        latest[each.amount.fen] = each
    return doubts


def _can_be_one(one: Payment, other: Payment) -> bool:
    """Whether nothing that both tell differs: account, name, or hour."""
    if one.payee and other.payee and one.payee.number != other.payee.number:
        return False
    if one.payee_name and other.payee_name and one.payee_name.name != other.payee_name.name:
        return False
    if one.moment is None or other.moment is None:
        return True
    return one.moment.at < other.moment.until + _AN_HOUR and other.moment.at < one.moment.until + _AN_HOUR


def _issuers(payments: Sequence[Payment]) -> list[Doubt]:
    """Cards whose first digits say another bank than the text does."""
    return [
        _doubt(each.payee, "bank_differs_from_digits")
        for each in payments
        if each.payee and each.payee_bank and each.payee.issuer and each.payee_bank.id not in ("", each.payee.issuer)
    ]
