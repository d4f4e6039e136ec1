"""Laws about the shape of code: sizes, names, docstrings, unfinished work, domain objects (laws 1, 2, 13, 14)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.source import Finding, Source, dotted

FUNCTION_LINES, FUNCTION_LINES_HARD = 50, 70
FILE_LINES, FILE_LINES_HARD = 400, 600
NAMELESS = frozenset({"utils", "util", "common", "helpers", "helper", "misc", "base", "bases", "manager", "managers"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[Function]:
    """Every function and method."""
    return (node for node in source.nodes if isinstance(node, Function))


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """The last part of each decorator's name."""
    return {dotted(each.func if isinstance(each, ast.Call) else each).split(".")[-1] for each in node.decorator_list}


def is_kernel(function: Function) -> bool:
    """Whether numba compiles it."""
    return bool(decorators(function) & {"njit", "jit", "compiled", "vectorize", "guvectorize"})


def length(function: Function) -> int:
    """Lines of a function from `def` to its end, docstring apart."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    shown = 0 if docstring is None else (docstring.end_lineno or 0) - docstring.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - shown


def long_functions(source: Source, limit: int = FUNCTION_LINES_HARD) -> Iterator[Finding]:
    """Law 1: no function above 70 lines, kernels excepted."""
    for function in functions(source):
        if not is_kernel(function) and length(function) > limit:
            yield source.at(function, f"{function.name} has {length(function)} lines (limit {limit})")


def long_files(source: Source, limit: int = FILE_LINES_HARD) -> Iterator[Finding]:
    """Law 1: no file above 600 lines."""
    lines = source.text.count("\n")
    if lines > limit:
        yield Finding(source.path, limit, f"{lines} lines (limit {limit})")


def nameless_modules(source: Source) -> Iterator[Finding]:
    """Law 14: a thing lives with its noun."""
    for part in source.path.removesuffix(".py").split("/"):
        if part.strip("_") in NAMELESS:
            yield Finding(source.path, 1, f"a module may not be called {part}")


def missing_docstrings(source: Source) -> Iterator[Finding]:
    """Law 13: modules, public classes, functions and methods say what they claim."""
    if ast.get_docstring(source.tree) is None:
        yield source.at(source.tree, "the module has no docstring")
    yield from _undocumented(source, source.tree)


def _undocumented(source: Source, scope: ast.Module | ast.ClassDef) -> Iterator[Finding]:
    for node in scope.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_") or "overload" in decorators(node):
            continue
        if ast.get_docstring(node) is None:
            yield source.at(node, f"{node.name} has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(source, node)


def unfinished(source: Source) -> Iterator[Finding]:
    """No function that does nothing, and no promise of later work in a comment."""
    for number, line in enumerate(source.text.splitlines(), 1):
        comment = line.partition("#")[2]
        for word in ("TODO", "FIXME", "XXX", "HACK"):
            if word in comment:
                yield Finding(source.path, number, f"{word} in a comment: do it or open an issue")
    declared = {id(method) for node in source.nodes if _only_declares(node) for method in ast.walk(node)}
    for function in functions(source):
        if id(function) in declared or decorators(function) & {"overload", "abstractmethod"}:
            continue
        if all(_does_nothing(statement) for statement in _after_docstring(function)) and _after_docstring(function):
            yield source.at(function, f"{function.name} does nothing")


def _only_declares(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        dotted(base.value if isinstance(base, ast.Subscript) else base).endswith("Protocol") for base in node.bases
    )


def _after_docstring(function: Function) -> list[ast.stmt]:
    """The statements of a function; a docstring alone is a promise to do nothing, which mypy holds to None."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError")) | ast.Name(id="NotImplementedError")):
            return True
    return False


def loose_dataclasses(source: Source) -> Iterator[Finding]:
    """Law 2: domain objects are frozen, slotted and, from the third field on, made by keyword."""
    if not source.is_pure or source.room in {"kernel", "i18n"}:
        return
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and "dataclass" in decorators(node):
            fields = sum(isinstance(each, ast.AnnAssign) for each in node.body)
            given = _switched_on(node)
            wants = ["frozen"] + ["kw_only"] * (fields > 2) + ["slots"] * (not _remembers(node))
            for wanted in wants:
                if wanted not in given:
                    yield source.at(node, f"{node.name} is a dataclass without {wanted}=True")


def _remembers(node: ast.ClassDef) -> bool:
    """Whether a class keeps what it computed, for which Python needs its `__dict__`."""
    return any(isinstance(each, Function) and "cached_property" in decorators(each) for each in node.body)


def _switched_on(node: ast.ClassDef) -> set[str | None]:
    return {
        keyword.arg
        for each in node.decorator_list
        if isinstance(each, ast.Call) and dotted(each.func).endswith("dataclass")
        for keyword in each.keywords
        if isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    }


def uncached_kernels(source: Source) -> Iterator[Finding]:
    """Kernels are compiled once and kept: `@njit(cache=True)`."""
    for function in functions(source):
        for each in function.decorator_list:
            name = dotted(each.func if isinstance(each, ast.Call) else each)
            if name.split(".")[-1] in {"njit", "jit"} and not (
                isinstance(each, ast.Call) and any(keyword.arg == "cache" for keyword in each.keywords)
            ):
                yield source.at(function, f"{function.name} is a kernel without cache=True")
