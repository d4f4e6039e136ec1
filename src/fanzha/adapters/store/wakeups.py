"""Rest until work is wished: a connection of its own hears of it at once, so that nobody asks four times a second."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Engine, text

from fanzha.adapters.store.work import WISHED

if TYPE_CHECKING:
    from psycopg import Connection as Driver


class Wakeups:
    """Hears when work of these kinds is wished; what was wished since it was opened is not missed."""

    def __init__(self, engine: Engine, kinds: Collection[str]) -> None:
        self._kinds = frozenset(kinds)
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.execute(text(f"LISTEN {WISHED}"))
        self._driver: Driver[Any] = self._connection.connection.driver_connection  # type: ignore[assignment]

    def rest(self, seconds: float) -> bool:
        """Return when there is a wish for one of the kinds, after so many seconds in any case; whether there was."""
        return any(heard.payload in self._kinds for heard in self._driver.notifies(timeout=seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.invalidate()  # back in the pool it would go on listening
        self._connection.close()
