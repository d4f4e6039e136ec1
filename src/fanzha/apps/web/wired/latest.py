"""Values that cost time to make and are asked for again: the ones used last are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class Latest(Generic[Key, Value]):
    """At most so many values by key, for all threads of a process; the one used longest ago gives way."""

    most: int
    _held: OrderedDict[Key, Value] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made now if it is not held; two who ask at once may both make it, one is kept."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        made = make()
        with self._lock:
            held = self._held.setdefault(key, made)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return held
