"""Every sentence a person reads, in Chinese and English, equal; one file an area, the same keys in both."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from fanzha.kernel.errors import Broken

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All sentences of a language by dotted key, whose first part is the file's name."""
    found: dict[str, str] = {}
    for entry in sorted(files(__package__).joinpath(language).iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".toml"):
            _flatten(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text("utf-8")), found)
    return found


def _flatten(prefix: str, node: object, found: dict[str, str]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            _flatten(f"{prefix}.{key}", value, found)
    else:
        found[prefix] = str(node)


def text(language: Language, key: str, /, **fields: object) -> str:
    """The sentence of `key` with its `{blanks}` filled; a missing key is `Broken`, never shown raw."""
    sentence = catalogue(language).get(key)
    if sentence is None:
        raise Broken("i18n.missing_key", key=key, language=language)
    return sentence.format_map(fields) if fields else sentence
