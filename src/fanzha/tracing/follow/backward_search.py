"""A search backward: what is asked, what was found so far, and the rules that all methods share."""

from __future__ import annotations

from collections import Counter

import numpy as np

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.account_events import KEY_BITS, AccountEvents, account_events, count_events, key_of
from fanzha.tracing.follow.flow_index import NOBODY, FlowIndex
from fanzha.tracing.follow.question import Question
from fanzha.tracing.follow.trace import Held, HopKind, Hops, Stop, Trace

NUMBER = (1 << KEY_BITS) - 1


class Search:
    """Hops by (key, label, kind) and fen that lay in accounts before anything that is followed, by (account, label)."""

    def __init__(self, found: FlowIndex, question: Question) -> None:
        self.found = found
        self.question = question
        self.hops = Counter[tuple[int, int, HopKind]]()
        self.held = Counter[tuple[int, int]]()
        self.cut: set[int] = set()
        self.accounts: dict[int, AccountEvents] = {}
        self.events = 0
        self._take_starts()

    def _take_starts(self) -> None:
        """Keys of the starting payments, and the first second of each label's horizon."""
        self.starts: dict[int, int] = {}
        self.since: list[int] = []
        for label, number in enumerate(self.question.starts):
            if not 0 <= number < len(self.found):
                raise Invalid("trace.no_such_transfer")
            payer, payee, _, key = self.transfer(number)
            if payer == payee:
                raise Invalid("trace.start_moves_nothing")
            self.starts[key] = label
            self.since.append((key >> KEY_BITS) - self.question.horizon_s)
        if self.question.held is not None:
            if not 0 <= self.question.held.account < self.found.accounts:
                raise Invalid("trace.no_such_account")
            self.since.append(self.question.held.at_s - self.found.epoch_s - self.question.horizon_s)

    def transfer(self, number: int) -> tuple[int, int, int, int]:
        """Payer, payee, fen and key of a transfer."""
        moved = self.found.moved(np.array([number], np.int64))
        key = key_of(moved.at_s, np.array([number], np.int64), self.found.epoch_s)
        return int(moved.payer[0]), int(moved.payee[0]), int(moved.amount_fen[0]), int(key[0])

    def of(self, account: int) -> AccountEvents | None:
        """The account's events; None for one that has more of them than a trace reads, which is noted."""
        if account not in self.accounts:
            if count_events(self.found, account) > self.question.limits.account_events:
                self.cut.add(account)
                return None
            self.accounts[account] = account_events(self.found, account)
        return self.accounts[account]

    def end_of(self, at_s: int) -> int:
        """The key behind everything that happened up to the end of a second."""
        return max(at_s - self.found.epoch_s + 1, 0) << KEY_BITS

    def is_late_enough(self, key: int, label: int) -> bool:
        """Whether an event lies within a label's horizon."""
        return key >> KEY_BITS >= self.since[label]

    def note(self, key: int, payer: int, fen: dict[int, int]) -> bool:
        """Note whose fen a payment carried; whether to look for where its payer had them from."""
        kind = HopKind.BELOW_FLOOR
        if sum(fen.values()) >= self.question.floor_fen:
            kind = HopKind.LEFT if payer == NOBODY or self.found.is_end[payer] else HopKind.FOLLOWED
        for label, part in fen.items():
            if part:
                self.hops[key, label, kind] += part
        return kind is HopKind.FOLLOWED

    def stop(self) -> Stop:
        """Why to go no further now; `NOTHING_LEFT` while there is room."""
        limits = self.question.limits
        if len(self.hops) > limits.hops or len(self.accounts) > limits.accounts:
            return Stop.ROOM
        return Stop.EVENTS if self.events > limits.events else Stop.NOTHING_LEFT

    def trace(self, stop: Stop) -> Trace:
        """What was found, latest payment first."""
        hops = {(key & NUMBER, label, kind): fen for (key, label, kind), fen in self.hops.items()}
        latest_first = sorted(self.hops, key=lambda hop: (-hop[0], hop[1], hop[2]))
        return Trace(
            question=self.question,
            hops=Hops.of(hops, ((key & NUMBER, label, kind) for key, label, kind in latest_first)),
            held=Held.of(self.held),
            cut=np.array(sorted(self.cut), np.int32),
            stop=stop,
            events=self.events,
        )
