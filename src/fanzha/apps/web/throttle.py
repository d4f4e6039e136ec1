"""How often something may be tried: a bucket of tries a key, refilled with time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from fanzha.kernel.clock import Clock, micros
from fanzha.kernel.errors import Unavailable

MAX_KEYS = 10_000


@dataclass(slots=True, kw_only=True)
class Throttle:
    """`tries` at once a key, then one each `seconds`; oldest keys are forgotten beyond `MAX_KEYS`.

    Whoever is refused hears `code`.
    """

    clock: Clock
    tries: int
    seconds: float
    code: str = "web.too_many_tries"
    _buckets: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def spend(self, key: str) -> None:
        """Take one try; `Unavailable` says in how many seconds the next one comes."""
        now = micros(self.clock.now())
        with self._lock:
            left, since = self._buckets.pop(key, (float(self.tries), now))
            left = min(float(self.tries), left + (now - since) / (self.seconds * 1_000_000))
            self._buckets[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
            while len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        if left < 1:
            raise Unavailable(self.code, seconds=int((1 - left) * self.seconds) + 1)
