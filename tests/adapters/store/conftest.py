"""Store tests run on the embedded PostgreSQL 18 and again on Debian's 15."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.databases import TestServer, debian_server


@pytest.fixture(scope="session")
def postgres_15(run_name: str) -> Iterator[TestServer]:
    """Debian's server, or a skip that says so."""
    with debian_server(run_name) as server:
        yield server


@pytest.fixture(params=["18", "15"])
def server(request: pytest.FixtureRequest) -> TestServer:
    """Each server that an instance may run on."""
    name = "postgres" if request.param == "18" else "postgres_15"
    found: TestServer = request.getfixturevalue(name)
    return found


@pytest.fixture
def engine(server: TestServer) -> Iterator[Engine]:
    """A fresh migrated database as the plain role, on either server."""
    with server.engine() as engine:
        yield engine
