"""Reach within a horizon, above a floor, asked of databases in the two fastest ways that we know of."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from typing import Any

import duckdb
import pyarrow as pa
from numpy.typing import NDArray

from bench.trace_ledger import Made

# `n` is a transfer's place in time order, so that both databases compare one number where we compare time and place
LEVEL = """
INSERT INTO reached SELECT t.payee, min(t.n), :level + 1 FROM reached r JOIN t ON t.payer = r.account
WHERE r.level = :level AND t.n > r.n AND t.n <= :last AND t.fen >= :floor AND t.payee <> t.payer GROUP BY t.payee
ON CONFLICT (account) DO UPDATE SET n = excluded.n, level = excluded.level WHERE excluded.n < reached.n
"""
RECURSIVE = """
WITH RECURSIVE r (account, n) AS (
    SELECT payee, n FROM t WHERE n = :start
    UNION SELECT t.payee, t.n FROM r JOIN t ON t.payer = r.account
    WHERE t.n > r.n AND t.n BETWEEN :start AND :last AND t.fen >= :floor AND t.payee <> t.payer
) SELECT DISTINCT account FROM r
"""
REACHED = "CREATE TEMP TABLE reached (account INTEGER PRIMARY KEY, n BIGINT, level INTEGER)"


class Way(StrEnum):
    """One recursive query, which meets every arrival; or level by level, each account by its earliest arrival."""

    RECURSIVE = "recursive"
    LEVELS = "levels"


class DuckReach:
    """The ledger as a table in DuckDB's memory, in order of time."""

    def __init__(self, made: Made) -> None:
        self._database = duckdb.connect()
        moved = pa.table(_columns(made))
        self._database.register("moved", moved)
        self._database.execute("CREATE TABLE t AS SELECT row_number() OVER () - 1 AS n, * FROM moved")
        self._database.unregister("moved")
        self._database.execute(REACHED)

    def reach(self, way: Way, start: int, last: int, floor_fen: int) -> set[int]:
        """Accounts that money of a payment can have reached with transfers up to `last`."""
        ask, level = self._database.execute, 0
        if way is Way.RECURSIVE:
            told = {"start": start, "last": last, "floor": floor_fen}
            return {account for (account,) in ask(RECURSIVE.replace(":", "$"), told).fetchall()}
        ask("DELETE FROM reached")
        ask("INSERT INTO reached SELECT payee, n, 0 FROM t WHERE n = ?", [start])
        asked = LEVEL.replace(":", "$")
        while ask("SELECT count(*) FROM reached WHERE level = ?", [level]).fetchone() != (0,):
            ask(asked, {"level": level, "last": last, "floor": floor_fen})
            level += 1
        return {account for (account,) in ask("SELECT account FROM reached").fetchall()}

    def close(self) -> None:
        """Let the memory go."""
        self._database.close()


class SqliteReach:
    """The ledger in SQLite's memory with an index that covers the question."""

    def __init__(self, made: Made) -> None:
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, payer INTEGER, payee INTEGER, fen INTEGER)")
        columns = _columns(made)
        for begin in range(0, len(made.transfers), 1_000_000):
            parts = [column[begin : begin + 1_000_000].tolist() for column in columns.values()]
            rows = zip(range(begin, begin + len(parts[0])), *parts, strict=True)
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
            self._database.execute("COMMIT")
        self._database.execute("CREATE INDEX by_payer ON t (payer, n, fen, payee)")
        self._database.execute("ANALYZE")
        self._database.execute(REACHED)
        self._database.execute("CREATE INDEX temp.by_level ON reached (level)")

    def reach(self, way: Way, start: int, last: int, floor_fen: int) -> set[int]:
        """Accounts that money of a payment can have reached with transfers up to `last`."""
        ask, level = self._database.execute, 0
        if way is Way.RECURSIVE:
            told = {"start": start, "last": last, "floor": floor_fen}
            return {account for (account,) in ask(RECURSIVE, told).fetchall()}
        ask("DELETE FROM reached")
        ask("INSERT INTO reached SELECT payee, n, 0 FROM t WHERE n = ?", [start])
        while ask("SELECT count(*) FROM reached WHERE level = ?", [level]).fetchone() != (0,):
            ask(LEVEL, {"level": level, "last": last, "floor": floor_fen})
            level += 1
        return {account for (account,) in ask("SELECT account FROM reached").fetchall()}

    def close(self) -> None:
        """Let the memory go."""
        self._database.close()


def _columns(made: Made) -> dict[str, NDArray[Any]]:
    moved = made.transfers
    return {"payer": moved.payer, "payee": moved.payee, "fen": moved.amount_fen}
