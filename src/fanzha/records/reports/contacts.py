"""Phones, links, domains, apps and chat ids in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.kernel.identifiers import phone, url
from fanzha.records.reports.accounts import follows_a_name
from fanzha.records.reports.bare_sums import is_paid
from fanzha.records.reports.findings import Certainty, Contact
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import ReaderTables

_SEPARATORS = re.compile(r"[\s()\-\u200b]")
_TRAILING = ".,;:!?'\")]}"
_PLAIN_ID = re.compile(r"[a-z0-9@_+-]+")
_NUMBERED = frozenset({"qq", "qq_group"})
_PLACES = frozenset("0123456789")


def find_links(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Contact]:
    """Links, e-mail addresses and bare domains, case kept where it counts."""
    for kind in ("email", "link", "domain"):
        for found in tables.contact[kind].finditer(page.plain):
            end = found.start() + len(found.group().rstrip(_TRAILING))
            written = page.text[found.start() : end].translate(tables.same_size)
            value = written if kind == "email" else url.clean(_cased(page.text[found.start() : end], written))
            if not value or not taken.is_free(found.start(), end):
                continue
            taken.add(found.start(), end)
            bare = kind == "domain" and "/" not in written
            yield Contact(
                start=found.start(),
                end=end,
                certainty=Certainty.LIKELY if kind == "domain" else Certainty.CERTAIN,
                reasons=(f"{kind}_shape",),
                kind="domain" if bare else "link" if kind == "domain" else kind,
                value=url.host(value) if bare else value,
            )


def _cased(original: str, plain: str) -> str:
    """Half-width like the plain text, but with the letters' case of the original."""
    return "".join(old if old.lower() == new else new for old, new in zip(original, plain, strict=True))


def find_phones(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Contact]:
    """Mobiles, fixed lines, service numbers, SMS ports and numbers abroad; masked ones as they stand."""
    for name in ("phone", "abroad", "service", "masked_phone"):
        for found in tables.contact[name].finditer(page.plain):
            label = page.label(found.start())
            if name == "masked_phone" and not label and follows_a_name(page, found.start()):
                continue
            if name == "service" and is_paid(page, *found.span(), tables.money):
                continue
            if not taken.is_free(*found.span()) or label in ("serial", "account", "payee_account", "payer_account"):
                continue
            written = _SEPARATORS.sub("", found.group())
            number = phone.clean(written) if name in ("phone", "service") else written
            if number and not (name == "abroad" and not written.startswith("+") and label != "phone"):
                taken.add(*found.span())
                yield Contact(
                    start=found.start(),
                    end=found.end(),
                    certainty=Certainty.LIKELY if name in ("service", "masked_phone") else Certainty.CERTAIN,
                    reasons=(f"phone_{phone.kind(number) or name}",),
                    kind="phone",
                    value=number,
                )


def find_ids(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Contact]:
    """Ids of chats, each behind a word that says which; and `@handles`."""
    for found in tables.contact["ids"].finditer(page.plain):
        kind = tables.contact_kinds.get(found["word"], "other_id")
        start, end = found.span("id")
        end = start + len(_id_part(found["id"], kind))
        if end - start < 5 or not taken.is_free(start, end):
            continue
        value = page.text[start:end].translate(tables.same_size).replace(" ", "")
        taken.add(start, end)
        yield Contact(
            start=start, end=end, certainty=Certainty.CERTAIN, reasons=("named_before",), kind=kind, value=value
        )
    for found in tables.contact["handle"].finditer(page.plain):
        if taken.is_free(*found.span()):
            taken.add(*found.span())
            yield Contact(
                start=found.start(),
                end=found.end(),
                certainty=Certainty.LIKELY,
                reasons=("handle_shape",),
                kind="telegram",
                value=page.text[found.start() : found.end()],
            )


def _id_part(written: str, kind: str) -> str:
    """As much of what follows the word as can be an id of that kind."""
    if kind in _NUMBERED:
        return re.match(r"\d{0,12}", written)[0]  # type: ignore[index]
    if kind == "meeting":
        return re.match(r"(?:\d[ -]?)*", written)[0].rstrip(" -")  # type: ignore[index]
    plain = _PLAIN_ID.match(written)
    return plain[0].rstrip("-_") if plain and (_PLACES & set(plain[0]) or "_" in plain[0] or kind != "wechat") else ""


def find_apps(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Contact]:
    """Apps: those the rulebook knows, quoted names beside such a word, and names behind words of loading."""
    for start, end, kind in tables.apps.find(page.plain):
        if taken.is_free(start, end):
            taken.add(start, end)
            yield _app(page, start, end, (Certainty.CERTAIN, f"app_{kind}"))
    for name in ("quoted", "told_app", "bare_app"):
        certainty = Certainty.CERTAIN if name == "quoted" else Certainty.LIKELY
        for found in tables.contact[name].finditer(page.plain):
            group = found.lastgroup or "name"
            start, end = found.span(group)
            if (
                found[group].strip()
                and taken.is_free(start, end)
                and (name == "quoted" or _names_an_app(found[group], tables))
            ):
                taken.add(start, end)
                yield _app(page, start, end, (certainty, "app_named"))


def _names_an_app(name: str, tables: ReaderTables) -> bool:
    words = (*tables.marks.find(name), *tables.names.stops.find(name))
    return not any(end - start > 1 for start, end, _ in words)


def _app(page: Page, start: int, end: int, told: tuple[Certainty, str]) -> Contact:
    return Contact(
        start=start, end=end, certainty=told[0], reasons=(told[1],), kind="app", value=page.text[start:end].strip()
    )
