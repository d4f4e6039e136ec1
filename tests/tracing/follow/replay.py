"""An independent slow replay: the whole ledger, every account, every lot, in plain Python."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import HopKind

Part = tuple[int, int | None]
"""Fen, and whose it is: a place in the question's starts, or nobody's that we trace."""


@dataclass(frozen=True)
class Moved:
    """One transfer; `payer` and `payee` are −1 where nobody is known."""

    payer: int
    payee: int
    fen: int
    at_s: int


@dataclass
class Replayed:
    """Fen by (transfer, label, kind) and by (account, label)."""

    hops: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    held: Counter[tuple[int, int]] = field(default_factory=Counter)


def replay(moved: Sequence[Moved], opening: Sequence[int], ends: set[int], question: Question) -> Replayed:
    """Every transfer in order; see house section 6 for the rules."""
    accounts: dict[int, list[Part]] = {a: [(fen, None)] if fen else [] for a, fen in enumerate(opening)}
    starts = sorted(question.starts)  # of equal remainders the earliest payment's is the larger
    label_of = {transfer: label for label, transfer in enumerate(starts)}
    until = [moved[transfer].at_s + question.horizon_s for transfer in starts]
    asked = [question.starts.index(transfer) for transfer in starts]
    told = Replayed()
    for number, each in enumerate(moved):
        if each.at_s > max(until):
            break
        if each.payer == each.payee:
            continue
        parts = take(accounts[each.payer] if each.payer >= 0 else [], each.fen, question.method)
        if number in label_of:
            parts = [(fen, label_of[number] if label is None else label) for fen, label in parts]
        for fen, label in parts:
            if label is not None and each.at_s > until[label]:
                told.hops[number, asked[label], HopKind.AFTER_HORIZON] += fen
        parts = [(fen, None if label is not None and each.at_s > until[label] else label) for fen, label in parts]
        traced = sum(fen for fen, label in parts if label is not None)
        kind = HopKind.BELOW_FLOOR
        if traced >= question.floor_fen:
            kind = HopKind.LEFT if each.payee < 0 or each.payee in ends else HopKind.FOLLOWED
        for fen, label in parts:
            if label is not None:
                told.hops[number, asked[label], kind] += fen
        if each.payee >= 0:
            accounts[each.payee] += parts if kind is HopKind.FOLLOWED else [(each.fen, None)]
    for account, lots in accounts.items():
        for fen, label in lots:
            if label is not None:
                told.held[account, asked[label]] += fen
    return told


def take(lots: list[Part], fen: int, method: Method) -> list[Part]:
    """Take fen out of lots that lie oldest first; what they don't hold was there unseen and comes last."""
    if method is Method.PRORATA:
        return take_in_proportion(lots, fen)
    taken: list[Part] = []
    left = fen
    while left and lots:
        there, label = lots.pop(-1 if method is Method.LIFO else 0)
        part = min(there, left)
        left -= part
        taken.append((part, label))
        if there > part:
            lots.insert(len(lots) if method is Method.LIFO else 0, (there - part, label))
    if method is Method.LIFO:
        taken.reverse()
    return [*taken, (left, None)] if left else taken


def take_in_proportion(lots: list[Part], fen: int) -> list[Part]:
    """Of every label's share in proportion, by the largest remainder, ties by the earliest; nobody comes first."""
    pool: dict[int | None, int] = {}
    for there, label in lots:
        pool[label] = pool.get(label, 0) + there
    balance = sum(pool.values())
    taken = min(fen, balance)
    labels = sorted(pool, key=lambda label: -1 if label is None else label)
    exact = {label: Fraction(pool[label] * taken, balance) if balance else Fraction(0) for label in labels}
    parts = {label: int(exact[label]) for label in labels}
    for label in sorted(labels, key=lambda each: parts[each] - exact[each])[: taken - sum(parts.values())]:
        parts[label] += 1
    lots[:] = [(pool[label] - parts[label], label) for label in labels if pool[label] > parts[label]]
    found = [(parts[label], label) for label in labels if parts[label]]
    return [*found, (fen - taken, None)] if fen > taken else found
