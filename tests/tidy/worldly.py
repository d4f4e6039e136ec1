"""Laws about time, chance, the world outside and money (laws 2, 3, 4, 6, 7)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.source import Finding, Source, dotted

WALL = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
)
SQL_TIME = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp)\b|\bpg_sleep\b",
    re.IGNORECASE,
)
WORLD = frozenset(
    {"asyncio", "http", "multiprocessing", "os", "pathlib", "secrets", "shutil", "socket", "sqlite3", "subprocess"}
    | {"tempfile", "threading", "time", "urllib"}
)
EDITS = re.compile(
    r"\b(update\s+(?!of\b)(?:only\s+)?|delete\s+from\s+(?:only\s+)?|truncate\s+(?:table\s+)?)\"?(\w+)", re.IGNORECASE
)

UPSERTS = re.compile(r"\binsert\s+into\s+\"?(\w+)[^;]*?\bdo\s+update\b", re.IGNORECASE | re.DOTALL)


def wall_time(source: Source) -> Iterator[Finding]:
    """Law 4: only the kernel's clock looks at the wall."""
    if source.path == "kernel/clock.py":
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name):
            full = source.meaning(dotted(node))
            if any(full == name or full.endswith("." + name) for name in WALL):
                yield source.at(node, f"{full}: ask a clock")
            elif full.startswith("sqlalchemy.") and SQL_TIME.search(full.split(".")[-1] + "()"):
                yield source.at(node, f"{full}: the database does not decide the time")
    for node, string in source.strings():
        if SQL_TIME.search(string):
            yield source.at(node, "SQL that asks the database for the time")


def sleeping(source: Source) -> Iterator[Finding]:
    """Law 4: nothing in the business waits by sleeping; only loops at the edges do."""
    if source.room in {"apps", "adapters"}:
        return
    for node, name in source.calls():
        if name.split(".")[-1] == "sleep":
            yield source.at(node, "sleep decides when this goes on")


def worldly_stages(source: Source) -> Iterator[Finding]:
    """Law 2: stages take values and give values."""
    if not source.is_pure or source.room in {"kernel", "i18n", "workflows"}:
        return
    for node in source.nodes:
        modules = (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for module in modules:
            if module.split(".")[0] in WORLD:
                yield source.at(node, f"a stage imports {module}")
    for node, name in source.calls():
        if name in {"open", "input"} or source.meaning(name) in {"uuid.uuid1", "uuid.uuid4"}:
            yield source.at(node, f"a stage calls {name}")


def committing(source: Source) -> Iterator[Finding]:
    """Law 7: one request or job is one transaction, and only the unit of work commits it and knows who acts in it."""
    if source.path == "adapters/store/unit_of_work.py":
        return
    for node, name in source.calls():
        if name.endswith(".commit"):
            yield source.at(node, "commits outside the unit of work")
        if name.endswith(".begin_nested"):
            yield source.at(node, "takes back who acts unseen: `savepoint` of the unit of work")


def edits_of(source: Source, append_only: frozenset[str]) -> Iterator[Finding]:
    """Law 6: what once had effect is never edited or deleted."""
    for node, string in source.strings():
        for verb, table in _edited(string):
            if table in append_only:
                yield source.at(node, f"{verb} of {table}, which is append-only")
    for node, name in source.calls():
        table = name.rpartition(".")[0].split(".")[-1]
        if name.split(".")[-1] in {"update", "delete"} and not table and node.args:
            table = dotted(node.args[0]).split(".")[-1]
        if name.split(".")[-1] in {"update", "delete"} and table.lower() in append_only:
            yield source.at(node, f"{name} on {table}, which is append-only")


def _edited(string: str) -> Iterator[tuple[str, str]]:
    """Every (verb, table) of the SQL in a string; an upsert edits the table that it inserts into."""
    for verb, table in EDITS.findall(string):
        yield verb.split()[0].lower(), table.lower()
    for table in UPSERTS.findall(string):
        yield "upsert", table.lower()


def float_money(source: Source) -> Iterator[Finding]:
    """Law 3: a name that ends in `_fen` holds an integer."""
    for node in source.nodes:
        if isinstance(node, ast.arg) and _is_fen(node.arg) and _floats(node.annotation):
            yield source.at(node, f"{node.arg} is declared a float")
        elif isinstance(node, ast.AnnAssign) and _is_fen(dotted(node.target)):
            if _floats(node.annotation) or _floats(node.value):
                yield source.at(node, f"{dotted(node.target)} is a float")
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            divides = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div)
            for target in targets:
                if _is_fen(dotted(target)) and (divides or _floats(node.value)):
                    yield source.at(node, f"{dotted(target)} is given a float")
        elif isinstance(node, ast.keyword) and _is_fen(node.arg or "") and _floats(node.value):
            yield source.at(node.value, f"{node.arg} is given a float")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_fen(node.name) and _floats(node.returns):
            yield source.at(node, f"{node.name} returns a float")


def _is_fen(name: str) -> bool:
    last = name.split(".")[-1]
    return last == "fen" or last.endswith("_fen")


def _floats(node: ast.AST | None) -> bool:
    """Whether a value or annotation is plainly a float."""
    match node:
        case ast.Constant(value=float()) | ast.BinOp(op=ast.Div()) | ast.Name(id="float"):
            return True
        case ast.Call(func=ast.Name(id="float")):
            return True
        case ast.BinOp(left=left, right=right):
            return _floats(left) or _floats(right)
        case ast.Subscript(slice=inner):
            return any(
                isinstance(each, ast.Name | ast.Attribute) and dotted(each).split(".")[-1].startswith("float")
                for each in ast.walk(inner)
            )
    return False


def pydantic_inside(source: Source) -> Iterator[Finding]:
    """Law 2: pydantic stands only at the edges."""
    if source.room in {"apps", "settings"}:
        return
    for node in source.nodes:
        module = (
            node.module or ""
            if isinstance(node, ast.ImportFrom)
            else node.names[0].name
            if isinstance(node, ast.Import)
            else ""
        )
        if module.split(".")[0] in {"pydantic", "pydantic_settings"}:
            yield source.at(node, f"{module} is imported away from the edges")
