"""Plans that lines hold of tables which another program changed meanwhile: they are given up with their lines."""

from __future__ import annotations

import structlog
from psycopg.errors import FeatureNotSupported
from sqlalchemy import ExceptionContext

_REVALIDATION = "RevalidateCachedQuery"
"""Where PostgreSQL finds that what was planned would tell other columns now; its words differ by language."""

_log = structlog.get_logger()


def are_outdated(failure: BaseException | None) -> bool:
    """Whether a statement failed because its tables have other columns than when it was planned."""
    return isinstance(failure, FeatureNotSupported) and failure.diag.source_function == _REVALIDATION


def renew_outdated(context: ExceptionContext) -> None:
    """Let every line of the pool be replaced: what failed was taken back, and succeeds when it is tried again.

    Else each line would fail for ever, because plans outlive a transaction that is taken back (`store/line.py`).
    """
    if are_outdated(context.original_exception):
        context.is_disconnect = True
        _log.error("store.tables_changed")
