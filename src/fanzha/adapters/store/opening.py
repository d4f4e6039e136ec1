"""Open the store: the embedded server or the one an operator named, migrated and joined with the plain role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from fanzha.adapters.store.engine import APP, OWNER, app_engine, owner_engine, prepare_database, require_plain_role
from fanzha.adapters.store.migrate import migrate
from fanzha.adapters.store.server import start_server
from fanzha.kernel.errors import Unavailable
from fanzha.settings import DEFAULT_DATABASE, Settings


@contextmanager
def open_store(settings: Settings) -> Iterator[Engine]:
    """The migrated database of an instance for as long as the block runs; the embedded server is left at its end."""
    if settings.embedded:
        with _embedded(settings) as engine:
            yield engine
    else:
        owner_url = settings.database_owner_url.get_secret_value()
        with _joined(settings.database_url.get_secret_value(), owner_url, settings.database_pool) as engine:
            yield engine


@contextmanager
def tended(settings: Settings) -> Iterator[Callable[[], None]]:
    """What a supervisor calls again and again so that a killed embedded server comes back; nothing for another one."""
    if not settings.embedded:
        yield lambda: None
        return
    server = start_server(settings.home)
    try:
        yield server.tend
    finally:
        server.leave()


@contextmanager
def _embedded(settings: Settings) -> Iterator[Engine]:
    server = start_server(settings.home)
    try:
        prepare_database(server, DEFAULT_DATABASE)
        app, owner = server.url(APP, DEFAULT_DATABASE), server.url(OWNER, DEFAULT_DATABASE)
        with _joined(app, owner, settings.database_pool) as engine:
            yield engine
    finally:
        server.leave()


@contextmanager
def _joined(url: str, owner_url: str, pool: int) -> Iterator[Engine]:
    """Migrate as the owner where one is named, then hand out the pool of the plain role."""
    engine = app_engine(_driver(url), pool)
    try:
        _make_ready(engine, owner_url)
        yield engine
    finally:
        engine.dispose()


def _make_ready(engine: Engine, owner_url: str) -> None:
    try:
        if owner_url:
            migrate(owner_engine(_driver(owner_url)))
        with engine.connect() as connection:
            require_plain_role(connection)
    except OperationalError as silent:
        raise Unavailable("store.database_unreachable", host=engine.url.host or "socket") from silent


def _driver(url: str) -> str:
    """The address with our driver named, as operators write `postgresql://…`."""
    scheme, rest = url.split("://", 1) if "://" in url else ("postgresql", url)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql", "postgresql+psycopg"} else url
