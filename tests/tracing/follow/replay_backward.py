"""Independent slow replays of tracing backward: every single fen by its name, or all transfers from the last."""

from collections import defaultdict
from collections.abc import Sequence

from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import HopKind
from tests.tracing.follow.replay import Moved, Replayed

Fen = tuple[int, int] | None
"""Which fen of which payment; None for one that was there at first or came unseen."""


def paid_from(lots: list[Fen], fen: int, method: Method) -> list[Fen]:
    """Take so many single fen out of a list, oldest first; they keep their order, those there unseen come last."""
    count = min(fen, len(lots))
    cut = len(lots) - count if method is Method.LIFO else 0
    taken = lots[cut : cut + count]
    del lots[cut : cut + count]
    return taken + [None] * (fen - count)


def ancestry(
    moved: Sequence[Moved], opening: Sequence[int], question: Question
) -> tuple[dict[int, list[Fen]], list[Fen]]:
    """For each payment of a known payer the fen it was made of, and those of the question's holding."""
    accounts: list[list[Fen]] = [[None] * fen for fen in opening]
    made, held, asked = {}, list[Fen](), question.held
    for number, each in enumerate(moved):
        if asked is not None and each.at_s > asked.at_s:
            held = holding(accounts[asked.account], asked.fen, question.method)
            asked = None
        if each.payer == each.payee:
            continue
        if each.payer >= 0:
            made[number] = paid_from(accounts[each.payer], each.fen, question.method)
        if each.payee >= 0:
            accounts[each.payee] += [(number, at) for at in range(each.fen)]
    return made, holding(accounts[asked.account], asked.fen, question.method) if asked is not None else held


def holding(lots: list[Fen], fen: int | None, method: Method) -> list[Fen]:
    return paid_from(list(lots), len(lots) if fen is None else fen, method)


def since(moved: Sequence[Moved], question: Question) -> list[int]:
    begins = [moved[start].at_s for start in question.starts] or [question.held.at_s]  # type: ignore[union-attr]
    return [at - question.horizon_s for at in begins]


def kind_of(fen: int, payer: int, ends: set[int], question: Question) -> HopKind:
    if fen < question.floor_fen:
        return HopKind.BELOW_FLOOR
    return HopKind.LEFT if payer < 0 or payer in ends else HopKind.FOLLOWED


def replay_lots(moved: Sequence[Moved], opening: Sequence[int], ends: set[int], question: Question) -> Replayed:
    """Each fen by itself, from the last payment to the first."""
    made, held = ancestry(moved, opening, question)
    earliest, told = since(moved, question), Replayed()
    wanted: dict[int, dict[int, int]] = defaultdict(dict)

    def ask(account: int, fen: Fen, label: int) -> None:
        if fen is None or moved[fen[0]].at_s < earliest[label]:
            told.held[account, label] += 1
        else:
            wanted[fen[0]][fen[1]] = label

    for one in held:
        ask(question.held.account, one, 0)  # type: ignore[union-attr]
    for number in reversed(range(len(moved))):
        if number in question.starts:
            for at in range(moved[number].fen):
                wanted[number].setdefault(at, question.starts.index(number))
        kind = kind_of(len(wanted[number]), moved[number].payer, ends, question)
        for at, label in wanted[number].items():
            told.hops[number, label, kind] += 1
            if kind is HopKind.FOLLOWED:
                ask(moved[number].payer, made[number][at], label)
    return told


def replay_shares(moved: Sequence[Moved], opening: Sequence[int], ends: set[int], question: Question) -> Replayed:
    """All transfers from the last to the first; of every arrival, each label's share of what lay there after it."""
    earliest, told = since(moved, question), Replayed()
    balances, before, after = list(opening), {}, {}
    for number, each in enumerate(moved):
        if each.payer != each.payee:
            if each.payer >= 0:
                before[number] = balances[each.payer]
                balances[each.payer] = max(balances[each.payer] - each.fen, 0)
            if each.payee >= 0:
                balances[each.payee] += each.fen
                after[number] = balances[each.payee]
    pools: dict[int, dict[int, int]] = defaultdict(dict)
    for number in reversed(range(len(moved))):
        each = moved[number]
        if each.payer == each.payee:
            continue
        carried: dict[int, int] = {}
        pool = pools[each.payee]
        for label in sorted(pool) if each.payee >= 0 else []:
            if each.at_s < earliest[label]:
                told.held[each.payee, label] += pool.pop(label)
                continue
            exact = pool[label] * each.fen * 2
            part = (exact + after[number] - 1) // (2 * after[number])
            if part:
                carried[label] = part
                pool[label] -= part
        if number in question.starts:
            label = question.starts.index(number)
            carried[label] = carried.get(label, 0) + each.fen - sum(carried.values())
        kind = kind_of(sum(carried.values()), each.payer, ends, question)
        for label, part in carried.items():
            told.hops[number, label, kind] += part
            if kind is HopKind.FOLLOWED and part:
                there = min(before[number], each.fen)
                unseen = (part * (each.fen - there) * 2 + each.fen - 1) // (2 * each.fen)
                told.held[each.payer, label] += unseen
                pools[each.payer][label] = pools[each.payer].get(label, 0) + part - unseen
    for account, pool in pools.items():
        for label, part in pool.items():
            told.held[account, label] += part
    return told


def replay_reach(moved: Sequence[Moved], ends: set[int], question: Question) -> set[tuple[int, int]]:
    """Payments through which something may have come, and whose they count as: the first that reached the payee."""
    earliest, reached, found = since(moved, question), dict[int, int](), set()
    for number in reversed(range(len(moved))):
        each = moved[number]
        if each.payer == each.payee:
            continue
        if each.payee >= 0 and each.payee in reached and each.at_s < earliest[reached[each.payee]]:
            del reached[each.payee]
        label = reached.get(each.payee) if each.payee >= 0 else None
        if label is None and number in question.starts:
            label = question.starts.index(number)
        if label is not None and each.fen >= question.floor_fen:
            found.add((number, label))
            if each.payer >= 0 and each.payer not in ends:
                reached.setdefault(each.payer, label)
    return found
