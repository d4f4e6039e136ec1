"""Settings come from the environment, in one place, with keys outside the data by default."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fanzha.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KEYS", "DATABASE_URL", "DATABASE_OWNER_URL", "DATA", "LANG", "WEB_HOSTS"):
        monkeypatch.delenv(f"FANZHA_{name}", raising=False)


@pytest.mark.parametrize(
    ("uid", "home", "keys"),
    [(0, "/var/lib/fanzha", "/etc/fanzha"), (1000, "/home/x/.local/share/fanzha", "/home/x/.config/fanzha")],
)
def test_root_keeps_state_where_services_do_and_a_person_at_home(
    monkeypatch: pytest.MonkeyPatch, uid: int, home: str, keys: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    monkeypatch.setenv("HOME", "/home/x")
    settings = load_settings()
    assert (settings.home, settings.keys) == (Path(home), Path(keys))
    assert not settings.keys.is_relative_to(settings.home)


def test_the_environment_overrides_and_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANZHA_HOME", "/srv/fanzha")
    monkeypatch.setenv("FANZHA_DATABASE_URL", "")
    monkeypatch.setenv("FANZHA_WEB_HOSTS", '["desk.example"]')
    settings = load_settings()
    assert (settings.home, settings.embedded, settings.web_hosts) == (Path("/srv/fanzha"), True, ("desk.example",))
    monkeypatch.setenv("FANZHA_DATABASE_URL", "postgresql://fanzha_app:secret@db.example/fanzha")
    assert not load_settings().embedded
    assert "secret" not in repr(load_settings())


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(lockout_failures=0)
    with pytest.raises(ValidationError):
        Settings(web_port=70_000)


def test_every_setting_says_why() -> None:
    """The sentence below each field is its reason; the reference is made from it."""
    source = Path(__file__).parent.parent.joinpath("src/fanzha/settings.py").read_text("utf-8")
    for name in Settings.model_fields:
        line = source.split(f"    {name}: ", 1)[1].split("\n", 2)[1].strip()
        assert line.startswith('"""') and len(line) > 20, name
