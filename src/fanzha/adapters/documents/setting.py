"""Documents set as PDF by Typst, in a process of their own: bounded, and the same bytes every time."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from fanzha.adapters.documents.blocks import Document
from fanzha.adapters.documents.fonts import visible
from fanzha.adapters.documents.setters import CPU_SECONDS, SetterGone, set_by_one
from fanzha.kernel.errors import Broken, Unavailable
from fanzha.workflows.order_paper import OrderPaper

LONGEST_TEXT = 2_000
"""Characters of one text that a page shows; what is cut is counted where it is cut."""

WALL_SECONDS = 180
_BREAK = "\u200b"
"""Shows nothing, and lets a line end: Chinese breaks anywhere, a hash or a path nowhere of itself."""
_RUN = re.compile(r"[!-~\u00a1-\u024f]{17,}")
_PIECE = 12


def set_pdf(document: Document | OrderPaper, template: Literal["document", "order"] = "document") -> bytes:
    """The document as PDF; `Unavailable` when it takes more time or memory than one document may."""
    told = _prepared(document) | {"at": int(document.at.timestamp()), "template": template}
    given = json.dumps(told).encode()
    try:
        done = set_by_one(given, WALL_SECONDS)
    except TimeoutError:
        raise Unavailable("documents.too_much", seconds=WALL_SECONDS) from None
    except SetterGone as gone:
        if gone.status < 0:
            raise Unavailable("documents.too_much", seconds=CPU_SECONDS) from None
        raise Broken("documents.not_set", status=gone.status) from None
    if not done.startswith(b"%PDF-"):
        raise Broken("documents.not_set", status=0)
    return done


def _prepared(value: Any, name: str = "") -> Any:
    """The same values with every text as a page can show it."""
    if isinstance(value, str):
        return visible(value) if name == "svg" else breakable(visible(shortened(value)))
    if is_dataclass(value):
        return {each.name: _prepared(getattr(value, each.name), each.name) for each in fields(value)}
    return [_prepared(each) for each in value] if isinstance(value, Sequence) else value


def shortened(text: str) -> str:
    """The text, or its beginning and how many characters follow."""
    left = len(text) - LONGEST_TEXT
    return f"{text[:LONGEST_TEXT]}\u2026(+{left})" if left > 0 else text


def breakable(text: str) -> str:
    """The text with places to break in runs of letters and digits that no line would hold."""
    return _RUN.sub(lambda run: _BREAK.join(run[0][at : at + _PIECE] for at in range(0, len(run[0]), _PIECE)), text)
