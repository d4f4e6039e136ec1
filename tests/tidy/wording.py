"""Laws about words: none that a person reads stands in code (law 13)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import Finding, Source, dotted

CHINESE = re.compile(r"(?<!-)[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff](?!-)")
"""Characters that are words; ends of ranges in patterns, full-width digits and punctuation are data."""
SENTENCE = re.compile(r"(?:^|[\s\"'(])[A-Za-z][a-z']+(?:[ ,;:]+(?:\{\} )?[a-z][a-z']*){3,}")
"""Four plain words in a row, blanks between them allowed."""
SQL = re.compile(
    r"\s*(?:select|insert|update|delete|create|alter|drop|grant|revoke|with|set|lock|do|copy|analyze|vacuum|truncate|begin|"
    r"comment|reindex|where|and|or|from|order by|on conflict|returning|exists|not exists|case when|declare)\b",
    re.IGNORECASE,
)
SPOKEN = re.compile(r"[A-Za-z]{2,}[\s,.:;!]+[A-Za-z]{2,}|[A-Z][a-z]+")
SPEAKING = frozenset(
    {"echo", "secho", "print", "confirm", "prompt", "HTTPException", "Exit", "BadParameter", "UsageError"}
)
SHOWN = frozenset({"help", "short_help", "epilog", "prompt", "rich_help_panel", "detail"})

KINDS = frozenset({"Invalid", "NotFound", "Conflict", "Forbidden", "Unavailable", "Illegal", "Broken"})


def chinese(source: Source) -> Iterator[Finding]:
    """No Chinese in code: what it recognises is data, what it says comes from catalogues."""
    for node, string in source.strings():
        if CHINESE.search(string):
            yield source.at(node, "Chinese in a string")
    for node in source.nodes:
        if isinstance(node, ast.Name) and CHINESE.search(node.id):
            yield source.at(node, f"Chinese in the name {node.id}")


def sentences(source: Source) -> Iterator[Finding]:
    """No sentence in code, wherever it goes; SQL and lines of configuration (`a = b`) are not sentences."""
    for node, string in source.strings():
        found = SENTENCE.search(string)
        if found and "=" not in string and not SQL.match(string):
            yield source.at(node, f"a sentence in code: {found[0].strip()[:40]}")


def spoken_literals(source: Source) -> Iterator[Finding]:
    """Nothing written out is handed to what speaks to people: echo, help=, HTTP details; and nothing is printed."""
    for node, name in source.calls():
        last = name.split(".")[-1]
        if name == "print":
            yield source.at(node, "print: the edges have their own way to speak")
        shown = list(node.args) if last in SPEAKING else []
        shown += [each.value for each in node.keywords if each.arg in SHOWN]
        for each in shown:
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and SPOKEN.search(each.value):
                yield source.at(each, f"{last} is given words instead of a key")


def anonymous_errors(source: Source) -> Iterator[Finding]:
    """Errors of the house are raised with a dotted code; words in them would reach a person untranslated."""
    for node, name in source.calls():
        if name.split(".")[-1] not in KINDS or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", str(node.args[0].value)):
            yield source.at(node, f"{dotted(node.func)} needs a dotted code, not {node.args[0].value!r}")
