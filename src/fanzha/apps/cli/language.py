"""The language of the command line, decided before anything is said."""

from __future__ import annotations

import os
from collections.abc import Sequence

from fanzha.i18n import LANGUAGES, Language, text

VARIABLE = "FANZHA_LANG"


def chosen() -> Language:
    """The language to speak: `FANZHA_LANG`, else the machine's locale, else Chinese."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    for wish in (os.environ.get(VARIABLE, ""), told[:2]):
        for language in LANGUAGES:
            if wish == language:
                return language
    return "zh"


def heed(arguments: Sequence[str]) -> None:
    """Let `--lang` decide, wherever it stands: help texts are written while commands are being loaded."""
    for place, argument in enumerate(arguments):
        if argument == "--":
            return
        name, _, value = argument.partition("=")
        if name == "--lang":
            os.environ[VARIABLE] = value or "".join(arguments[place + 1 : place + 2])


def say(key: str, **fields: object) -> str:
    """The sentence `cli.<key>` in the chosen language."""
    return text(chosen(), f"cli.{key}", **fields)
