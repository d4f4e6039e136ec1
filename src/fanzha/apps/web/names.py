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


def shown_fields(fields: Mapping[str, object], just_sent: bool = False) -> dict[str, object]:
    """An error's fields as pages may show them; the name of a file that was `just_sent` is told to its sender."""
    places = frozenset[str]() if just_sent else _PLACES
    return {name: _shown(name in places, told) if isinstance(told, str) else told for name, told in fields.items()}


def _shown(is_place: bool, told: str) -> str:
    if _OWN.fullmatch(told):
        return told
    return shown_name(told) if is_place else hide_numbers(told)
