"""Rest until work is wished: a connection of its own hears of it at once, so that nobody asks four times a second.

A wish is called out once it is committed, by a statement of its own. A transaction that calls out itself holds, while
its commit goes to the disk, a lock that every other one needs that calls out: all of them would wait in one line. Who
dies in between has called nobody; whoever rests looks each second in any case.
"""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import Self

from psycopg import Error
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Engine

from fanzha.adapters.store.asking import line_of

WISHED = "work_wished."
"""How the channels begin on which idle workers hear that work was wished for at once: each kind has one, so that nobody
is woken for work of others."""


def wake(connection: Connection, kinds: Collection[str]) -> None:
    """Wake whoever waits for these kinds once the transaction is committed."""
    line = line_of(connection)
    line.called = line.called.union(kinds)


def call_out(connection: Connection) -> None:
    """Wake whom the transaction that was just committed is to wake; that it is committed does not depend on it."""
    line = line_of(connection)
    if kinds := line.called:
        line.called = frozenset()
        try:
            line.call_out(WISHED + each for each in sorted(kinds))
        except BaseException as failure:
            connection.invalidate()  # nobody may get it from the pool as it is now
            if not isinstance(failure, Error):
                raise


class Wakeups:
    """Hears when work of these kinds is wished; what was wished since it was opened is not missed."""

    def __init__(self, engine: Engine, kinds: Collection[str]) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._driver = line_of(self._connection)
        for kind in kinds:
            self._driver.execute(SQL("LISTEN {}").format(Identifier(WISHED + kind)))

    def heard(self, seconds: float) -> list[str]:
        """The kinds that were wished since it last heard, as soon as there is one; none after so many seconds."""
        told = self._driver.notifies(timeout=seconds, stop_after=1)
        return list(dict.fromkeys(each.channel.removeprefix(WISHED) for each in told))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.invalidate()  # back in the pool it would go on listening
        self._connection.close()
