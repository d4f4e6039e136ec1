"""`fanzha cases …`: open, list, show, note, retain, and find a case again by anything in it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from fanzha.adapters.store.cases import (
    CaseQuery,
    add_note,
    case_by_ref,
    case_entries,
    list_cases,
    open_case,
    set_retention,
)
from fanzha.adapters.store.elsewhere import find_elsewhere
from fanzha.adapters.store.mentions import NewLink, find_cases, link_subject, link_to, unlink_subject
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, Row, give, give_one, worded
from fanzha.apps.cli.pattern_words import case_patterns_lines, give_patterns
from fanzha.apps.cli.victim_words import VICTIM, ByHand, victim_row
from fanzha.cases.case import Case, CaseState
from fanzha.cases.purposes import CASE_WORK
from fanzha.cases.retention import retention_class, retention_classes
from fanzha.cases.subjects import Mention, Role, likeliest
from fanzha.kernel.units import unit_path
from fanzha.rulebook import load_retention
from fanzha.wiring.filing import bring_to
from fanzha.wiring.house import CENTRE, operator
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.patterns import patterns_of
from fanzha.wiring.staff import the_unit
from fanzha.wiring.victims import accounts_of_subjects, victims_among

app = noun("cases")

LINE = ("ref", "title", "state", "retention", "unit", "opened_at", "opened_by")
Form = Annotated[Format, option("format.help", "--format")]
Ref = Annotated[str, argument("words.case", metavar="CASE")]


@command(app, "cases.open")
def open_(
    title: Annotated[str, argument("cases.open.title", metavar="TITLE")],
    ref: Annotated[str, option("cases.open.ref", "--ref")] = "",
    retention: Annotated[str, option("cases.open.retention", "--retention")] = "criminal",
    unit: Annotated[str, option("cases.open.unit", "--unit", metavar="PATH")] = CENTRE,
    form: Form = Format.TABLE,
) -> None:
    """Open a preliminary case; without a reference the next number of the year is taken."""
    retention_class(retention_classes(load_retention()), retention)
    opener = replace(operator(), scope=unit_path(unit))
    with opened_house() as house, house.act(opener) as connection:
        the_unit(connection, opener.scope)
        case = open_case(connection, title, retention, opener, house.now(), ref=ref)
    give_one(_line(case), form)


@command(app, "cases.list")
def list_(
    words: Annotated[str, argument("cases.list.words")] = "",
    limit: Annotated[int, option("words.limit", "--limit")] = 50,
    unit: Annotated[str, option("cases.list.unit", "--unit", metavar="PATH")] = CENTRE,
    form: Form = Format.TABLE,
) -> None:
    """List cases, newest first."""
    with opened_house() as house, house.act(operator()) as connection:
        _, found = list_cases(connection, CaseQuery(words=words, limit=limit, unit_path=unit_path(unit)))
    give(worded(map(_line, found), form, state="case_state"), LINE, form)


@command(app, "cases.show")
def show(ref: Ref, form: Form = Format.TABLE) -> None:
    """One case and its history."""
    with opened_house() as house, house.act(operator()) as connection:
        case = case_by_ref(connection, ref)
        history = case_entries(connection, case.id)
    entries = [{"at": e.at, "who": e.actor_name, "kind": e.kind.value, "value": e.value} for e in history]
    if form is Format.JSON:
        give_one({**_line(case), "history": entries}, form)
    else:
        give_one(_line(case), form)
        give(entries, ("at", "who", "kind", "value"), form)


@command(app, "cases.note")
def note(ref: Ref, words: Annotated[str, argument("cases.note.words")]) -> None:
    """Add a note to a case."""
    with opened_house() as house, house.act(operator()) as connection:
        add_note(connection, case_by_ref(connection, ref).id, words, operator(), house.now())


@command(app, "cases.retain")
def retain(
    ref: Ref,
    retention: Annotated[str, argument("cases.open.retention")],
    reason: Annotated[str, option("words.reason", "--reason")],
) -> None:
    """Give a case another retention class."""
    retention_class(retention_classes(load_retention()), retention)
    with opened_house() as house, house.act(operator()) as connection:
        set_retention(connection, case_by_ref(connection, ref).id, retention, reason, operator(), house.now())


class MovedTo(StrEnum):
    """States that a person takes a case to; erasing is an act of its own, by two people."""

    PRELIMINARY = CaseState.PRELIMINARY.value
    FILED = CaseState.FILED.value
    DISMISSED = CaseState.DISMISSED.value
    CLOSED = CaseState.CLOSED.value


@command(app, "cases.move")
def move(
    ref: Ref,
    to: Annotated[MovedTo, argument("cases.move.to", metavar="STATE")],
    reason: Annotated[str, option("words.reason", "--reason")],
) -> None:
    """Take a case to another state of its lifecycle."""
    with opened_house() as house, house.act(operator()) as connection:
        bring_to(connection, case_by_ref(connection, ref), CaseState(to), reason, operator(), house.now())


@command(app, "cases.add")
def add(
    ref: Ref,
    who: Annotated[str, argument("cases.add.who")],
    reason: Annotated[str, option("words.reason", "--reason")],
    role: Annotated[ByHand, option("cases.add.role", "--role")] = ByHand.PERSON,
) -> None:
    """Add a person, number or account to a case, as one of its people or as a victim."""
    kind, clean = likeliest(who)
    with opened_house() as house, house.act(operator()) as connection:
        case = case_by_ref(connection, ref)
        new = NewLink(case_id=case.id, mention=Mention(kind, clean, Role(role)), reason=reason)
        link_subject(connection, house.keys, new, operator(), house.now())


@command(app, "cases.victims")
def victims(ref: Ref, form: Form = Format.TABLE) -> None:
    """The victims of a case: who named them and why, and which accounts are theirs, masked."""
    with opened_house() as house, house.act(operator()) as connection:
        case = case_by_ref(connection, ref)
        ledger = case_ledger(house, connection, case)
        found = victims_among(connection, house.keys, case, accounts_of_subjects(house.keys, ledger))
    give([victim_row(each, ledger) for each in found], VICTIM, form)


@command(app, "cases.remove")
def remove(
    ref: Ref,
    who: Annotated[str, argument("cases.remove.who")],
    reason: Annotated[str, option("words.reason", "--reason")],
    role: Annotated[ByHand, option("cases.add.role", "--role")] = ByHand.PERSON,
) -> None:
    """Take back somebody whom a person added to a case or named a victim."""
    kind, clean = likeliest(who)
    with opened_house() as house, house.act(operator()) as connection:
        case = case_by_ref(connection, ref)
        entry = link_to(connection, house.keys, case.id, Mention(kind, clean, Role(role)))
        unlink_subject(connection, entry, reason, operator(), house.now())


@command(app, "cases.patterns")
def patterns(
    ref: Ref,
    victims: Annotated[list[str] | None, option("cases.patterns.victims", "--victim", metavar="ACCOUNT")] = None,
    purpose: Annotated[str, option("statements.movements.purpose", "--purpose")] = CASE_WORK,
    mask: Annotated[bool, option("statements.movements.mask", "--mask")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Ways in which money moved that have a name, over a whole case; on a terminal masked, in files on record."""
    hidden = mask or form is Format.TABLE or not purpose
    with opened_house() as house:
        found = patterns_of(house, operator(), ref, tuple(victims or ()), "" if hidden else purpose)
    if form is Format.JSON:
        give_one(case_patterns_lines(ref, found, hidden), form)
    else:
        give_patterns(found.named(), hidden, form)


@command(app, "cases.find")
def find(
    what: Annotated[str, argument("cases.find.what")],
    purpose: Annotated[str, option("cases.find.purpose", "--purpose")] = CASE_WORK,
    form: Form = Format.TABLE,
) -> None:
    """Find cases by any account, number, name or document in them; other units answer with whom to call."""
    with opened_house() as house, house.act(operator()) as connection:
        hits = find_cases(connection, house.keys, what)
        elsewhere = find_elsewhere(connection, house.keys, what, operator(), house.now(), purpose)
    rows: list[Row] = [{**_line(hit.case), "roles": [role.value for role in hit.roles]} for hit in hits]
    rows += [{"unit": each.path, "title": each.contact} for each in elsewhere]
    told = worded(rows, form, state="case_state", roles="role")
    give(told, ("ref", "title", "roles", "state", "unit", "opened_at"), form)


def _line(case: Case) -> dict[str, object]:
    return {
        "id": case.id,
        "ref": case.ref,
        "title": case.title,
        "state": case.state.value,
        "retention": case.retention,
        "unit": case.unit_path,
        "opened_at": case.opened_at,
        "opened_by": case.opened_by,
    }
