"""The doctor finds what is wrong and says how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fanzha.adapters.store.engine import APP, app_engine
from fanzha.adapters.store.keys import Keys
from fanzha.apps.cli import installation
from fanzha.apps.cli.database_checks import _standing
from fanzha.apps.cli.doctor import told
from fanzha.apps.cli.findings import Check, State
from fanzha.apps.cli.main import run
from fanzha.i18n import LANGUAGES, catalogue
from fanzha.settings import Settings
from tests.databases import TestServer
from tests.tidy.source import PACKAGE


def states(checks: Iterator[Check]) -> dict[str, State]:
    """How each thing stands, by name."""
    return {check.name: check.state for check in checks}


def test_a_new_installation_is_in_order(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANZHA_HOME", "/var/tmp/fanzha-not-made")
    monkeypatch.setenv("FANZHA_KEYS", str(settings.keys))
    assert run(["doctor", "--format", "json"]) == 0
    found = {each["check"]: each["state"] for each in json.loads(capsys.readouterr().out)}
    assert found["data_new"] == found["keys_new"] == found["server_programs"] == found["database_new"] == "ok"
    assert not Path("/var/tmp/fanzha-not-made").exists(), "a doctor changes nothing"


def test_keys_inside_the_data_are_bad(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANZHA_HOME", str(settings.home))
    monkeypatch.setenv("FANZHA_KEYS", str(settings.home / "keys"))
    assert run(["doctor"]) == 8
    assert "FANZHA_KEYS" in capsys.readouterr().out


def test_keys_that_others_can_read_are_bad(settings: Settings, keys: Keys) -> None:
    assert states(installation.examine(settings))["keys"] is State.OK
    settings.keys.chmod(0o755)
    assert installation.keys_folder(settings).name == "keys_loose"
    next(settings.keys.glob("*.key")).chmod(0o644)
    found = installation._heard(installation.keys_folder, settings)
    assert (found.state, found.failure is not None) == (State.BAD, True)
    assert str(settings.keys) in str(told(found)["finding"])


def test_data_without_keys_is_bad(settings: Settings) -> None:
    (settings.home / "postgres").mkdir(parents=True)
    assert installation.keys_folder(settings).name == "keys_lost"


def test_a_full_disk_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state in ((0, State.BAD), (5 << 30, State.WARN), (50 << 30, State.OK)):
        monkeypatch.setattr("shutil.disk_usage", lambda path, free=free: type("Usage", (), {"free": free}))
        assert installation.disk(settings).state is state


def test_a_file_in_the_place_of_the_data_is_bad(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    settings = Settings(home=tmp_path / "home", keys=tmp_path / "keys")
    assert installation.data_folder(settings).name == "data_closed"


def test_a_sound_database_is_in_order(engine: Engine) -> None:
    with engine.connect() as connection:
        found = {check.name: (check.state, check.fields) for check in _standing(connection)}
    assert found.keys() == {"database", "migrations", "role", "row_security", "audit_rights"}
    assert {state for state, _ in found.values()} == {State.OK}, found


def test_a_database_that_shows_or_changes_too_much_is_found(postgres: TestServer) -> None:
    with postgres.database() as database:
        with postgres.superuser(database).connect() as owner:
            owner.execute(text("ALTER TABLE user_account NO FORCE ROW LEVEL SECURITY"))
            owner.execute(text("GRANT DELETE ON audit_entry TO fanzha_app"))
            strong = {check.name: check.state for check in _standing(owner)}
        plain = app_engine(postgres.url(APP, database), pool=1)
        with plain.connect() as connection:
            found = {check.name: check for check in _standing(connection)}
        plain.dispose()
    assert found["row_security"].state is found["audit_rights"].state is strong["role"] is State.BAD
    assert found["row_security"].fields["tables"] == "user_account"


def test_every_check_can_be_told_in_both_languages() -> None:
    source = (PACKAGE / "apps/cli/installation.py").read_text() + (PACKAGE / "apps/cli/database_checks.py").read_text()
    for language in LANGUAGES:
        for key in (key for key in catalogue(language) if key.startswith("cli.doctor.") and key.count(".") == 3):
            assert f'"{key.split(".")[2]}"' in source, f"{key} is never said"
