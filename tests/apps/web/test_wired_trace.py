"""Traces through a real case as its pages tell them: the same fen as the engine's, opened by every number."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from starlette.datastructures import QueryParams

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.apps.web.pages.case import PEOPLE
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.pages.trace_tables import DISPUTES, HOLDINGS, HOPS, starts_table
from fanzha.apps.web.rendering import yuan
from fanzha.apps.web.views.cases import NewPerson
from fanzha.apps.web.views.tables import Query, Table, read_query
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.wired import shown_trace
from fanzha.cases.subjects import Role, SubjectKind
from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.kernel.units import Actor
from fanzha.tracing.follow.question import Direction, Method
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.victims import accounts_of_subjects
from tests.apps.web.example_desk import Desk

DAYS_30_S = 30 * 86_400


def questions(starts: tuple[str, ...]) -> Iterator[TraceQuestion]:
    """The same by every method there is, each way that it can be asked."""
    for method, direction, floor_fen in product(Method, Direction, (1, 1_000_000)):
        if (method, direction) != (Method.CONSERVATIVE, Direction.BACKWARD):
            yield TraceQuestion(
                starts=starts, method=method, direction=direction, horizon_s=DAYS_30_S, floor_fen=floor_fen
            )


def url(question: TraceQuestion) -> str:
    """The question as a URL asks it."""
    told = [("from", each) for each in question.starts]
    told += [("method", question.method), ("direction", question.direction)]
    return str(QueryParams([*told, ("horizon", f"{question.horizon_s}s"), ("floor_fen", str(question.floor_fen))]))


def headline(page: str) -> list[str]:
    """The sums of the headline in their order, as they are printed."""
    told = re.search(r'<ul class="sum">(.*?)</ul>', page, re.DOTALL)
    assert told
    return [re.sub(r"<[^>]*>", "", each).strip() for each in re.findall(r"<strong>(.*?)</strong>", told[1], re.DOTALL)]


def test_the_numbers_on_the_page_are_the_trace_and_open_rows_that_sum_to_them(desk: Desk) -> None:
    starts = tuple(each.id for each in desk.largest(3))
    for question in questions(starts):
        totals = desk.traced(question).totals()
        view = desk.data.trace(desk.actor, desk.ref, question)
        wished = [
            sum(each.started_fen for each in totals),
            sum(each.held_fen for each in totals),
            sum(each.last_seen_fen for each in totals),
            sum(each.before_fen for each in totals),
            sum(sum(each.left_fen.values()) for each in totals),
            sum(each.below_floor_fen for each in totals),
            sum(each.disputed_fen for each in totals),
        ]
        sums = view.sums
        parts = [sums.held_fen, sums.last_seen_fen, sums.before_fen, sums.gone_fen]
        parts += [sums.below_floor_fen, sums.disputed_fen]
        assert [sums.started_fen, *parts] == wished
        if question.method is Method.POISON:
            assert sums.held_fen == sums.last_seen_fen == sums.before_fen == sums.disputed_fen == 0
            assert not view.holdings and not {"held_fen", "last_seen_fen"} & _keys(starts_table(question))
        else:
            assert sums.started_fen == sum(parts)
        assert _opened(desk, question) == (sum(parts[:3]), parts[3], parts[4])
        rows = desk.data.trace_starts(desk.actor, desk.ref, question, read_query(starts_table(question), {}))
        assert [each.started_fen for each in rows.rows] == [each.started_fen for each in totals]


def _keys(table: Table) -> set[str]:
    return {each.key for each in table.columns}


def _opened(desk: Desk, question: TraceQuestion) -> tuple[int, int, int]:
    """What the rows behind the numbers sum to: what lies, what left, what was too little."""
    holdings = desk.data.every_trace_holding(desk.actor, desk.ref, question, read_query(HOLDINGS, {}))
    left, below = (
        desk.data.every_trace_hop(desk.actor, desk.ref, question, read_query(HOPS, {"became": became}))
        for became in ("left", "below_floor")
    )
    return (
        sum(each.traced_fen for each in holdings.rows),
        sum(each.traced_fen for each in left.rows),
        sum(each.traced_fen for each in below.rows),
    )


def test_the_headline_is_printed_to_the_fen_in_its_order(desk: Desk) -> None:
    question = TraceQuestion(starts=(desk.largest()[0].id,), horizon_s=DAYS_30_S)
    (told,) = desk.traced(question).totals()
    shown = [told.started_fen, told.held_fen, told.last_seen_fen, *told.left_fen.values(), told.below_floor_fen]
    assert headline(desk.page("", url(question))) == [yuan(fen) for fen in shown]
    assert told.left_fen.keys() == {"cash"} and told.held_fen and told.last_seen_fen
    compared = desk.page("/methods", url(question))
    for line in desk.data.trace_methods(desk.actor, desk.ref, question):
        assert line.sums and yuan(line.sums.gone_fen) in compared
    conservative = replace(question, method=Method.CONSERVATIVE)
    assert yuan(desk.traced(conservative).totals()[0].disputed_fen) in headline(desk.page("", url(conservative)))
    disputed = desk.data.trace_disputes(desk.actor, desk.ref, conservative, read_query(DISPUTES, {}))
    assert disputed.total == len(desk.traced(conservative).disputes()) > 0


def test_every_table_sorts_by_each_of_its_columns_and_pages(desk: Desk) -> None:
    question = replace(TraceQuestion(starts=(desk.largest()[0].id,), horizon_s=DAYS_30_S), method=Method.PRORATA)
    every = list(desk.data.every_trace_hop(desk.actor, desk.ref, question, read_query(HOPS, {})).rows)
    for column in (each for each in HOPS.columns if each.sortable):
        for order in ("asc", "desc"):
            query = read_query(HOPS, {"sort": column.key, "order": order, "size": "200"})
            assert desk.data.trace_hops(desk.actor, desk.ref, question, query).total == len(every)
    by_fen = Query(sort="traced_fen", descending=True, size=50)
    first, second = (
        desk.data.trace_hops(desk.actor, desk.ref, question, replace(by_fen, page=page)).rows for page in (1, 2)
    )
    fen = [each.traced_fen for each in (*first, *second)]
    assert fen == sorted((each.traced_fen for each in every), reverse=True)[: len(fen)] and len(fen) > 50
    for place in ("/hops", "/holdings", "/asking", "/accounts", "/disputes"):
        page = desk.page(place, url(replace(question, method=Method.CONSERVATIVE)))
        keys = re.findall(r"sort=(\w+)&amp;order", page)
        for key in dict.fromkeys(keys):
            desk.page(place, f"{url(question)}&sort={key}&order=desc")


def test_a_payment_whose_import_is_excluded_is_said_to_be_gone_and_the_rest_can_be_followed(desk: Desk) -> None:
    one = desk.largest()[0].id
    gone = desk.client.get(f"/cases/{desk.ref}/trace?from={one}&from=00000000000000aa&method=lifo")
    assert gone.status_code == 404 and "1 of the 2" in gone.text
    assert f"/trace?from={one}&amp;method=lifo" in gone.text
    imports = [each.id for each in desk.data.imports(desk.actor, desk.ref)]
    desk.data.set_excluded(desk.actor, desk.ref, imports, True, "test")
    for place in ("", "/hops", "/methods"):
        answer = desk.client.get(f"/cases/{desk.ref}/trace{place}?from={one}")
        assert answer.status_code == 404 and "All files of this case are excluded" in answer.text
        assert "follow the others" not in answer.text and "Go to the files" in answer.text
    unasked = desk.page("", "")
    assert "All files of this case are excluded" in unasked and "Bring back under Files" in unasked


def test_the_payments_of_an_account_are_followed_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    line = desk.largest()[0]
    assert line.payee
    question = TraceQuestion(account=line.payee.key, way="out", horizon_s=DAYS_30_S)
    view = desk.data.trace(desk.actor, desk.ref, question)
    out = read_query(MOVEMENTS, {"account": line.payee.key, "direction": "out"})
    assert view.starts == desk.data.movements(desk.actor, desk.ref, out).total > 1
    page = desk.client.get(f"/cases/{desk.ref}/accounts/{line.payee.key}").text
    assert f"/trace?of={line.payee.key}&amp;way=out" in page and f"/trace?of={line.payee.key}&amp;way=in" in page
    with pytest.raises(NotFound):
        desk.data.trace(desk.actor, desk.ref, replace(question, account="0" * 16))
    monkeypatch.setattr(shown_trace, "ACCOUNT_STARTS", 1)
    with pytest.raises(Invalid, match="too_many_starts"):
        desk.data.trace(desk.actor, desk.ref, replace(question, floor_fen=2))


def test_what_the_victims_paid_is_where_to_start(desk: Desk) -> None:
    assert "Nobody is named a victim yet" in desk.page("", "")
    victim = desk.largest()[0].payer
    assert victim and victim.name and victim.name.ref
    (name,) = desk.data.reveal(desk.actor, desk.ref, [victim.name.ref], "case_work").values()
    desk.data.add_person(desk.actor, desk.ref, NewPerson(text=name, reason="test"))
    assert not desk.data.trace_proposals(desk.actor, desk.ref).victims, "who was only added is nobody's victim"

    desk.data.add_person(desk.actor, desk.ref, NewPerson(text=name, reason="report 7", role=Role.VICTIM))

    proposed = desk.data.trace_proposals(desk.actor, desk.ref)
    assert [(each.accounts, each.reason, each.by) for each in proposed.victims] == [
        ((victim,), "report 7", desk.actor.name)
    ]
    assert proposed.foremost[0].id == desk.largest()[0].id
    assert {each.payer and each.payer.key for each in proposed.foremost} == {victim.key}
    page = desk.page("", "")
    assert f'name="from" value="{proposed.foremost[0].id}"' in page and 'name="way" value="victims"' in page
    assert f"{proposed.payments} times, {yuan(proposed.fen)} in all" in page


def test_all_that_all_victims_paid_is_one_question_and_follows_who_is_named(desk: Desk) -> None:
    asked = TraceQuestion(way="victims", horizon_s=DAYS_30_S)
    with pytest.raises(NotFound, match="no_victims"):
        desk.data.trace(desk.actor, desk.ref, asked)
    (largest,) = desk.largest()
    assert largest.payer and largest.payee
    first, second = largest.payer.key, largest.payee.key
    desk.data.mark_victim(desk.actor, desk.ref, first, "report 7")
    alone = desk.data.trace(desk.actor, desk.ref, asked)
    assert alone.starts == desk.data.trace_proposals(desk.actor, desk.ref).payments
    assert alone.sums.started_fen == sum(paid_by(desk, first).values())
    assert headline(desk.page("", "way=victims&horizon=30d"))[0] == yuan(alone.sums.started_fen)

    desk.data.mark_victim(desk.actor, desk.ref, second, "report 8")

    both = desk.data.trace(desk.actor, desk.ref, asked)
    paid = paid_by(desk, first, second)
    assert both.starts == len(paid) and largest.id not in paid, "what one victim paid another has not left them"
    lines = desk.data.people(desk.actor, desk.ref, read_query(PEOPLE, {"role": "victim"})).rows
    for each in lines:
        desk.data.remove_person(desk.actor, desk.ref, str(each.link), "misread")
    with pytest.raises(NotFound, match="no_victims"):
        desk.data.trace(desk.actor, desk.ref, asked)


def paid_by(desk: Desk, *keys: str) -> dict[str, int]:
    """What these accounts paid to accounts that are none of them, by id."""
    out = [read_query(MOVEMENTS, {"account": key, "direction": "out"}) for key in keys]
    return {
        each.id: each.amount_fen
        for query in out
        for each in desk.data.every_movement(desk.actor, desk.ref, query).rows
        if not each.payee or each.payee.key not in keys
    }


def test_an_account_of_a_victim_says_who_named_them(desk: Desk) -> None:
    account = desk.largest()[0].payer
    assert account
    place = f"/cases/{desk.ref}/accounts/{account.key}"
    assert f"/victims/{account.key}" in desk.client.get(place).text
    desk.data.mark_victim(desk.actor, desk.ref, account.key, "report 7")
    page = desk.client.get(place).text
    assert f"/victims/{account.key}" not in page and f"named by {desk.actor.name}: report 7" in page
    with pytest.raises(Conflict, match="victim_already"):
        desk.data.mark_victim(desk.actor, desk.ref, account.key, "again")
    with pytest.raises(NotFound, match="subject_not_told"):
        desk.data.mark_victim(desk.actor, desk.ref, "0" * 16, "nobody")


def test_a_victims_document_names_all_their_accounts(desk: Desk) -> None:
    with desk.house.act(desk.actor) as connection:
        ledger = case_ledger(desk.house, connection, case_by_ref(connection, desk.ref))
        owned = accounts_of_subjects(desk.house.keys, ledger)
    told = [each for each in (ledger.rows.own_id, ledger.rows.other_id) if each.values]
    documents = {text for each in told for text in each.values if text}
    assert documents, "the example tells documents"
    for text in documents:
        nodes = owned[subject_id(desk.house.keys, Identifier(SubjectKind.DOCUMENT, text))]
        rows = np.flatnonzero(told[0].codes == told[0].values.index(text)) if text in told[0].values else ()
        assert set(nodes) >= {int(ledger.found.own[row]) for row in rows}


def test_looking_leaves_no_mark_and_a_file_does(desk: Desk) -> None:
    question = TraceQuestion(starts=(desk.largest()[0].id,), horizon_s=DAYS_30_S)
    desk.page("", url(question))
    assert _exports(desk) == []
    csv_rows = list(csv.DictReader(io.StringIO(desk.page("/hops", f"{url(question)}&export=csv").lstrip("\ufeff"))))
    told = json.loads(desk.page("/hops", f"{url(question)}&export=json"))
    hops = list(desk.traced(question).hops())
    assert len(csv_rows) == len(told) == len(hops)
    assert [each["traced_fen"] for each in told] == [each.fen for each in hops]
    assert {each.payer for each in hops}.isdisjoint(str(told).split("'"))  # masked
    lying = json.loads(desk.page("/holdings", f"{url(question)}&export=json"))
    assert {each["lies"] for each in lying} == {"held", "last_seen"}
    assert _exports(desk) == [("trace_hops", len(hops))] * 2 + [("trace_holdings", len(lying))]


def _exports(desk: Desk) -> list[tuple[object, object]]:
    """What left of the case, oldest first."""
    with desk.house.act(desk.actor) as connection:
        case = case_by_ref(connection, desk.ref)
        acts = [each.act for each in reversed(entries_of(connection, "case", str(case.id), 100))]
    return [(act.detail["value"], act.detail["rows"]) for act in acts if act.action == "table.exported"]


def test_a_case_of_another_unit_is_none(desk: Desk, other_actor: Actor) -> None:
    question = TraceQuestion(starts=(desk.largest()[0].id,))
    desk.data.trace(desk.actor, desk.ref, question)
    query = read_query(HOPS, {})
    for ask in (
        lambda: desk.data.trace(other_actor, desk.ref, question),
        lambda: desk.data.trace_methods(other_actor, desk.ref, question),
        lambda: desk.data.trace_hops(other_actor, desk.ref, question, query),
        lambda: desk.data.every_trace_hop(other_actor, desk.ref, question, query),
        lambda: desk.data.trace_proposals(other_actor, desk.ref),
        lambda: desk.data.victims(other_actor, desk.ref),
        lambda: desk.data.mark_victim(other_actor, desk.ref, "0" * 16, "not theirs"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_same_question_costs_nothing_again_until_the_case_changes(desk: Desk) -> None:
    question = TraceQuestion(starts=(desk.largest()[0].id,))
    told = desk.data.traced(desk.actor, desk.ref, question)
    assert desk.data.traced(desk.actor, desk.ref, replace(question)) is told
    imports = [each.id for each in desk.data.imports(desk.actor, desk.ref)]
    desk.data.set_excluded(desk.actor, desk.ref, imports, True, "test")
    with pytest.raises(NotFound, match="all_excluded"):
        desk.data.traced(desk.actor, desk.ref, question)


def test_a_payment_that_never_was_is_not_called_excluded(desk: Desk) -> None:
    known = desk.largest()[0].id
    for place in ("", "/hops", "/holdings", "/picture.json"):
        answer = desk.client.get(f"/cases/{desk.ref}/trace{place}?from=0123456789abcdef&from={known}")
        assert answer.status_code == 404
        assert "1 of the 2 chosen payments have ids that no file of this case knows" in answer.text
