"""From views to HTML: templates, catalogue words, and how money, times and counts are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import uuid4

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse

from fanzha.apps.web.console import console_of
from fanzha.apps.web.views.orders import Waiting
from fanzha.apps.web.views.tables import exactness, link
from fanzha.apps.web.views.visitor import Visitor
from fanzha.cases.purposes import PURPOSES
from fanzha.i18n import LANGUAGES, Language, catalogue, text
from fanzha.i18n.measures import duration, layers_text
from fanzha.i18n.sentences import worded
from fanzha.i18n.sums import short_money, whole_money
from fanzha.kernel.clock import SHANGHAI, rfc3339, utc
from fanzha.kernel.identifiers import account
from fanzha.wiring.clocks import HOUSE

THEMES = ("auto", "light", "dark")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: in a stranger's words they would turn ours around them."""
CLOCK_HOURS = 100
"""From so many hours on a clock is told in days."""


def language_of(request: Request) -> Language:
    """The language a person chose, else the first of their browser's that we speak, else the instance's."""
    chosen = request.cookies.get("language", "")
    accepted = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    for candidate in (chosen, *accepted):
        for known in LANGUAGES:
            if candidate == known:
                return known
    return console_of(request).settings.language


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of a template; every page knows who looks, in which language, and whether this is an exercise."""
    console = console_of(request)
    language = language_of(request)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    theme = request.cookies.get("theme", THEMES[0])
    context = {
        "request": request,
        "path": request.url.path,
        "home": request.url.path,
        "params": request.query_params,
        "lang": language,
        "theme": theme if theme in THEMES else THEMES[0],
        "visitor": visitor,
        "waiting": console.data.waiting(visitor.actor) if visitor and "waiting" not in values else Waiting(),
        "instance": console.data.instance(),
        **values,
    }
    context["colleagues"] = Colleagues(console.data.people_names, text(language, "web.order.house"))
    context["guided"] = bool(visitor) and context["instance"].exercise and request.cookies.get("guide") == "on"
    if "head" in values:
        context["base"] = f"/cases/{values['head'].ref}"
    return HTMLResponse(environment().get_template(template).render(context), status_code=status)


@cache
def environment() -> jinja2.Environment:
    """The templates with their words, built once."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("fanzha.apps.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unturned,
    )
    made.globals.update(t=translate, word=word, asset=asset, link=link, may=may)
    made.globals.update(section=section, purposes=PURPOSES)
    made.filters.update(yuan=yuan, wan=wan, count=count, size=size, share=share, percent=percent)
    made.filters.update(exact=exact, when=when, day=day, stamp=stamp, span=span, layers=layers, exactness=exactness)
    made.filters.update(left=left, gone=gone, urgency=urgency)
    made.filters.update(last_four=last_four, person=person)
    made.globals.update(new_key=new_key)
    return made


def unturned(value: object) -> object:
    """What a page is given to show; text without the marks that turn what stands around it."""
    if type(value) is not str or value.isascii():  # what macros made is whole already
        return value
    return _TURNING.sub("", value)


@jinja2.pass_context
def translate(context: jinja2.runtime.Context, key: str, **fields: object) -> str:
    """The sentence of `web.<key>` in the page's language."""
    return text(context["lang"], f"web.{key}", **fields)


@jinja2.pass_context
def word(context: jinja2.runtime.Context, section: str, code: str, **fields: object) -> str:
    """The word for a code of `<section>.<code>`, or the sentence of the error that it is the code of; what no catalogue
    knows yet is shown as it is."""
    words = catalogue(context["lang"])
    sentence = words.get(f"{section}.{code}") or words.get(f"errors.{code}", code)
    if "{" not in sentence:
        return sentence
    told = worded(context["lang"], code, fields) if section == "errors" else fields
    return sentence.format_map(_Told(told))


class _Told(dict[str, object]):
    """What a sentence tells, with a mark where it would tell something that nobody kept."""

    def __missing__(self, name: str) -> str:
        return "\u2026"


def may(visitor: Visitor | None, permission: str) -> bool:
    """Whether the page should offer what needs this permission."""
    return visitor is not None and visitor.actor.may(permission)


@cache
def asset(path: str) -> str:
    """The address of a static file with its content's mark, so that browsers may keep it for ever."""
    content = files("fanzha.apps.web").joinpath("static", path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


def yuan(amount: int | None) -> str:
    """Fen as records show them: `¥1,750,000.00`; a dash where unknown."""
    return "–" if amount is None else whole_money(amount)


@jinja2.pass_context
def wan(context: jinja2.runtime.Context, amount: int | None) -> str:
    """Fen as boards show them: Chinese by ten thousands, English by thousands; a dash where unknown."""
    return yuan(None) if amount is None else short_money(context["lang"], amount)


def count(number: int) -> str:
    """A whole number with thousands separators."""
    return f"{number:,}"


def stamp(at: datetime) -> str:
    """The instant for machines, in a `datetime` attribute."""
    return rfc3339(at)


def exact(at: datetime | None, precision: str = "second") -> str:
    """The instant in Shanghai as exactly as it is known; a dash where it is not."""
    if at is None:
        return "–"
    local = utc(at).astimezone(SHANGHAI)
    shapes = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M"}
    return local.strftime(shapes.get(precision, "%Y-%m-%d %H:%M:%S"))


def day(at: datetime | date | None) -> str:
    """The day in Shanghai."""
    if at is None:
        return "–"
    return (utc(at).astimezone(SHANGHAI) if isinstance(at, datetime) else at).strftime("%Y-%m-%d")


@jinja2.pass_context
def when(context: jinja2.runtime.Context, at: datetime | None) -> str:
    """Relative under an hour, clock time today, else the date."""
    if at is None:
        return "–"
    now: datetime = context["instance"].now
    ago = now - at
    if timedelta(0) <= ago < timedelta(minutes=1):
        return text(context["lang"], "web.time.just_now")
    if timedelta(0) <= ago < timedelta(hours=1):
        return text(context["lang"], "web.time.minutes_ago", minutes=ago // timedelta(minutes=1))
    local, today = utc(at).astimezone(SHANGHAI), utc(now).astimezone(SHANGHAI).date()
    return local.strftime("%H:%M") if local.date() == today else local.strftime("%Y-%m-%d")


class Colleagues:
    """The names of everybody who logs in, looked up once a page, and only by a page that names somebody; what the house
    did itself, such as taking a bank's report, is told as its own."""

    def __init__(self, look_up: Callable[[], Mapping[str, str]], house: str) -> None:
        self._look_up, self._house = look_up, house
        self._names: Mapping[str, str] | None = None

    def name(self, login: str) -> str:
        """The name of a colleague; who is none of ours is called as they were."""
        if self._names is None:
            self._names = {HOUSE.name: self._house, **self._look_up()}
        return self._names.get(login, login)


@jinja2.pass_context
def person(context: jinja2.runtime.Context, login: str) -> str:
    """A colleague by name, with the log-in name where two are called alike."""
    return context["colleagues"].name(login) if login else ""


def last_four(number: str) -> str:
    """The last digits of a number, by which somebody who was warned says that it is right."""
    return account.clean(number)[-4:]


def new_key() -> str:
    """The key of a form, so that one sent twice acts once."""
    return str(uuid4())


@jinja2.pass_context
def left(context: jinja2.runtime.Context, until: datetime) -> str:
    """What a clock still has, `47:12:09`, by days beyond a hundred hours; how late it is once it has run out."""
    seconds = round((until - context["instance"].now).total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    told = f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    if hours >= CLOCK_HOURS:
        told = text(context["lang"], "web.script.days_left", n=hours // 24)
    return text(context["lang"], "web.script.late", time=told) if seconds < 0 else told


@jinja2.pass_context
def gone(context: jinja2.runtime.Context, since: datetime) -> str:
    """How long ago it was, as clocks tell it; what is to come yet is not gone."""
    now: datetime = context["instance"].now
    return left(context, now + max(timedelta(0), now - since))


@jinja2.pass_context
def urgency(context: jinja2.runtime.Context, until: datetime, since: datetime | None) -> str:
    """`late` when a clock has run out, `soon` in the last fifth of its time, else `runs`."""
    now: datetime = context["instance"].now
    if now >= until:
        return "late"
    return "soon" if since is not None and (until - now) * 5 <= until - since else "runs"


def size(amount: int) -> str:
    """Bytes as people say them."""
    shown = float(amount)
    for unit in ("B", "kB", "MB"):
        if shown < 1000:
            return f"{shown:.0f} {unit}" if unit == "B" else f"{shown:.1f} {unit}"
        shown /= 1000
    return f"{shown:.1f} GB"


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent; never 0 % for something and never 100 % for less than all."""
    return percent(part / whole) if whole else "–"


def percent(of_one: float) -> str:
    """A share of one in per cent, told as `share` tells it."""
    if 0 < of_one < 0.001:
        return "< 0.1 %"
    if 0.999 < of_one < 1:
        return "> 99.9 %"
    return f"{100 * of_one:.1f}".removesuffix(".0") + " %"


@jinja2.pass_context
def span(context: jinja2.runtime.Context, seconds: int | None) -> str:
    """How long something lasts; a dash where unknown."""
    return "–" if seconds is None else duration(context["lang"], seconds)


@jinja2.pass_context
def layers(context: jinja2.runtime.Context, told: Sequence[int]) -> str:
    """An account's layers; of many the first ones."""
    return layers_text(context["lang"], told)


def section(language: Language, beginning: str) -> Mapping[str, str]:
    """The sentences whose keys begin so (`words.method.`), by the rest of their keys, as scripts want them."""
    sentences = catalogue(language).items()
    return {key.removeprefix(beginning): said for key, said in sentences if key.startswith(beginning)}
