"""The operator's guide names every setting, with its default."""

from __future__ import annotations

import pytest

from fanzha.adapters.store.engine import ROLES
from fanzha.i18n import LANGUAGES, Language
from fanzha.settings import Settings
from tests.tidy.source import ROOT


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_explained(language: Language) -> None:
    guide = (ROOT / f"docs/operating/operating.{language}.md").read_text("utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `FANZHA_")]
    for name, setting in Settings.model_fields.items():
        row = next((row for row in rows if f"`FANZHA_{name.upper()}`" in row), None)
        assert row is not None, f"{name} is not explained"
        if isinstance(setting.default, int) and not isinstance(setting.default, bool):
            assert str(setting.default) in row, f"{name} has another default: {setting.default}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_are_made_as_the_program_makes_them(language: Language) -> None:
    guide = (ROOT / f"docs/operating/operating.{language}.md").read_text("utf-8")
    for line in (line.strip() for line in ROLES.splitlines() if "CREATE ROLE" in line):
        assert " ".join(line.split()) in " ".join(guide.split())
