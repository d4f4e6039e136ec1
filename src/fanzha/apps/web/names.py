"""Files' names and numbers in free text as pages may show them: the rest only a reveal tells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fanzha.cases.file_names import hide_numbers, shown_name

HIDDEN = "*"
_PLACES = frozenset({"place", "file", "member"})
"""Fields of errors that name a file."""
_OWN = re.compile(r"[AIS][0-9]{4}-[0-9]{6}")
"""Numbers that the house itself gives to authorities, incidents and orders: they tell of nobody."""


def shown_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """An error's fields as pages may show them."""
    return {name: _shown(name, told) if isinstance(told, str) else told for name, told in fields.items()}


def _shown(name: str, told: str) -> str:
    if _OWN.fullmatch(told):
        return told
    return shown_name(told) if name in _PLACES else hide_numbers(told)
