"""A transaction's connection whose plain statements go straight to its line.

For each execution SQLAlchemy makes ready anew what it made ready for the one before: what a statement is, what goes in
and what comes out. Of a statement that is written out as text and asked with values that the driver knows all of that
is known after its first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Executable, TextClause
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.types import NullType

from fanzha.adapters.store.line import Line, Question, Reply

_READ = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Heard(IteratorResult[Any]):
    """What a plain statement brought, all of it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(_columns(reply.columns), iter(reply.rows))
        self.rowcount = reply.count


class Asker(Connection):
    """SQLAlchemy's connection; a plain statement within a transaction is asked without its help."""

    def execute(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """What the statement brings."""
        one = parameters is None or type(parameters) is dict
        if one and type(statement) is TextClause and execution_options is None and self.in_transaction():
            question = _question(statement)
            if question is not None:
                return self._ask(question, parameters or {})
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first value of the first row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def _ask(self, question: Question, values: Mapping[str, Any]) -> Heard:
        line = line_of(self)
        for noted in self.engine.dispatch.before_cursor_execute:
            noted(self, None, question.words.decode(), values, None, False)
        try:
            return Heard(line.ask(question, values))
        except BaseException as failure:
            self._handle_dbapi_exception(failure, question.words.decode(), values, None, None)


def line_of(connection: Connection) -> Line:
    """The line of a transaction."""
    return cast("Line", connection.connection.driver_connection)


@lru_cache(maxsize=1_000)
def _question(statement: TextClause) -> Question | None:
    """The statement as it is asked; None where SQLAlchemy must turn its values."""
    if not all(isinstance(each.type, NullType) and each.required for each in statement._bindparams.values()):
        return None
    read = statement.compile(dialect=_READ)
    return Question(words=str(read).encode(), names=tuple(read.positiontup or ()))


@lru_cache(maxsize=1_000)
def _columns(names: tuple[bytes, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData([each.decode() for each in names])
