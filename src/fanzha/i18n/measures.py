"""Numbers whose names end in their unit, as a person reads them inside a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fanzha.i18n import Language, text
from fanzha.kernel.money import yuan_text

DAY_S = 86_400
_STEPS = (("days", DAY_S), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
_MOST_LAYERS = 4


def measures(language: Language, numbers: Mapping[str, int], *, is_by_day: bool = False) -> dict[str, str]:
    """Each number in words: `…fen` as yuan, `…_s` as a duration, `…_bp` (of ten thousand) in per cent, else a count.

    `is_by_day`: it was measured between days, so a duration is told as the days that it is shorter than.
    """
    return {name: _measure(language, name, number, is_by_day) for name, number in numbers.items()}


def duration(language: Language, seconds: int) -> str:
    """Seconds in the two largest units that they fill."""
    for place, (unit, size) in enumerate(_STEPS):
        if seconds >= size or size == 1:
            told = text(language, f"words.duration.{unit}", n=seconds // size)
            rest = seconds % size
            if place + 1 < len(_STEPS) and rest // _STEPS[place + 1][1]:
                finer, finer_size = _STEPS[place + 1]
                second = text(language, f"words.duration.{finer}", n=rest // finer_size)
                told = text(language, "words.duration.two", first=told, second=second)
            return told
    return ""


def layers_text(language: Language, layers: Sequence[int]) -> str:
    """An account's layers as a cell tells them: `3 and 4`; of many the first ones and how many more are left out."""
    told = [str(each) for each in layers[:_MOST_LAYERS]]
    left = len(layers) - len(told)
    before, last = (told, f"\u2026(+{left})") if left else (told[:-1], "".join(told[-1:]))
    joined = text(language, "words.layers.comma").join(before)
    return f"{joined}{text(language, 'words.layers.and') if before and not left else ''}{last}"


def layers_named(language: Language, layers: Sequence[int]) -> str:
    """The same inside a sentence: `layers 3 and 4`."""
    key = "one" if len(layers) == 1 else "several"
    return text(language, f"words.layers.{key}", layers=layers_text(language, layers))


def _days_above(language: Language, seconds: int) -> str:
    """Whole days that are longer whatever the hours of the two days between which the seconds were counted."""
    return text(language, "words.duration.under_days", n=1 - -seconds // DAY_S)


def _measure(language: Language, name: str, number: int, is_by_day: bool) -> str:
    if name.endswith("fen"):
        return yuan_text(number)
    if name.endswith("_s"):
        return _days_above(language, number) if is_by_day else duration(language, number)
    if name.endswith("_bp"):
        return f"{number // 10 / 10:.1f}%"  # never 100.0 for less than all
    return f"{number:,}"
