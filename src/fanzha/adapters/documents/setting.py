"""Documents set as PDF by Typst, in a process of their own: bounded, and the same bytes every time."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from fanzha.adapters.documents.blocks import Document
from fanzha.adapters.documents.fonts import FAMILY, FOLDER, visible
from fanzha.kernel.errors import Broken, Unavailable
from fanzha.workflows.order_paper import OrderPaper

TEMPLATE = Path(__file__).parent / "template"
LONGEST_TEXT = 2_000
"""Characters of one text that a page shows; what is cut is counted where it is cut."""

_MEMORY_BYTES = 3 << 30
"""Address space of the setter; two thousand rows of a table take less than half a gigabyte of it."""
_CPU_SECONDS = 60
WALL_SECONDS = 180
_BREAK = "\u200b"
"""Shows nothing, and lets a line end: Chinese breaks anywhere, a hash or a path nowhere of itself."""
_RUN = re.compile(r"[!-~\u00a1-\u024f]{17,}")
_PIECE = 12


def set_pdf(document: Document | OrderPaper, template: Literal["document", "order"] = "document") -> bytes:
    """The document as PDF; `Unavailable` when it takes more time or memory than one document may."""
    command = [sys.executable, "-m", __name__]
    told = asdict(document) | {"at": int(document.at.timestamp()), "template": template}
    given = json.dumps(_prepared(told))
    try:
        done = subprocess.run(  # noqa: S603  (ourselves)
            command, input=given.encode(), capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable("documents.too_much", seconds=WALL_SECONDS) from None
    if done.returncode < 0:
        raise Unavailable("documents.too_much", seconds=_CPU_SECONDS)
    if done.returncode > 0 or not done.stdout.startswith(b"%PDF-"):
        raise Broken("documents.not_set", status=done.returncode)
    return done.stdout


def _prepared(value: Any, name: str = "") -> Any:
    """The same values with every text as a page can show it."""
    if isinstance(value, str):
        return visible(value) if name == "svg" else breakable(visible(shortened(value)))
    if isinstance(value, dict):
        return {key: _prepared(each, key) for key, each in value.items()}
    return [_prepared(each) for each in value] if isinstance(value, Sequence) else value


def shortened(text: str) -> str:
    """The text, or its beginning and how many characters follow."""
    left = len(text) - LONGEST_TEXT
    return f"{text[:LONGEST_TEXT]}\u2026(+{left})" if left > 0 else text


def breakable(text: str) -> str:
    """The text with places to break in runs of letters and digits that no line would hold."""
    return _RUN.sub(lambda run: _BREAK.join(run[0][at : at + _PIECE] for at in range(0, len(run[0]), _PIECE)), text)


def _serve() -> None:
    """Set the document told on standard input and give its bytes on standard output."""
    import typst

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told = json.load(sys.stdin)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])
    done = typst.compile(
        TEMPLATE / f"{told['template']}.typ",
        root=TEMPLATE,
        font_paths=fonts,
        sys_inputs={"document": json.dumps(told), "family": FAMILY},
        timestamp=told["at"],
    )
    sys.stdout.buffer.write(done)


if __name__ == "__main__":
    _serve()
