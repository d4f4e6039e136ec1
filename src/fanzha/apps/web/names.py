"""Files' names and numbers in free text as pages may show them: the rest only a reveal tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fanzha.cases.file_names import shown_name

HIDDEN = "*"
_LONG_DIGITS = re.compile(r"\d{7,}")
_PLACES = frozenset({"place", "file", "member"})
"""Fields of errors that name a file."""


def hide_numbers(text: str) -> str:
    """The text with the middle of every long number hidden, as in remarks that carry card numbers."""
    return _LONG_DIGITS.sub(
        lambda found: (
            f"{found[0][:4]}{HIDDEN * 4}{found[0][-4:]}" if len(found[0]) >= 11 else f"{HIDDEN * 3}{found[0][-2:]}"
        ),
        text,
    )


def shown_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """An error's fields as pages may show them."""
    return {name: _shown(name, told) if isinstance(told, str) else told for name, told in fields.items()}


def _shown(name: str, told: str) -> str:
    return shown_name(told) if name in _PLACES else hide_numbers(told)
