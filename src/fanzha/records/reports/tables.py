"""The rulebook's words for reports, made quick to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fanzha.kernel.errors import Broken
from fanzha.records.reports.lexicon import Lexicon

Patterns = Mapping[str, re.Pattern[str]]

_HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94) if 0xFF01 + place != 0xFF0C}
"""Full-width signs but the comma, which ends a clause and never groups digits."""
_SAME_SIZE: dict[int, int] = {
    **_HALF_WIDTH,
    **dict.fromkeys((12288, 160, 9, 8194, 8195, 8201), 32),
    **dict.fromkeys((8204, 8205, 8288, 65279, 173), 8203),
    **dict.fromkeys((215, 10033, 8727, 65290, 9679, 8226), 42),
    **dict.fromkeys((8208, 8209, 8210, 8211, 8722), 45),
    0xFFE5: 0xA5,
    0x0D: 0x0A,
    **{ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{0xFF21 + place: 0x61 + place for place in range(26)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Particles:
    """The small words around verbs and labels."""

    links: frozenset[str]
    done: tuple[str, ...]
    already: tuple[str, ...]
    across: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MoneyWords:
    """How amounts are worded."""

    token: re.Pattern[str]
    begins: re.Pattern[str]
    digits: Mapping[str, int]
    units: Mapping[str, int]
    zero: str
    fraction: re.Pattern[str]
    yuan: Lexicon[str]
    listed: re.Pattern[str]
    behind_verb: re.Pattern[str]
    ends_sum: re.Pattern[str]
    dialled: str
    before: tuple[str, ...]
    upwards: tuple[str, ...]
    rough_after: tuple[str, ...]
    rough_before: tuple[str, ...]
    not_money: Lexicon[bool]
    count: re.Pattern[str]
    piece: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeWords:
    """How times are worded."""

    patterns: Patterns
    days: Lexicon[tuple[str, int, str]]
    parts: Mapping[str, tuple[int, int, int]]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    units: Mapping[str, int]
    rough: tuple[str, ...]
    digits: Mapping[str, int]
    ten: str
    half: str
    quarters: Mapping[str, int]
    weeks_back: Mapping[str, int]
    glue: re.Pattern[str]
    until: re.Pattern[str]
    limit_behind: re.Pattern[str]
    limit_ahead: re.Pattern[str]
    stamp_ahead: re.Pattern[str]
    stamp_behind: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelWords:
    """How a payment's channel is told, and which channels reach no bank's card."""

    apart: frozenset[str]
    shown: frozenset[str]
    talk: re.Pattern[str]
    adds: re.Pattern[str]
    same: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NameWords:
    """How names are introduced, and what is none."""

    patterns: Patterns
    surnames: frozenset[str]
    nobody: re.Pattern[str]
    no_organisation: re.Pattern[str]
    organisations: tuple[str, ...]
    stops: Lexicon[bool]
    double: frozenset[str]
    marked: str
    things: frozenset[str]
    hidden: frozenset[str]
    comma: str
    glue: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BankWords:
    """Banks by name and by the first digits of their cards."""

    names: Lexicon[str]
    titles: Mapping[str, str]
    digits: Mapping[str, str]
    unlisted: re.Pattern[str]
    branch: re.Pattern[str]
    numbered: re.Pattern[str]
    not_place: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words of which at least one must occur, of every list, for the points to count."""

    points: int
    of: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeWords:
    """What speaks for one type of scam."""

    code: str
    title: Mapping[str, str]
    source: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReaderTables:
    """All that the reader knows of language; from `rulebook/reports/`."""

    same_size: Mapping[int, int]
    sentence_ends: re.Pattern[str]
    clause_ends: re.Pattern[str]
    particles: Particles
    marks: Lexicon[str]
    money: MoneyWords
    time: TimeWords
    account: Patterns
    contact: Patterns
    contact_kinds: Mapping[str, str]
    apps: Lexicon[str]
    channels: Lexicon[str]
    channel_told: ChannelWords
    names: NameWords
    banks: BankWords
    types: tuple[TypeWords, ...]
    least_points: int
    likely_points: int


def reader_tables(tables: Mapping[str, Mapping[str, Any]]) -> ReaderTables:
    """The tables of `rulebook/reports/` by file name; `Broken` when a list is missing."""
    try:
        return _tables(tables["words"], tables["banks"], tables["apps"], tables["scam_types"])
    except KeyError as missing:
        raise Broken("reports.words_missing", key=str(missing)) from missing


def _tables(
    words: Mapping[str, Any], banks: Mapping[str, Any], apps: Mapping[str, Any], types: Mapping[str, Any]
) -> ReaderTables:
    ends, clauses = words["sentence"]["ends"], words["sentence"]["clauses"]
    plain = words["plain"]
    return ReaderTables(
        same_size={**_SAME_SIZE, **str.maketrans(plain["traditional"], plain["simplified"])},
        sentence_ends=re.compile(rf"[{re.escape(ends)}]|\.(?=\s+[a-z])"),
        clause_ends=re.compile(rf"[{re.escape(ends)}]|[{re.escape(clauses)}](?!\d{{3}}(?!\d))|\.(?=\s+[a-z])"),
        particles=_particles(words["particles"]),
        marks=_marks(words["marks"]),
        money=_money(words["amount"]),
        time=_time(words["time"], words["amount"]["digits"]),
        account=_patterns(words["account"]),
        contact=_patterns({key: each for key, each in words["contact"].items() if isinstance(each, str)}),
        contact_kinds={word: kind for kind, spelt in words["contact"]["kinds"].items() for word in spelt},
        apps=Lexicon({name: each["kind"] for each in apps["app"] for name in each["names"]}),
        channels=Lexicon({word: kind for kind, spelt in words["channel"].items() for word in spelt}),
        channel_told=_channel_told(words["channel_told"]),
        names=_names(words["name"]),
        banks=_banks(banks),
        types=tuple(map(_type, types["type"])),
        least_points=types["least"],
        likely_points=types["likely"],
    )


def _particles(table: Mapping[str, Any]) -> Particles:
    return Particles(
        links=frozenset(table["links"]),
        done=tuple(table["done"]),
        already=tuple(table["already"]),
        across=tuple(table["across"]),
    )


def _patterns(table: Mapping[str, str]) -> Patterns:
    return {name: re.compile(pattern) for name, pattern in table.items()}


def _marks(table: Mapping[str, Any]) -> Lexicon[str]:
    kinds = {word: kind for kind, spelt in table.items() if kind != "labels" for word in spelt}
    labels = {word: f"label.{kind}" for kind, spelt in table["labels"].items() for word in spelt}
    return Lexicon({**kinds, **labels})


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _money(table: Mapping[str, Any]) -> MoneyWords:
    digits: Mapping[str, int] = table["digits"]
    units = {**table["small"], **table["large"]}
    spelt = "|".join(re.escape(word) + ("(?![a-z])" if word.strip().isascii() else "") for word in units)
    tens = "".join(word for word in units if units[word] == 10)
    one = f"[0-9{''.join(digits)}]"
    tenths, cents, zero = _any(table["tenths"]), re.escape(table["cents"]), table["zero"]
    number = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d{1,8})?|\d{1,3}(?:\uff0c\d{3})+\.\d\d(?!\d)|\d{1,15}(?:\.\d{1,8})?"
    return MoneyWords(
        token=re.compile(
            rf"[ \u200b]?(?P<unit>{spelt})|(?P<number>{number})|(?P<digit>[{''.join(digits)}])"
            rf"|(?P<rough>[{''.join(word for word in table['rough_after'] if len(word) == 1)}])"
        ),
        begins=re.compile(rf"(?<![\d.*])(?:(?<![a-z])|{_behind(table['before'])})[0-9{''.join(digits)}{tens}]"),
        digits=digits,
        units=units,
        zero=zero,
        fraction=re.compile(
            rf"(?P<tenths>{one})(?:{tenths})(?:[{zero}]?(?P<cents>{one}){cents})?"
            rf"|[{zero}]?(?P<only>{one}){cents}|(?P<short>{one})(?![0-9.{''.join(digits)}{_class(units)}])"
        ),
        yuan=Lexicon({**dict.fromkeys(table["yuan"], "CNY"), **table["foreign"]}),
        listed=re.compile(table["listed"]),
        behind_verb=re.compile(table["behind_verb"]),
        ends_sum=re.compile(table["ends_sum"]),
        dialled=table["dialled"],
        before=tuple(table["before"]),
        upwards=tuple(table["upwards"]),
        rough_after=tuple(sorted(table["rough_after"], key=len, reverse=True)),
        rough_before=tuple(table["rough_before"]),
        not_money=Lexicon(dict.fromkeys(table["not_money"], True)),
        piece=table["piece"],
        count=re.compile(rf"(?P<count>\d{{1,3}}|[{''.join(digits)}])\s?(?:{_any(table['count'])})"),
    )


def _behind(words: Iterable[str]) -> str:
    return "|".join(f"(?<={re.escape(word)})" for word in words)


def _class(units: Iterable[str]) -> str:
    return "".join(word for word in units if len(word) == 1)


def _time(table: Mapping[str, Any], digits: Mapping[str, int]) -> TimeWords:
    parts = {word: (span[0], span[1], span[2]) for word, span in table["parts"].items()}
    days: dict[str, tuple[str, int, str]] = {
        **{word: ("part", 0, word) for word in parts},
        **{word: ("day", offset, "") for word, offset in table["days"].items()},
        **{word: ("day", offset, part) for word, (offset, part) in table["days_and_parts"].items()},
        **dict.fromkeys(table["same_day"], ("same", 0, "")),
        **dict.fromkeys(table["next_day"], ("same", 1, "")),
        **dict.fromkeys(table["just_now"], ("just_now", 0, "")),
    }
    return TimeWords(
        patterns=_patterns(table["patterns"]),
        days=Lexicon(days),
        parts=parts,
        weekdays=table["weekdays"],
        months=table["months"],
        units=table["ago_units"],
        rough=tuple(sorted(table["rough"], key=len, reverse=True)),
        digits=digits,
        ten=table["ten"],
        half=table["half"],
        quarters=table["quarters"],
        weeks_back=table["weeks_back"],
        glue=re.compile(table["glue"]),
        until=re.compile(table["until"]),
        **{name: re.compile(table[name]) for name in ("limit_behind", "limit_ahead", "stamp_ahead", "stamp_behind")},
    )


def _channel_told(table: Mapping[str, Any]) -> ChannelWords:
    return ChannelWords(
        apart=frozenset(table["apart"]),
        shown=frozenset(table["shown"]),
        talk=re.compile(table["talk"]),
        adds=re.compile(table["adds"]),
        same=re.compile(table["same"]),
    )


def _names(table: Mapping[str, Any]) -> NameWords:
    return NameWords(
        patterns=_patterns({key: table[key] for key in ("run", "towards", "called", "owner", "before_account")}),
        surnames=frozenset(table["surnames"]),
        nobody=re.compile(_any(table["nobody"])),
        no_organisation=re.compile(_any({*table["nobody"], table["owning"]} - {*table["organisation"]})),
        organisations=tuple(table["organisation"]),
        stops=Lexicon(dict.fromkeys(table["stops"], True)),
        double=frozenset(table["double"]),
        marked=table["marked"],
        things=frozenset(table["things"]),
        hidden=frozenset(table["hidden"]),
        comma=table["comma"],
        glue=table["glue"],
    )


def _banks(table: Mapping[str, Any]) -> BankWords:
    return BankWords(
        names=Lexicon({name: each["id"] for each in table["bank"] for name in each["names"]}),
        titles={each["id"]: each["names"][0] for each in table["bank"]},
        digits={digits: each["id"] for each in table["bank"] for digits in each["digits"]},
        unlisted=re.compile(rf"(?P<place>[\u4e00-\u9fff]{{2,6}}?)(?P<ending>{_any(table['endings'])})"),
        branch=re.compile(table["branch"]),
        numbered=re.compile(table["numbered"]),
        not_place=tuple(sorted(table["not_place"], key=len, reverse=True)),
    )


def _type(table: Mapping[str, Any]) -> TypeWords:
    lines = [Line(points=each["weight"], of=(tuple(each["words"]),)) for each in table["lines"]]
    both = [Line(points=each["weight"], of=tuple(map(tuple, each["of"]))) for each in table.get("together", ())]
    against = [Line(points=-each["weight"], of=(tuple(each["words"]),)) for each in table.get("against", ())]
    return TypeWords(code=table["id"], title=table["title"], source=table["source"], lines=(*lines, *both, *against))
