"""Every sentence exists in both languages, with the same blanks, for every code, and for nothing else."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from fanzha.i18n import LANGUAGES, Language, catalogue
from tests.tidy.source import PACKAGE, Finding, Source, package_sources
from tests.tidy.wording import CHINESE, KINDS

AREAS = tuple(sorted(path.stem for path in (PACKAGE / "i18n" / "en").glob("*.toml")))
READERS = ("*.py", "*.html", "*.js", "*.toml")
"""The files that may name a key of a catalogue."""


def blanks(sentence: str) -> set[str]:
    """The names of the `{blanks}` of a sentence."""
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@cache
def keys(language: Language = "en") -> frozenset[str]:
    """Every dotted key."""
    return frozenset(catalogue(language))


def raised(source: Source) -> Iterator[tuple[ast.Call, str, set[str] | None]]:
    """Every error made here: its code, and the fields it is given (`None` when they come from elsewhere)."""
    for node, name in source.calls():
        last = name.split(".")[-1]
        at = 1 if last == "invariant" else 0
        if last not in KINDS | {"invariant"} or len(node.args) <= at:
            continue
        code = node.args[at]
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            given = {each.arg for each in node.keywords}
            yield node, code.value, None if None in given else {arg for arg in given if arg}


def speechless(source: Source, sentences: Mapping[str, str]) -> Iterator[Finding]:
    """Errors without a sentence, or whose sentence has blanks that the error does not fill."""
    for node, code, given in raised(source):
        sentence = sentences.get(f"errors.{code}")
        if sentence is None:
            yield source.at(node, f"errors.{code} has no sentence")
        elif given is not None and not blanks(sentence) <= given:
            yield source.at(node, f"errors.{code} is not given {sorted(blanks(sentence) - given)}")


def asked(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every string that is a key or the beginning of one, `{}` where the program fills something in."""
    for node, found in source.strings():
        if re.fullmatch(rf"(?:{'|'.join(AREAS)})(?:\.(?:[a-z0-9_]+|\{{\}}))+", found) and not found.endswith(".toml"):
            yield node, found


def missing(source: Source, existing: Iterable[str]) -> Iterator[Finding]:
    """Keys that the program asks for and no catalogue has."""
    known = set(existing)
    for node, key in asked(source):
        pattern = re.compile(re.escape(key).replace(r"\{\}", ".+") + r"(?:\..+)?")
        if not any(pattern.fullmatch(each) or pattern.fullmatch(each.partition(".")[2]) for each in known):
            yield source.at(node, f"no catalogue has {key}")


@dataclass(frozen=True, slots=True)
class Named:
    """What files name: dotted words, those of them that stand alone in quotes, and those that are completed."""

    words: frozenset[str]
    quoted: frozenset[str]
    completed: frozenset[str]


def named(text: str) -> Named:
    """Everything in a text that may name a key."""
    return Named(
        frozenset(word.strip(".") for word in re.findall(r"[\w.]+", text)),
        frozenset(re.findall(r"[\"']([\w.]+)[\"']", text)),
        frozenset(re.findall(r"([\w.]+[._])[{\"']", text)),
    )


@cache
def named_by_the_house() -> Named:
    """What everything but the catalogues names."""
    files = (path for kind in READERS for path in PACKAGE.rglob(kind))
    ours = (path for path in files if path.parent.parent.name != "i18n" and "vendor" not in path.parts)
    return named("\n".join(path.read_text("utf-8") for path in ours))


def is_used(key: str, by: Named) -> bool:
    """Whether a key is named, with its area or without, or a beginning of it that is completed where it stands."""
    area, _, rest = key.partition(".")
    sections = {name[: cut.start()] for name in (key, rest) for cut in re.finditer(r"[.]", name)} - {area}
    beginnings = {name[: cut.end()] for name in (key, rest) for cut in re.finditer(r"[._]", name)} - {f"{area}."}
    spoken_whole = area == "words" or rest.endswith((".help", ".example"))
    return not (
        {key, rest}.isdisjoint(by.words)
        and beginnings.isdisjoint(by.completed)
        and (not spoken_whole or sections.isdisjoint(by.quoted))
    )


def test_both_languages_say_the_same_things() -> None:
    assert keys("zh") == keys("en"), sorted(keys("zh") ^ keys("en"))
    unequal = {key for key in keys() if blanks(catalogue("zh")[key]) != blanks(catalogue("en")[key])}
    unequal -= {"words.money.short", "words.money.long"}  # by 万 and 亿, by k and M: always given both
    assert not unequal, f"other blanks: {unequal}"


def test_each_language_is_itself() -> None:
    silent = [
        f"{language}:{key}" for language in LANGUAGES for key, said in catalogue(language).items() if not said.strip()
    ]
    assert not silent
    sentences = {key: said for key, said in catalogue("en").items() if not key.endswith(".example")}
    mixed = {key for key, said in sentences.items() if CHINESE.search(said)}
    assert mixed <= {"web.shell.other_language"}, f"Chinese in English sentences: {mixed}"


def test_every_error_has_its_sentence() -> None:
    found = [
        str(each)
        for language in LANGUAGES
        for source in package_sources()
        for each in speechless(source, catalogue(language))
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_key_asked_for_exists() -> None:
    found = [str(each) for source in package_sources() for each in missing(source, keys())]
    assert not found, "\n" + "\n".join(found)


def test_every_key_a_page_asks_for_exists() -> None:
    pages = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.html")}
    wanted = {
        (path.name, key)
        for path, page in pages.items()
        for key in re.findall(r"\bt\(\s*[\"']([\w.]+)[\"']\s*[,)]", page)
    }
    assert not {f"{page}: web.{key}" for page, key in wanted if f"web.{key}" not in keys()}


def test_every_key_is_asked_for() -> None:
    unused = sorted(key for key in keys() if not is_used(key, named_by_the_house()))
    assert not unused, f"nobody says: {unused}"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise Invalid('a.b', row=1)", "Row {row} of {file}"),
        ("raise Invalid('a.c', row=1)", "Row {row}"),
        ("invariant(False, 'a.b')", "Row {row}"),
    ],
)
def test_the_checker_sees_errors(code: str, sentence: str) -> None:
    assert list(speechless(Source("x.py", code), {"errors.a.b": sentence}))


def test_the_checker_accepts_errors() -> None:
    for code in ("raise Invalid('a.b', row=1)", "raise Invalid('a.b', **fields)", "invariant(x, 'a.b', row=2)"):
        assert not list(speechless(Source("x.py", code), {"errors.a.b": "Row {row}"}))


def test_the_checker_sees_keys() -> None:
    assert list(missing(Source("x.py", "text(lang, 'cli.no_such')"), ["cli.other"]))
    assert list(missing(Source("x.py", "text(lang, f'cli.no.{x}')"), ["cli.other"]))
    assert not list(missing(Source("x.py", "text(lang, f'cli.{x}.help')"), ["cli.demo.help"]))
    assert not is_used("cli.unheard", named("text(lang, 'cli.heard')"))
    assert not is_used("words.unheard.one", named('word("heard", code)'))
    assert is_used("cli.doctor.disk.bad", named("text(lang, f'cli.doctor.{name}.bad')"))
    assert is_used("words.heard.one", named('word("heard", code)'))
    assert is_used("cli.cases.open.help", named('command(app, "cases.open")'))
    assert is_used("web.theme.now_dark", named('t("theme.now_" ~ theme)'))
