"""Data that people of the trade write and read: formats, words of cells, typologies; no Python but its loading."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable


def load_formats() -> dict[str, dict[str, object]]:
    """Every table of `formats/` by its id, and the words that all formats share under `words`."""
    root = files(__package__)
    tables: dict[str, dict[str, object]] = {"words": tomllib.loads(root.joinpath("words.toml").read_text("utf-8"))}
    for entry in sorted(root.joinpath("formats").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".toml"):
            table = tomllib.loads(entry.read_text("utf-8"))
            tables[str(table["id"])] = table
    return tables


def load_retention() -> list[dict[str, object]]:
    """The retention classes as they stand in `retention.toml`."""
    classes: list[dict[str, object]] = tomllib.loads(files(__package__).joinpath("retention.toml").read_text("utf-8"))[
        "class"
    ]
    return classes


def load_law(folder: Traversable | None = None) -> list[dict[str, object]]:
    """Every pack of `law/<jurisdiction>/`, or of a folder with such packs beside it."""
    return _by_jurisdiction(folder or files(__package__).joinpath("law"))


def load_holidays(jurisdiction: str) -> list[dict[str, object]]:
    """The years of `holidays/<jurisdiction>/`."""
    return _tables(files(__package__).joinpath("holidays").joinpath(jurisdiction))


def load_spared() -> list[dict[str, object]]:
    """Every list of `spared/<jurisdiction>/` of what is never blocked."""
    return _by_jurisdiction(files(__package__).joinpath("spared"))


def load_suffixes() -> list[str]:
    """The lines of the public suffix list as it is published."""
    return files(__package__).joinpath("suffixes", "public_suffix_list.dat").read_text("utf-8").splitlines()


def load_typologies() -> list[dict[str, object]]:
    """Every table of `typologies/`, by file name."""
    return _tables(files(__package__).joinpath("typologies"))


def load_chase() -> dict[str, object]:
    """What a chase expects of money on its way: `chase.toml`."""
    return tomllib.loads(files(__package__).joinpath("chase.toml").read_text("utf-8"))


def load_reports() -> dict[str, dict[str, object]]:
    """The tables of `reports/`, by file name: how reporters word what matters, banks, apps, types of scam."""
    root = files(__package__).joinpath("reports")
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text("utf-8"))
        for entry in root.iterdir()
        if entry.name.endswith(".toml")
    }


def load_file_words() -> frozenset[str]:
    """The words that may stand open in a file's name, in both languages."""
    tables = tomllib.loads(files(__package__).joinpath("file_words.toml").read_text("utf-8"))
    return frozenset(word for words in tables.values() for word in words)


def _by_jurisdiction(root: Traversable) -> list[dict[str, object]]:
    places = sorted((each for each in root.iterdir() if each.is_dir()), key=lambda each: each.name)
    return [table for place in places for table in _tables(place)]


def _tables(root: Traversable) -> list[dict[str, object]]:
    entries = sorted((each for each in root.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return [tomllib.loads(entry.read_text("utf-8")) for entry in entries]
