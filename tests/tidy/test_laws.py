"""The laws of the house that can be read off the source, and proof that each checker sees what it should."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

import pytest

from tests.tidy import shape, wording, worldly
from tests.tidy.source import Finding, Source, package_sources

Law = Callable[[Source], Iterable[Finding]]

LONG = "def f() -> None:\n" + "    x = 1\n" * 70
STAGE, EDGE, STORE = "tracing/follow.py", "apps/cli/main.py", "adapters/store/work.py"

LAWS: dict[Law, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    # law: (sources that break it, sources that do not)
    shape.long_functions: (
        [(STAGE, LONG)],
        [(STAGE, "@njit(cache=True)\n" + LONG), (STAGE, "def f() -> None:\n" + "    x = 1\n" * 69)],
    ),
    shape.long_files: ([(STAGE, "x = 1\n" * 601)], [(STAGE, "x = 1\n" * 600)]),
    shape.nameless_modules: (
        [("tracing/utils.py", ""), ("apps/common/x.py", ""), ("cases/base.py", "")],
        [("adapters/store/baseline.py", "")],
    ),
    shape.missing_docstrings: (
        [
            (STAGE, "x = 1"),
            (STAGE, '"""M."""\ndef f(): return 1'),
            (STAGE, '"""M."""\nclass C:\n    """C."""\n    def f(self): return 1'),
        ],
        [(STAGE, '"""M."""\ndef _f(): return 1\ndef g():\n    """G."""\n    def inner(): return 1')],
    ),
    shape.unfinished: (
        [
            (STAGE, "x = 1  # TO" + "DO later"),
            (STAGE, 'def f():\n    """F."""\n    raise NotImplementedError'),
            (STAGE, "class C:\n    def f(self): ..."),
            (STAGE, 'def f():\n    """F."""\n    pass'),
        ],
        [
            (STAGE, 'def unseen():\n    """Nobody looks on."""'),
            (STAGE, "class P(Protocol):\n    def f(self): ..."),
            (STAGE, "def f():\n    return None"),
        ],
    ),
    shape.loose_dataclasses: (
        [
            (STAGE, "@dataclass\nclass C:\n    a: int"),
            (STAGE, "@dataclass(frozen=True, slots=True)\nclass C:\n    a: int\n    b: int\n    c: int"),
            (STAGE, "@dataclasses.dataclass(frozen=False, slots=True, kw_only=True)\nclass C:\n    a: int"),
        ],
        [
            (STAGE, "@dataclass(frozen=True, slots=True)\nclass C:\n    a: int\n    b: int"),
            (STAGE, "@dataclass\nclass _Building:\n    a: int"),
            (EDGE, "@dataclass\nclass C:\n    a: int"),
        ],
    ),
    shape.uncached_kernels: (
        [(STAGE, "@njit\ndef f(): return 1"), (STAGE, "@numba.njit(parallel=True)\ndef f(): return 1")],
        [(STAGE, "@njit(cache=True)\ndef f(): return 1")],
    ),
    worldly.wall_time: (
        [
            (EDGE, "import datetime\nx = datetime.datetime.now()"),
            (EDGE, "from datetime import datetime as d\nx = d.now"),
            (STORE, "import time\nx = time.time()"),
            (STORE, "from time import time_ns as t\nx = t()"),
            (STORE, "from sqlalchemy import func\nx = func.now()"),
            (STORE, "import sqlalchemy as sa\nx = sa.func.current_timestamp()"),
            (STORE, "q = 'update work set at = NOW() where id = 1'"),
            (STORE, "q = f'select {x}, current_timestamp'"),
        ],
        [
            ("kernel/clock.py", "import time\nx = time.time_ns()"),
            (STORE, "import time\nx = clock.now()\ny = time.perf_counter()"),
            (STORE, '"""No SQL now() here."""'),
        ],
    ),
    worldly.sleeping: (
        [(STAGE, "import time\ntime.sleep(1)"), ("workflows/chase.py", "from asyncio import sleep\nawait_ = sleep(1)")],
        [(EDGE, "import time\ntime.sleep(1)")],
    ),
    worldly.worldly_stages: (
        [
            (STAGE, "import os"),
            (STAGE, "from pathlib import Path"),
            (STAGE, "def f(): return open('x')"),
            (STAGE, "from uuid import uuid4\nx = uuid4()"),
        ],
        [(STAGE, "import numpy as np\nfrom uuid import UUID"), (EDGE, "import os")],
    ),
    worldly.committing: (
        [("workflows/x.py", "conn.commit()"), (STORE, "engine.connect().commit()"), (STORE, "conn.begin_nested()")],
        [("adapters/store/unit_of_work.py", "conn.commit()")],
    ),
    worldly.float_money: (
        [
            (STAGE, "def f(held_fen: float): ..."),
            (STAGE, "held_fen = a_fen / 2"),
            (STAGE, "held_fen = total * 0.5"),
            (STAGE, "held_fen: NDArray[np.float64]"),
            (STAGE, "f(held_fen=float(x))"),
            (STAGE, "held_fen /= 2"),
            (STAGE, "def held_fen() -> float: ..."),
        ],
        [(STAGE, "held_fen = a_fen // 2\nshare = held_fen / total_fen\ndef f(held_fen: int): ...")],
    ),
    worldly.pydantic_inside: (
        [(STAGE, "import pydantic"), (STORE, "from pydantic import BaseModel")],
        [(EDGE, "from pydantic import BaseModel"), ("settings.py", "from pydantic_settings import BaseSettings")],
    ),
    wording.chinese: (
        [(STAGE, "x = '冲正'"), (STAGE, "x = f'{a}元'"), (STAGE, "金额 = 1")],
        [(STAGE, '"""冲正 is a reversal."""  # 冲正'), (STAGE, "x = '[\\u4e00-\\u9fff，]'")],
    ),
    wording.sentences: (
        [
            (STAGE, "x = 'The file could not be read'"),
            (STAGE, "x = f'{name} is not a known account number'"),
            (STAGE, "raise ValueError('rows must not be empty here')"),
        ],
        [
            (STORE, "q = 'select id from cases where ref = :ref'"),
            (STORE, "q = 'UPDATE work SET state = 1'"),
            (EDGE, "h = \"default-src 'self'; img-src data:\""),
            (STAGE, '"""The file could not be read."""'),
        ],
    ),
    wording.spoken_literals: (
        [
            (EDGE, "print(x)"),
            (EDGE, "typer.echo('no such case')"),
            (EDGE, "typer.Option(help='The case')"),
            (EDGE, "raise HTTPException(404, detail='not found')"),
        ],
        [(EDGE, "typer.echo(text(lang, 'cli.done'))\ntyper.Option(help=say('cli.case'))")],
    ),
    wording.anonymous_errors: (
        [(STAGE, "raise Invalid('Bad row')"), (STAGE, "raise errors.NotFound('case')")],
        [(STAGE, "raise Invalid('rows.bad_time', row=1)")],
    ),
}


def found(law: Law, sources: Iterable[Source]) -> list[str]:
    """What a law finds, in order, ready to be read."""
    return [str(finding) for source in sources for finding in sorted(law(source))]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps(law: Law) -> None:
    broken = found(law, package_sources())
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_checker_sees(law: Law) -> None:
    breaking, keeping = LAWS[law]
    for path, text in breaking:
        assert found(law, [Source(path, text)]), f"not seen in {path}: {text}"
    for path, text in keeping:
        assert not found(law, [Source(path, text)]), text


def test_long_things_are_named() -> None:
    for source in package_sources():
        for finding in (
            *shape.long_functions(source, shape.FUNCTION_LINES),
            *shape.long_files(source, shape.FILE_LINES),
        ):
            warnings.warn(str(finding), stacklevel=1)
