"""The law of orders as values: a pack of numbers, signatures and sources that was in force from one day to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fanzha.i18n import Language, text
from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.units import Level


class Confidence(StrEnum):
    """How sure a number is: H its text was read, M told by others, L assumed; M and L may be set by an instance."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something stands: a text by its names, and the article."""

    names: Mapping[str, str]
    article: int | None
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One number of a pack: what it says, its unit and source; `restricts`: no holiday lengthens it."""

    key: str
    value: int | bool | tuple[int, ...]
    unit: str
    says: Mapping[str, str]
    source: Source
    restricts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLaw:
    """Emergency stops: their length, how many, and the reminders after the moment of stopping."""

    hours: int
    most: int
    file_case_hours: int
    decide_hours: int
    alarm_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeTerm:
    """How long property of one class may be frozen, and each time again."""

    months: int
    renewal_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLaw:
    """Freezes: terms by name (`ordinary`, `complex`, `securities`, …), and what must come before and after."""

    terms: Mapping[str, FreezeTerm]
    case_filed: bool
    waiting: bool
    lapses: bool
    reminder_days: tuple[int, ...]
    unrelated_days: int

    def term(self, name: str) -> FreezeTerm:
        """The term of that name; `Invalid` when the pack has none."""
        if name not in self.terms:
            raise Invalid("law.no_such_term", term=name, known=", ".join(self.terms))
        return self.terms[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLaw:
    """Institutions that do not answer: when a person is told of silence, of it after a query, and of lateness."""

    silent_minutes: int
    silent_query_minutes: int
    late_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorLaw:
    """Dynamic monitoring: the months one may ask for, or days up to the longest."""

    months: tuple[int, ...]
    longest_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLaw:
    """Blocks of numbers, sites and apps: the evidence they need, their length and its reminders."""

    evidence: bool
    days: int
    reminder_days: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionLaw:
    """Objections and appeals: when they are answered, and when a chief is told that one is not."""

    answer_working_days: int
    alarm_working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityLaw:
    """Standing authority: review and end of a stop made before money came, the longest that an authority lives, and how
    much of their own a holder may have there, in percent of what is traced."""

    review_minutes: int
    release_hours: int
    longest_hours: int
    own_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperworkLaw:
    """Papers that follow what was done first: until when, and when they are called for."""

    hours: int
    reminder_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """As what somebody signs: the permission it takes, the levels of unit at which that permission counts for it."""

    id: str
    permission: str
    levels: frozenset[Level]
    also: frozenset[str]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Whose signatures an act of an order needs besides its drafter's, all of them, in this order."""

    kind: str
    act: str
    term: str | None
    signers: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """The law of orders of one jurisdiction, from the first day on which it is in force to the last."""

    jurisdiction: str
    effective_from: date
    effective_to: date | None
    title: Mapping[str, str]
    stop: StopLaw
    freeze: FreezeLaw
    answer: AnswerLaw
    monitor: MonitorLaw
    block: BlockLaw
    objection: ObjectionLaw
    authority: AuthorityLaw
    paperwork: PaperworkLaw
    capacities: Mapping[str, Capacity]
    signings: tuple[Signing, ...]
    provisions: tuple[Provision, ...]

    @property
    def id(self) -> str:
        """What a decision names it by: `cn/2022-12-01`."""
        return f"{self.jurisdiction}/{self.effective_from}"

    def is_in_force(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def signing(self, kind: str, act: str, term: str | None = None) -> Signing:
        """Whose signatures the act needs; `Invalid` where the pack names none: nothing is signed by default."""
        for wanted in (term, None):
            for each in self.signings:
                if (each.kind, each.act, each.term) == (kind, act, wanted):
                    return each
        raise Invalid("law.no_signing", kind=kind, act=act, pack=self.id)

    def height(self, signing: Signing) -> int:
        """How high its highest signer stands: for how many other capacities that one may sign too."""
        return max(len(self.capacities[each].also) for each in signing.signers)

    def signs_as(self, permissions: Iterable[str], level: Level) -> frozenset[str]:
        """The capacities that permissions held at a unit of that level give: a station never gives a chief's."""
        held = set(permissions)
        own = [each for each in self.capacities.values() if each.permission in held and level in each.levels]
        return frozenset(name for each in own for name in (each.id, *each.also))


def in_force(packs: Iterable[LawPack], jurisdiction: str, at: datetime) -> LawPack:
    """The pack in force at an instant, by Shanghai's day; the latest where two overlap; `NotFound` where none is."""
    day = utc(at).astimezone(SHANGHAI).date()
    found = [each for each in packs if each.jurisdiction == jurisdiction and each.is_in_force(day)]
    if not found:
        raise NotFound("law.none_in_force", jurisdiction=jurisdiction, day=day)
    return max(found, key=lambda each: each.effective_from)


def cited(language: Language, source: Source) -> str:
    """A source as papers and tables name it, with its article."""
    name = source.names[language]
    return name if source.article is None else text(language, "words.law.cited", name=name, article=source.article)
