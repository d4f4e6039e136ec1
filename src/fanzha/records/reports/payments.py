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
    Moment,
    Name,
    Payment,
    Reading,
    Role,
    Side,
)
from fanzha.records.reports.page import Page
from fanzha.records.reports.payment_times import Place, clocks_beside, done_then, time_of
from fanzha.records.reports.portions import Portion, Span, inside, outside, portions_of
from fanzha.records.reports.tables import ReaderTables

R = TypeVar("R", bound=Reading)
S = TypeVar("S", Account, Name, Bank)

_MOVED = (Role.PAID, Role.RECEIVED, Role.REVERSED, Role.FAILED)
_MOST_REPEATS = 20
_WRITTEN_AGAIN = 30
_COUNTED, _EACH = 40, 8
_AN_HOUR = timedelta(hours=1)


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
    chosen, told = _chosen(page, told.amounts, doubts, tables), replace(told, moments=done_then(told.moments))
    stretches, clocks = _stretches(page, chosen), clocks_beside(told.moments)
    portions = portions_of(page, chosen, stretches, told.channels, tables.channel_told)
    known = _known(page, told, portions, tables)
    payments: list[Payment] = []
    for number, (amount, stretch) in enumerate(zip(chosen, stretches, strict=True)):
        by_clock = clocks and clocks.tell(page, amount, stretch, len(chosen) == 1)
        moments = clocks.others if clocks and by_clock else told.moments
        payment = _payment(replace(known, told=replace(told, moments=moments)), number, amount, stretch)
        payments += _repeated(page, payment, chosen, tables)
    doubts += [*_issuers(payments), *_perhaps_the_same(page, payments)]
    return payments, doubts


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


def _stretches(page: Page, amounts: Sequence[Amount]) -> list[Span]:
    """The part of the text that speaks of each amount: its sentence or its form, shared where it holds several."""
    blocks = _blocks(page)
    starts = [start for start, _ in blocks]
    return [blocks[bisect_right(starts, amount.start) - 1] for amount in amounts]


def _blocks(page: Page) -> list[Span]:
    """Sentences; lines of a form that follow each other are one, until a label comes again."""
    blocks: list[Span] = []
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known where a payment is put together."""

    page: Page
    told: Told
    tables: ReaderTables
    portions: Sequence[Portion]
    unnamed: Sequence[Span]
    """Where payments by a channel apart are told without a payee's account."""
    free_channels: Sequence[Channel]
    """Channels that are told of no payment alone."""


def _known(page: Page, told: Told, portions: Sequence[Portion], tables: ReaderTables) -> _Known:
    bound = {each.channel.start for each in portions if each.channel}
    return _Known(
        page=page,
        told=told,
        tables=tables,
        portions=portions,
        unnamed=[each.span for each in portions if each.apart and not inside(told.accounts, each.span)],
        free_channels=[each for each in told.channels if each.start not in bound],
    )


def _payment(known: _Known, number: int, amount: Amount, stretch: Span) -> Payment:
    """One amount with the nearest of everything that its stretch, or what was said before, tells."""
    page, told, portion = known.page, known.told, known.portions[number]
    theirs = _told_of_payees(known, number)
    payee = _party(page, amount, stretch, theirs.accounts, theirs.amounts)
    name = _party(page, amount, stretch, theirs.names, theirs.amounts)
    bank = _bank_of(payee, name, amount, stretch, theirs, Side.PAYEE)
    carried = _carried(amount, payee or name, stretch, theirs)
    payee, name, bank = payee or carried[0], name or carried[1], bank or carried[2]
    payer = _nearest(amount, [each for each in inside(told.accounts, stretch) if each.side is Side.PAYER])
    payer_bank = _nearest(amount, [each for each in inside(told.banks, stretch) if each.side is Side.PAYER])
    moved = [each for each in inside(told.amounts, stretch) if each.role in _MOVED]
    place = Place(amount=amount, stretch=stretch, portion=portion.span, moved=moved)
    moment = time_of(page, place, told.moments, known.tables.time)
    channel = portion.channel or _nearest(amount, inside(known.free_channels, stretch))
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


def _told_of_payees(known: _Known, number: int) -> Told:
    """What may tell of this payment's payee: by a channel that reaches no card, nothing told of a payment by another
    one; and a payment apart that names nobody takes no place among those that pair up with payees."""
    told, mine = known.told, known.portions[number]
    if mine.apart:
        kind = mine.channel and mine.channel.kind
        others = [each.span for each in known.portions if not (each.channel and each.channel.kind == kind)]
        return replace(
            told,
            accounts=outside(told.accounts, others),
            names=outside(told.names, others),
            banks=outside(told.banks, others),
        )
    return replace(told, amounts=outside(told.amounts, known.unnamed))


def _nearest(amount: Reading, found: Sequence[R]) -> R | None:
    return min(found, key=lambda each: _distance(amount, each), default=None)


def _distance(amount: Reading, other: Reading) -> int:
    return amount.start - other.end if other.end <= amount.start else other.start - amount.end


def _party(page: Page, amount: Amount, stretch: Span, found: Sequence[S], amounts: Sequence[Amount]) -> S | None:
    """The payee's account or name that goes with an amount.

    Where a stretch has as many as it has payments they pair up in order; else the nearest stands for all.
    """
    anybody = [each for each in inside(found, stretch) if each.side is not Side.PAYER]
    theirs = [each for each in anybody if each.side is Side.PAYEE]
    moved = [each for each in inside(amounts, stretch) if each.role in _MOVED]
    for some in (theirs, anybody):
        if len(some) == len(moved) > 1 and amount in moved:
            return some[moved.index(amount)]
    clause = page.clause(amount.start)
    return _nearest(amount, inside(theirs, clause) or inside(anybody, clause) or theirs or anybody)


def _bank_of(
    payee: Account | None, name: Name | None, amount: Amount, stretch: Span, told: Told, side: Side
) -> Bank | None:
    anchor: Reading = payee or name or amount
    theirs = [each for each in inside(told.banks, stretch) if each.side is not Side.PAYER]
    theirs = [each for each in theirs if each.side is side] or theirs
    return _nearest(anchor, theirs)


Party = tuple[Account | None, Name | None, Bank | None]
_NOBODY: Party = (None, None, None)


def _carried(amount: Amount, known: Reading | None, stretch: Span, told: Told) -> Party:
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


def _speaks_back(each: Account | Name, stretch: Span, amounts: Sequence[Amount]) -> bool:
    """Whether what is told later is told of all before: no payment comes behind it."""
    if each.side is Side.PAYER or each.start < stretch[1]:
        return False
    return not any(other.role in _MOVED and other.start > each.end for other in amounts)


def _payees(found: Sequence[S], around: Span) -> list[S]:
    return [each for each in inside(found, around) if each.side is not Side.PAYER]


def _unsure(reading: S) -> S:
    return replace(reading, certainty=Certainty.UNSURE, reasons=(*reading.reasons, "told_elsewhere"))


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
