"""A source file as the checkers see it, and what a checker says of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "fanzha"
IMPURE_ROOMS = frozenset({"apps", "wiring", "adapters", "simulation", "settings"})
"""The rooms that may touch the world; every other room is a stage, the workflows or the words they speak."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place that breaks a law."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Source:
    """A Python file by its path inside the package (`tracing/follow.py`) and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @cached_property
    def room(self) -> str:
        """The top-level package or module it belongs to."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def is_pure(self) -> bool:
        """Whether the laws of stages hold here."""
        return self.room not in IMPURE_ROOMS and self.path != "__init__.py"

    def at(self, node: ast.AST, what: str) -> Finding:
        """A finding at the line of `node`."""
        return Finding(self.path, getattr(node, "lineno", 1), what)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def prose(self) -> frozenset[int]:
        """The ids of string constants that stand alone as statements: docstrings, also of attributes."""
        return frozenset(
            id(node.value) for node in self.nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )

    def strings(self) -> Iterator[tuple[ast.AST, str]]:
        """Every string that the program can use, docstrings apart; `{}` stands for what an f-string fills in."""
        passed = set(self.prose)
        for node in self.nodes:
            if isinstance(node, ast.JoinedStr):
                passed.update(id(part) for part in node.values)
                parts = (str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
                yield node, "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
                yield node, node.value

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for: `from time import time as t` gives `{"t": "time.time"}`."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.ImportFrom) and node.module:
                names.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
            elif isinstance(node, ast.Import):
                names.update({each.asname: each.name for each in node.names if each.asname})
        return names

    def meaning(self, name: str) -> str:
        """The full dotted name behind a name as it is written here."""
        first, dot, rest = name.partition(".")
        return self.imported.get(first, first) + dot + rest

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; the part that is no name reads as nothing (`f().commit` → `.commit`)."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


@cache
def package_sources() -> tuple[Source, ...]:
    """Every Python file of the package."""
    return tuple(
        Source(path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
    )
