"""Unified social credit codes of organisations: GB 32100-2015, 18 characters with a MOD 31 check."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers.text import squeeze

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_SHAPE = re.compile(f"[{_ALPHABET}]{{2}}\\d{{6}}[{_ALPHABET}]{{10}}")


def clean(text: str) -> str:
    """Upper-case code; empty when the text has another shape."""
    code = squeeze(text).upper()
    return code if _SHAPE.fullmatch(code) else ""


def check(code: str) -> bool:
    """Whether the check character is right."""
    if not _SHAPE.fullmatch(code):
        return False
    total = sum(_ALPHABET.index(each) * weight for each, weight in zip(code[:17], _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31] == code[17]


def mask(code: str) -> str:
    """Organisations are public: nothing is hidden but the middle for the eye's rest."""
    return f"{code[:8]}****{code[-4:]}"


def show(code: str) -> str:
    """Class, area, body and check apart."""
    return f"{code[:2]} {code[2:8]} {code[8:17]} {code[17:]}" if len(code) == 18 else code
