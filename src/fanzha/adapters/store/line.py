"""A connection to the database whose transactions begin, are told who acts and end in one exchange each.

The driver sends BEGIN, and each statement that tells something, by themselves, and each costs ten times what the
exchange does; a crowd of reports is tens of thousands of transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor, OperationalError
from psycopg._preparing import Prepare
from psycopg._queries import PostgresQuery
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.generators import execute
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

MOST_PREPARED = 1_000
"""Statements that a connection holds planned; of more than it holds each would be planned again and again."""


class Hand(Cursor[Any]):
    """The driver's cursor, whose columns are told by name and type only, without an object for each."""

    @property
    def description(self) -> Any:
        """Name, type and five things that nobody asks for, of each column."""
        told = self.pgresult
        if told is None or not told.nfields:
            return None
        return [((told.fname(at) or b"").decode(), told.ftype(at), *_UNSAID) for at in range(told.nfields)]


_UNSAID = (None,) * 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A statement as the server reads it, with `$1` for the first of its names."""

    words: bytes
    names: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a statement brought: its columns, its rows, and how many rows it brought or changed."""

    columns: tuple[bytes | None, ...]
    rows: Sequence[tuple[Any, ...]]
    count: int


class Line(Connection[Any]):
    """What the driver's connection does, in fewer exchanges: begin, tell, ask, commit and roll back.

    `told` is what the transaction under way last told of who acts; `called` whom it wakes once it is committed.
    """

    told: Mapping[str, str] = {}
    called: frozenset[str] = frozenset()

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self._query: PostgresQuery | None = None

    def tell(self, settings: Mapping[str, str]) -> None:
        """These settings hold until the transaction ends, which begins where none is under way."""
        before, words = self.told, list[bytes]()
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            before, self.called = {}, frozenset()
            words.append(b"BEGIN")
        literal = Escaping(self.pgconn).escape_literal
        for name, value in settings.items():
            if value != before.get(name, ""):
                words.append(b'SET LOCAL app."%b"=%b' % (name.encode(), literal(value.encode())))
        self._say(b";".join(words))
        self.told = settings

    def ask(self, question: Question, values: Mapping[str, Any]) -> Reply:
        """Say a statement and hear all it brings, within the transaction under way.

        What turns values into words and back is kept for the next one: made for each it costs more than the turning.
        """
        with self.lock:
            if self._query is None:  # not before the line knows its types
                self._words = Transformer(self)
                self._query = PostgresQuery(self._words)
            words, query = self._words, self._query
            formats = [PyFormat.AUTO] * len(question.names)
            query.query = question.words
            query.params = words.dump_sequence([values[each] for each in question.names], formats)
            query.types, query.formats = words.types or (), words.formats
            heard = self._asked(query)
            words.set_pgresult(heard)
            rows = words.load_rows(0, heard.ntuples, tuple)
            words.set_pgresult(None, set_loaders=False)
        columns = tuple([heard.fname(at) for at in range(heard.nfields)])
        return Reply(columns=columns, rows=rows, count=heard.command_tuples or 0)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is said here is taken back by itself where it fails, and what was told before holds again."""
        told = self.told
        self._say(b"SAVEPOINT here")
        try:
            yield
        except BaseException:
            if self.pgconn.status == ConnStatus.OK:
                self._say(b"ROLLBACK TO here;RELEASE here")
                self.told = told
            raise
        self._say(b"RELEASE here")

    @property
    def goes_on(self) -> bool:
        """Whether a transaction is under way in which nothing failed."""
        return self.pgconn.transaction_status == TransactionStatus.INTRANS

    def commit(self) -> None:
        """Commit what is under way, if anything is; `InFailedSqlTransaction` where a statement of it failed, for the
        server would take it all back and answer as if all were well."""
        self.told = {}
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            raise InFailedSqlTransaction
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._say(b"COMMIT")

    def rollback(self) -> None:
        """Take back what is under way, if anything is; what is planned stays: nobody here makes or drops tables."""
        self.told, self.called = {}, frozenset()
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._say(b"ROLLBACK")

    def call_out(self, channels: Iterable[str]) -> None:
        """Let whoever listens on these channels hear of it; no transaction is under way.

        A call is heard once it is committed, and who falls with the server hears nothing: no disk is waited for.
        """
        name = Escaping(self.pgconn).escape_identifier
        self._say(b";".join([_PASSING, *(b"NOTIFY %b" % name(each.encode()) for each in channels)]))

    def _asked(self, query: PostgresQuery) -> PGresult:
        """What the server says to it: planned by name once it was asked often enough, as the driver does it."""
        plans = self._prepared
        planned, name = plans.get(query)
        if planned is Prepare.NO:
            self.pgconn.send_query_params(
                query.query, query.params, param_types=query.types, param_formats=query.formats
            )
        else:
            if planned is Prepare.SHOULD:
                self.pgconn.send_prepare(name, query.query, query.types)
                self._heard()
            self.pgconn.send_query_prepared(name, query.params, param_formats=query.formats)
        new = plans.maybe_add_to_cache(query, planned, name)
        heard = self._heard()
        if new is not None:
            plans.validate(new, planned, name, [heard])
            self.wait(plans.maintain_gen(self))
        return heard

    def _heard(self) -> PGresult:
        heard: PGresult
        (heard,) = self.wait(execute(self.pgconn))
        if heard.status not in _WELL:
            raise error_from_result(heard)
        return heard

    def _say(self, words: bytes) -> None:
        with self.lock:
            if self.pgconn.status != ConnStatus.OK:
                raise OperationalError(self.pgconn.get_error_message())
            said = self.pgconn.exec_(words)
            if said.status != ExecStatus.COMMAND_OK:
                raise error_from_result(said)


_PASSING = b"SET LOCAL synchronous_commit=off"
_WELL = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
