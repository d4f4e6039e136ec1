"""A connection to the database whose transactions begin, are told who acts and end in one exchange each.

The driver sends BEGIN, and each statement that tells something, by themselves, and each costs ten times what the
exchange does; a crowd of reports is tens of thousands of transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import Connection, Cursor, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus

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


class Line(Connection[Any]):
    """What the driver's connection does, in fewer exchanges: begin, tell, commit and roll back."""

    def tell(self, settings: Mapping[str, str]) -> None:
        """These settings hold until the transaction ends, which begins where none is under way."""
        idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        literal = Escaping(self.pgconn).escape_literal
        told = [b'SET LOCAL app."%b"=%b' % (name.encode(), literal(value.encode())) for name, value in settings.items()]
        self._say(b";".join([b"BEGIN", *told] if idle else told))

    def commit(self) -> None:
        """Commit what is under way, if anything is."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._say(b"COMMIT")

    def rollback(self) -> None:
        """Take back what is under way, if anything is; what is planned stays: nobody here makes or drops tables."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._say(b"ROLLBACK")

    def call_out(self, channels: Iterable[str]) -> None:
        """Let whoever listens on these channels hear of it; no transaction is under way."""
        name = Escaping(self.pgconn).escape_identifier
        self._say(b";".join(b"NOTIFY %b" % name(each.encode()) for each in channels))

    def _say(self, words: bytes) -> None:
        with self.lock:
            if self.pgconn.status != ConnStatus.OK:
                raise OperationalError(self.pgconn.get_error_message())
            said = self.pgconn.exec_(words)
            if said.status != ExecStatus.COMMAND_OK:
                raise error_from_result(said)
