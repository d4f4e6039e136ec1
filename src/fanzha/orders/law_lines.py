"""A law pack told line by line, numbers and signatures alike, for tables and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fanzha.i18n import LANGUAGES, Language, text
from fanzha.orders.law import LawPack, Signing, Source

SIGNERS = "signers"


@dataclass(frozen=True, slots=True, kw_only=True)
class LawLine:
    """One line: its entry, what it says, the value with its unit, or who signs, and where that stands."""

    entry: str
    says: Mapping[str, str]
    value: int | bool | tuple[int, ...] | tuple[str, ...]
    unit: str
    signers: Mapping[str, str]
    source: Source
    restricts: bool = False


def lines(law: LawPack) -> Iterator[LawLine]:
    """Every number of the pack in its order, then whose signatures each act needs."""
    for each in law.provisions:
        yield LawLine(
            entry=each.key,
            says=each.says,
            value=each.value,
            unit=each.unit,
            signers={},
            source=each.source,
            restricts=each.restricts,
        )
    for signing in law.signings:
        yield LawLine(
            entry=".".join(filter(None, (SIGNERS, signing.kind, signing.act, signing.term))),
            says={language: _act(language, signing) for language in LANGUAGES},
            value=signing.signers,
            unit=SIGNERS,
            signers={
                language: " + ".join(law.capacities[each].says[language] for each in signing.signers)
                for language in LANGUAGES
            },
            source=signing.source,
        )


def told(language: Language, line: LawLine) -> str:
    """The value in words: a number with its unit, several with theirs once, yes or no, or who signs."""
    if line.unit == SIGNERS:
        return line.signers[language]
    if isinstance(line.value, bool):
        return text(language, f"words.law.{'yes' if line.value else 'no'}")
    numbers = line.value if isinstance(line.value, tuple) else (line.value,)
    return text(language, f"words.law.unit.{line.unit}", n=text(language, "words.law.and").join(map(str, numbers)))


def _act(language: Language, signing: Signing) -> str:
    kind = text(language, f"words.order_kind.{signing.kind}")
    act = text(language, f"words.order_act.{signing.act}")
    if signing.term is None:
        return text(language, "words.law.signed", kind=kind, act=act)
    term = text(language, f"words.freeze_term.{signing.term}")
    return text(language, "words.law.signed_term", kind=kind, act=act, term=term)
