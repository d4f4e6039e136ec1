"""Traces drawn from numbers: money that goes about among few accounts, so that it meets itself again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from fanzha.tracing.follow.question import Direction, Method
from fanzha.tracing.follow.trace import HopKind
from fanzha.tracing.picture.seen import Lying, Moved, Seen

VICTIM = "victim"
EXITS = ("cash", "merchant", "outside")

Turn = tuple[int, int, int, int]


@st.composite
def traces(draw: st.DrawFn, method: Method | None = None, accounts: int = 6) -> Seen:
    """A forward trace in which every payment takes what is there, and the rest lies there in the end."""
    turns = draw(st.lists(st.tuples(*(st.integers(0, 99),) * 4), max_size=40))
    starts = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=3))
    return played(starts, turns, accounts, method or draw(st.sampled_from(list(Method)[:3])))


def played(starts: list[int], turns: list[Turn], accounts: int, method: Method) -> Seen:
    """Payments of so many fen into the first accounts, then one payment a turn: who, to whom, how much, which start."""
    purse: Counter[tuple[str, int]] = Counter()
    moved: list[Moved] = []
    for label, fen in enumerate(starts):
        payee = f"a{label % accounts}"
        moved.append(paid(len(moved), VICTIM, payee, fen, label))
        purse[payee, label] += fen
    for who, whom, share, which in turns:
        payer, label = f"a{who % accounts}", which % len(starts)
        fen = purse[payer, label] * (share + 1) // 100
        if not fen or whom % (accounts + 4) == who % accounts:
            continue
        purse[payer, label] -= fen
        target = whom % (accounts + 4)
        moved.append(paid(len(moved), payer, f"a{target}", fen, label))
        if target < accounts:
            purse[f"a{target}", label] += fen
        else:
            kind = HopKind.BELOW_FLOOR if target == accounts + 3 else HopKind.LEFT
            way = "" if kind is HopKind.BELOW_FLOOR else EXITS[target - accounts]
            moved[-1] = moved[-1]._replace(became=kind, exit=way)
    return Seen(
        method=method,
        direction=Direction.FORWARD,
        moved=tuple(moved),
        lying=tuple(
            Lying(account=account, label=label, **{("held_fen", "last_seen_fen")[int(account[1:]) % 2]: fen})
            for (account, label), fen in sorted(purse.items())
            if fen
        ),
        inconclusive=frozenset({"a1"}),
    )


def paid(number: int, payer: str, payee: str, fen: int, label: int = 0) -> Moved:
    """A payment that is followed; who was paid first by nobody's account pays the starts."""
    return Moved(
        at_s=1_772_327_520 + 60 * number,
        payer=payer,
        payee=payee,
        fen=fen,
        label=label,
        became=HopKind.FOLLOWED,
        exit="",
        movement=f"{number:016x}",
        is_start=payer == VICTIM,
    )


def backward(seen: Seen) -> Seen:
    """The same money looked at from its end: payments reversed, and what lay there lay there before."""
    return replace(
        seen,
        direction=Direction.BACKWARD,
        moved=tuple(each._replace(payer=each.payee, payee=each.payer) for each in seen.moved),
        lying=tuple(Lying(account=each.account, label=each.label, before_fen=each.fen) for each in seen.lying),
    )


def mule_tree(accounts: int, payments: int, method: Method = Method.FIFO, seed: int = 0) -> Seen:
    """Money spread by so many payments over so many accounts, some of it back and some out; the same each time."""
    chance, turns = Random(seed), []
    for number in range(payments):
        who = number * accounts // (payments * 2)
        whom = 1 + number * (accounts - 1) // payments
        if chance.random() < 0.12:
            whom = accounts + chance.randrange(4)
        elif chance.random() < 0.05:
            whom = chance.randrange(accounts)
        turns.append((who, whom, chance.randrange(20, 60), 0))
    return played([98_000_000_00], turns, accounts, method)
