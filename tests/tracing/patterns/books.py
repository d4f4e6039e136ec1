"""Statements kept while money is paid, so that stories for tests have balances as banks print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fanzha.tracing.patterns.dealings import Dealings
from fanzha.tracing.patterns.find import find_patterns
from fanzha.tracing.patterns.pattern import Pattern
from fanzha.wiring.typologies import live_typologies
from tests.tracing.movements.telling import Told, got, paid
from tests.tracing.patterns.scenes import YUAN, card, dealt


@dataclass
class Books:
    """Accounts with statements of their own, and every payment that they tell; sums in yuan, times in seconds."""

    balance: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    payments: list[tuple[int, str, str, int, dict[str, object]]] = field(default_factory=list)

    def open(self, yuan: int = 0, name: str = "") -> str:
        """A new account, its number, and what lies in it at first."""
        number = card(len(self.balance) + 1)
        self.balance[number] = yuan * YUAN
        self.names[number] = name or f"测试·{len(self.balance)}"
        return number

    def pay(self, at: int, payer: str, payee: str, yuan: float, **more: object) -> None:
        """A payment; an empty party is nobody."""
        self.payments.append((at, payer, payee, round(yuan * YUAN), more))

    def told(self) -> list[Told]:
        """Every account's rows, in order of time."""
        rows: list[Told] = []
        balance = dict(self.balance)
        for at, payer, payee, fen, more in sorted(self.payments, key=lambda each: each[0]):
            serial = f"{len(rows)}"
            for own, other, sign, row in ((payer, payee, -1, paid), (payee, payer, 1, got)):
                if own in balance:
                    balance[own] += sign * fen
                    said: dict[str, Any] = {
                        "own_name": self.names[own],
                        "other_name": self.names.get(other, ""),
                        **more,
                    }
                    rows.append(row(own, own, other, fen, at, balance=balance[own], serial=serial, **said))
        return rows

    def dealings(self) -> Dealings:
        """What patterns are looked for in."""
        return dealt(self.told())[0]


def kinds(found: Sequence[Pattern]) -> list[str]:
    """The kinds of some patterns, in order."""
    return sorted(each.kind.value for each in found)


def named_in(books: Books) -> list[str]:
    """The kinds that are named in these books by the typologies that are live."""
    return kinds(find_patterns(books.dealings(), live_typologies()).found)
