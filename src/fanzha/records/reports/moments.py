"""Times in running text: absolute, relative to when it was told, or carried on from the time before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from fanzha.kernel.clock import SHANGHAI, utc
from fanzha.records.reports.findings import Certainty, Fineness, Moment
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import ReaderTables, TimeWords

_LATE = timedelta(minutes=10)
_JUST_NOW = timedelta(minutes=30)
_SMALL_HOURS = 4
_DATES = ("full", "packed", "short", "spoken", "dayonly", "english", "weekday")

_AHEAD = 14
NOT_DONE = "not_done_then"
"""Why a time is none at which money went: the end of a respite, or a day still to come."""

Groups = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One word of time: a day, a part of a day, a clock, or how long ago."""

    start: int
    end: int
    kind: str
    told: Groups


def read_moments(page: Page, taken: Taken, told_at: datetime, tables: ReaderTables) -> list[Moment]:
    """Every time of the text in order, none after it was told by more than a few minutes unless it says so."""
    told = utc(told_at).astimezone(SHANGHAI)
    found: list[Moment] = []
    past: list[Moment] = []
    for pieces in _joined(page.plain, _pieces(page, taken, tables.time), tables.time):
        moment = _moment(page.plain, pieces, Known(told=told, before=past, words=tables.time))
        if moment is None:
            continue
        if _is_limit(page.plain, moment, tables.time) or _is_to_come(pieces[0]):
            taken.add(moment.start, moment.end)
            found.append(replace(moment, reasons=(*moment.reasons, NOT_DONE)))
            continue
        taken.add(moment.start, moment.end)
        if (
            past
            and past[-1] is found[-1]
            and found[-1].at < moment.at
            and tables.time.until.fullmatch(page.plain, found[-1].end, moment.start)
        ):
            found[-1] = past[-1] = replace(found[-1], end=moment.end, until=moment.until)
        else:
            found.append(moment)
            past.append(moment)
    return found


def _is_limit(plain: str, moment: Moment, words: TimeWords) -> bool:
    """Whether it is said of the end of a respite (`今天到期`, `下午前`, `by noon`)."""
    ahead = words.limit_ahead.search(plain[max(0, moment.start - _AHEAD) : moment.start])
    return ahead is not None or words.limit_behind.match(plain, moment.end) is not None


def _is_to_come(piece: _Piece) -> bool:
    return piece.kind == "day" and int(piece.told["offset"]) > 0


def _pieces(page: Page, taken: Taken, words: TimeWords) -> list[_Piece]:
    """Words of time, the earliest and then the longest first, none over another."""
    pieces = [
        _Piece(start=found.start(), end=found.end(), kind=name, told=_told(found))
        for name in (*_DATES, "clock", "spoken_clock", "ago")
        for found in words.patterns[name].finditer(page.plain)
    ]
    for start, end, (kind, offset, part) in words.days.find(page.plain):
        pieces.append(_Piece(start=start, end=end, kind=kind, told={"offset": str(offset), "part": part}))
    kept: list[_Piece] = []
    for piece in sorted(pieces, key=lambda each: (each.start, -each.end)):
        if (not kept or kept[-1].end <= piece.start) and taken.is_free(piece.start, piece.end):
            kept.append(piece)
    return [piece for place, piece in enumerate(kept) if not _is_stray(kept, place)]


def _told(found: re.Match[str]) -> Groups:
    return {name.rstrip("2"): value for name, value in found.groupdict().items() if value is not None}


def _is_stray(pieces: list[_Piece], place: int) -> bool:
    """Whether a one-letter part of the day (`早`, `晚`) stands without a clock behind: it is half of another word."""
    piece = pieces[place]
    if piece.kind != "part" or len(piece.told["part"]) > 1:
        return False
    follower = pieces[place + 1] if place + 1 < len(pieces) else None
    return not (follower and follower.start - piece.end <= 1 and follower.kind in ("clock", "spoken_clock"))


def _joined(plain: str, pieces: list[_Piece], words: TimeWords) -> list[list[_Piece]]:
    """Pieces that tell one time together."""
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if groups and _go_together(groups[-1], piece) and words.glue.fullmatch(plain, groups[-1][-1].end, piece.start):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


_RANKS = {**dict.fromkeys((*_DATES, "day", "same"), 0), "part": 1, "clock": 2, "spoken_clock": 2}


def _go_together(group: list[_Piece], piece: _Piece) -> bool:
    if piece.kind in ("ago", "just_now") or group[-1].kind in ("ago", "just_now") or "hour" in group[-1].told:
        clock_then_part = group[-1].kind == "clock" and piece.kind == "part" and piece.told["part"].strip().isascii()
        return clock_then_part
    return _RANKS[piece.kind] > _RANKS[group[-1].kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a time is told against: when it was told, the times before it in the text, and the words."""

    told: datetime
    before: list[Moment]
    words: TimeWords


Reasons = tuple[str, ...]


def _moment(plain: str, pieces: list[_Piece], known: Known) -> Moment | None:
    """One time from its pieces; None for a day that no calendar has."""
    place, words = (pieces[0].start, pieces[-1].end), known.words
    if pieces[0].kind == "ago":
        return _ago(pieces[0], known)
    if pieces[0].kind == "just_now":
        return _between(place, (known.told - _JUST_NOW, known.told), (Fineness.HOUR, Certainty.UNSURE, ("just_now",)))
    try:
        day, reasons = _day(pieces[0], known)
    except (ValueError, OverflowError):
        return None
    part = next((each.told["part"] for each in pieces if each.told.get("part")), "")
    clock = next((each for each in pieces if "hour" in each.told), None)
    if clock is None:
        return _whole_day(place, day, part, reasons, words)
    rough = next((word for word in words.rough if plain.startswith(word, place[1])), "")
    moment = _clocked((place[0], place[1] + len(rough)), (day, part, clock.told, bool(rough)), reasons, known)
    if "day_of_the_report" in reasons and moment.at > known.told + _LATE:
        return replace(moment, at=moment.at - timedelta(days=1), until=moment.until - timedelta(days=1))
    return moment


def _day(piece: _Piece, against: Known) -> tuple[date, Reasons]:
    """The day that a piece tells, with what was assumed; without one, the day before it in the text or the report's."""
    today, known, words = against.told.date(), piece.told, against.words
    last = against.before[-1].at.astimezone(SHANGHAI).date() if against.before else None
    match piece.kind:
        case "day":
            return today + timedelta(days=int(known["offset"])), ("relative_to_the_report",)
        case "same":
            return (last or today) + timedelta(days=int(known["offset"])), ("day_from_before",)
        case "weekday":
            return _weekday(today, known, words), ("relative_to_the_report",)
        case "full" | "packed":
            return date(int(known["year"]), int(known["month"]), int(known["day"])), ()
        case "short" | "spoken" | "english":
            month = words.months.get(known["name"], 0) if piece.kind == "english" else _number(known["month"], words)
            if "year" in known:
                return date(int(known["year"]), month, _number(known["day"], words)), ()
            return _without_year(month, _number(known["day"], words), today, last), ("year_assumed",)
        case "dayonly":
            return _without_month(int(known["day"]), today, last), ("month_assumed",)
    return (last, ("day_from_before",)) if last else (today, ("day_of_the_report",))


def _weekday(today: date, known: Groups, words: TimeWords) -> date:
    weekday, back = words.weekdays[known["name"]], known.get("week", "")
    monday = today - timedelta(days=today.weekday() + 7 * words.weeks_back.get(back, 0))
    found = monday + timedelta(days=weekday)
    return found if found <= today else found - timedelta(days=7)


def _without_year(month: int, day: int, today: date, last: date | None) -> date:
    """The latest such day that is not after the report; the year of the day before it in the text is preferred."""
    year = last.year if last and (last.month, last.day) <= (month, day) else today.year
    found = date(year, month, day) if (month, day) != (2, 29) else date(year - year % 4, 2, 29)
    return found if found <= today + timedelta(days=1) else found.replace(year=found.year - 1)


def _without_month(day: int, today: date, last: date | None) -> date:
    near = last or today
    found = near.replace(day=day)
    return found if found <= today else (found.replace(day=1) - timedelta(days=1)).replace(day=day)


def _number(told: str, words: TimeWords) -> int:
    """A small number in digits or in Chinese (`二十三`)."""
    if told.isdecimal():
        return int(told)
    tens, ten, ones = told.rpartition(words.ten)
    if not ten:
        return words.digits[told[-1]]
    return (words.digits[tens] if tens else 1) * 10 + (words.digits[ones] if ones else 0)


def _whole_day(place: tuple[int, int], day: date, part: str, reasons: Reasons, words: TimeWords) -> Moment:
    if not part:
        certainty = Certainty.LIKELY if reasons else Certainty.CERTAIN
        return _between(place, _span(day, 0, 24), (Fineness.DAY, certainty, reasons))
    first, last, _ = words.parts[part]
    return _between(place, _span(day, first, last), (Fineness.PART_OF_DAY, Certainty.LIKELY, reasons))


def _span(day: date, first: int, last: int) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(), SHANGHAI)
    return midnight + timedelta(hours=first), midnight + timedelta(hours=last)


def _clocked(place: tuple[int, int], told: tuple[date, str, Groups, bool], reasons: Reasons, known: Known) -> Moment:
    """A day with a clock on it."""
    day, part, clock, rough = told
    words = known.words
    later, hour, assumed = _hour(_number(clock["hour"], words), part, clock, known)
    at = datetime.combine(day, time(hour, _minute(clock, words), int(clock.get("second", 0))), SHANGHAI)
    at += timedelta(days=later)
    fineness = Fineness.HOUR
    if {"minute", "half", "quarter"} & set(clock):
        fineness = Fineness.SECOND if "second" in clock else Fineness.MINUTE
    reasons = (*reasons, *(("rough",) if rough else ()), *(("half_of_day_assumed",) if assumed else ()))
    certainty = Certainty.LIKELY if reasons else Certainty.CERTAIN
    if assumed or "day_of_the_report" in reasons:
        certainty = Certainty.UNSURE
    return _between(place, (at, at + _LENGTHS[fineness]), (fineness, certainty, reasons))


_LENGTHS = {
    Fineness.SECOND: timedelta(seconds=1),
    Fineness.MINUTE: timedelta(minutes=1),
    Fineness.HOUR: timedelta(hours=1),
}


def _minute(clock: Groups, words: TimeWords) -> int:
    if "quarter" in clock:
        return words.quarters[clock["quarter"]]
    return _number(clock["minute"], words) if "minute" in clock else 30 if "half" in clock else 0


def _hour(hour: int, part: str, clock: Groups, known: Known) -> tuple[int, int, bool]:
    """Days to add, the hour of 24, and whether the half of the day was assumed."""
    if part:
        return _hour_of(hour, part, known.words)
    if hour > 12 or hour == 0 or ("minute" in clock and len(clock["hour"]) == 2 and clock["hour"].isdecimal()):
        return 0, hour, False
    last = known.before[-1] if known.before else None
    last_hour = last.at.astimezone(SHANGHAI).hour if last and last.fineness is not Fineness.DAY else 0
    if last_hour >= 12 and hour < 12 and hour + 12 >= last_hour:
        return 0, hour + 12, True
    return 0, hour, not clock["hour"].startswith("0")


def _hour_of(hour: int, part: str, words: TimeWords) -> tuple[int, int, bool]:
    """The hour that a clock shows in a part of the day: one in the evening is the next day's, noon's eleven stays."""
    first, last, added = words.parts[part]
    if hour == 12 and first == 0:
        return 0, 0, False
    if last == 24 and not part.strip().isascii() and (hour == 12 or hour <= _SMALL_HOURS):
        return 1, hour % 12, False
    fits = hour < 12 and added and first - 1 <= hour + added <= last
    return 0, (hour + added if fits else hour), False


def _ago(piece: _Piece, known: Known) -> Moment:
    """So long before it was told; what is counted in days is a whole day."""
    words, told = known.words, piece.told
    unit = words.units[told["unit"]]
    at = known.told - timedelta(seconds=_seconds(told["count"].strip(), "half" in told, unit, words))
    step = Fineness.MINUTE if unit <= 900 else Fineness.HOUR if unit == 3600 else Fineness.DAY
    span = _span(at.date(), 0, 24) if step is Fineness.DAY else (at, at + timedelta(seconds=unit))
    certainty = Certainty.UNSURE if "more" in told else Certainty.LIKELY
    return _between((piece.start, piece.end), span, (step, certainty, ("relative_to_the_report",)))


def _seconds(count: str, half: bool, unit: int, words: TimeWords) -> int:
    if count in ("an", "a"):
        return unit
    if count.startswith("half") or count == words.half:
        return unit // 2
    if count.isascii():
        whole, _, tenth = count.partition(".")
        amount = int(whole) * unit + int(tenth or 0) * unit // 10
    else:
        amount = _small(count, words) * unit
    return amount + (unit // 2 if half else 0)


_A_FEW = 3


def _small(told: str, words: TimeWords) -> int:
    """A number of up to two figures, whatever stands in it: a few (`几`) are three."""
    known = "".join(each for each in told if each in words.digits or each == words.ten)
    tens, ten, ones = known.partition(words.ten)
    if not ten:
        return words.digits.get(known[-1:], _A_FEW)
    return words.digits.get(tens[-1:], 1) * 10 + words.digits.get(ones[:1], 0)


def _between(
    place: tuple[int, int], span: tuple[datetime, datetime], told: tuple[Fineness, Certainty, Reasons]
) -> Moment:
    return Moment(
        start=place[0],
        end=place[1],
        certainty=told[1],
        reasons=told[2],
        at=span[0].astimezone(UTC),
        until=span[1].astimezone(UTC),
        fineness=told[0],
    )
