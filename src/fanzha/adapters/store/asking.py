"""A transaction's connection whose statements go straight to its line.

For each execution SQLAlchemy makes ready anew what it made ready for the one before: what goes into a statement and
what comes out of it. All of that is known after its first time. Who is written out as text is not even looked for among
the statements that were compiled: that costs as much as asking it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from psycopg._queries import _query2pg_nocache
from sqlalchemy import Connection, Dialect, Executable, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Float, NullType, Numeric

from fanzha.adapters.store.line import Line, Question, Reply

Turn = Callable[[Any], Any]

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_MOST = 1_000
"""Statements that are remembered: more than the house has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A statement that was compiled: how its values are turned into the driver's, and those of its rows back."""

    question: Question
    values: Sequence[tuple[str, Turn]]
    rows: tuple[Turn | None, ...]


class Heard(IteratorResult[Any]):
    """What a statement brought, all of it."""

    def __init__(self, reply: Reply, turns: tuple[Turn | None, ...]) -> None:
        super().__init__(_columns(reply.columns, turns), iter(reply.rows))
        self.rowcount = reply.count


class Asker(Connection):
    """SQLAlchemy's connection; a statement with one set of values is asked without its help within a transaction."""

    def execute(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """What the statement brings."""
        one = parameters is None or type(parameters) is dict
        plain = one and type(statement) is TextClause and execution_options is None and not self._execution_options
        if plain and not statement._execution_options and self.in_transaction():
            question = _question(statement)
            if question is not None:
                return self._ask(question, parameters or {})
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first value of the first row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def _execute_context(
        self,
        dialect: Dialect,
        constructor: Any,
        statement: Any,
        parameters: Any,
        execution_options: Any,
        *told: Any,
        **more: Any,
    ) -> Any:
        """What a statement brings that SQLAlchemy has compiled, or knows from an earlier time."""
        one = isinstance(statement, SQLCompiler) and len(parameters) <= 1
        if one and not execution_options and self.in_transaction():
            known = _known(statement)
            if known is not None:
                *_, extracted = told
                values = statement.construct_params(
                    parameters[0] if parameters else None,
                    extracted_parameters=extracted,
                    escape_names=False,
                    _collected_params=more["param_dict"],
                )
                for name, turn in known.values:
                    values[name] = turn(values[name])
                return self._ask(known.question, values, known.rows)
        return super()._execute_context(dialect, constructor, statement, parameters, execution_options, *told, **more)

    def _ask(self, question: Question, values: Mapping[str, Any], turns: tuple[Turn | None, ...] = ()) -> Heard:
        line = line_of(self)
        for noted in self.engine.dispatch.before_cursor_execute:
            noted(self, None, question.words.decode(), values, None, False)
        try:
            return Heard(line.ask(question, values), turns)
        except BaseException as failure:
            self._handle_dbapi_exception(failure, question.words.decode(), values, None, None)


def line_of(connection: Connection) -> Line:
    """The line of a transaction."""
    return cast("Line", connection.connection.driver_connection)


@lru_cache(maxsize=_MOST)
def _question(statement: TextClause) -> Question | None:
    """The statement as it is asked; None where SQLAlchemy must turn its values."""
    if all(isinstance(each.type, NullType) and each.required for each in statement._bindparams.values()):
        return _read(str(statement.compile(dialect=_DIALECT)))
    return None


@lru_cache(maxsize=_MOST)
def _known(compiled: SQLCompiler) -> _Known | None:
    """None where something is still to be done for each execution: values that it makes itself or writes out, columns
    that are turned by what the server says of them."""
    made = compiled.insert_prefetch or compiled.update_prefetch or compiled.implicit_returning
    if made or compiled.post_compile_params or compiled.literal_execute_params or compiled.escaped_bind_names:
        return None
    columns = [each.type for each in compiled._result_columns]
    if not compiled._ordered_columns or any(isinstance(each, Numeric | Float) for each in columns):
        return None
    turns = tuple(each._cached_result_processor(_DIALECT, None) for each in columns)
    values = [(name, cast("Turn", turn)) for name, turn in compiled._bind_processors.items()]
    return _Known(question=_read(compiled.string), values=values, rows=turns if any(turns) else ())


def _read(words: str) -> Question:
    """The words of SQLAlchemy as the driver reads them."""
    read, _, names, _ = _query2pg_nocache(words.encode(), "utf-8")
    return Question(words=read, names=names or ())


@lru_cache(maxsize=_MOST)
def _columns(names: tuple[bytes, ...], turns: tuple[Turn | None, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData([each.decode() for each in names], _processors=cast("Any", turns) or None)
