"""An independent slow replay of the conservative method: the whole ledger, three sets of lots an account."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import HopKind
from tests.tracing.follow.replay import Moved, Part, take

WAYS = (Method.FIFO, Method.LIFO, Method.PRORATA)
EMPTY = 100


@dataclass
class Book:
    """What lies there since the account was empty, by each way, over the dust from before."""

    ways: list[list[Part]]
    dust: int = 0

    @property
    def balance(self) -> int:
        return self.dust + sum(fen for fen, _ in self.ways[0])

    def settle(self) -> None:
        if self.balance <= EMPTY:
            self.dust, self.ways = self.balance, [[], [], []]


@dataclass
class Certain:
    hops: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    held: Counter[tuple[int, int]] = field(default_factory=Counter)
    disputed: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)


def totals(ways: Sequence[Sequence[Part]], label: int) -> list[int]:
    return [sum(fen for fen, whose in way if whose == label) for way in ways]


def replay_conservative(moved: Sequence[Moved], opening: Sequence[int], ends: set[int], question: Question) -> Certain:
    books = [Book([[(fen, None)] if fen else [] for _ in WAYS]) for fen in opening]
    for book in books:
        book.settle()
    until = [moved[start].at_s + question.horizon_s for start in question.starts]
    told = Certain()
    for number, each in enumerate(moved):
        if each.at_s > max(until):
            break
        if each.payer == each.payee:
            continue
        ways: list[list[Part]] = [[(each.fen, None)]] * 3
        if each.payer >= 0:
            book = books[each.payer]
            balance = book.balance
            ways = [take(lots, each.fen, method) for lots, method in zip(book.ways, WAYS, strict=True)]
            book.dust = max(balance - each.fen, 0) - sum(fen for fen, _ in book.ways[0])
            book.settle()
        if number in question.starts:
            mine = question.starts.index(number)
            ways = [[(fen, mine if label is None else label) for fen, label in way] for way in ways]
        certain = {}
        for label in range(len(until)):
            fen = totals(ways, label)
            if len(set(fen)) > 1:
                told.disputed[number, each.payer, label] = min(fen), max(fen)
            elif fen[0] and each.at_s > until[label]:
                told.hops[number, label, HopKind.AFTER_HORIZON] += fen[0]
            elif fen[0]:
                certain[label] = fen[0]
        kind = HopKind.BELOW_FLOOR
        if sum(certain.values()) >= question.floor_fen:
            kind = HopKind.LEFT if each.payee < 0 or each.payee in ends else HopKind.FOLLOWED
        for label, part in certain.items():
            told.hops[number, label, kind] += part
        if each.payee >= 0:
            followed = kind is HopKind.FOLLOWED
            for lots, way in zip(books[each.payee].ways, ways, strict=True):
                lots += [(fen, whose if followed and whose in certain else None) for fen, whose in way]
            books[each.payee].settle()
    for account, book in enumerate(books):
        for label in range(len(until)):
            fen = totals(book.ways, label)
            if len(set(fen)) > 1:
                told.disputed[-1, account, label] = min(fen), max(fen)
            elif fen[0]:
                told.held[account, label] += fen[0]
    return told
