"""Where traced money lies adds up with what passed through an account; what was only reached lies nowhere."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.adapters.documents.case_picture import paper_svg
from fanzha.adapters.documents.flow_sheets import FlowSheets
from fanzha.adapters.documents.report import report_document
from fanzha.adapters.documents.sight import Sight
from fanzha.i18n import LANGUAGES, text
from fanzha.records.statements.rows import Flag
from fanzha.tracing.follow.case_flow import NO_TRANSFER
from fanzha.tracing.follow.question import HOUR_S, Direction, Method, Question
from fanzha.tracing.picture.drawing import Standing
from fanzha.wiring.typologies import live_typologies
from fanzha.workflows.draw_case import draw_case
from fanzha.workflows.trace_case import TracedCase, trace_case
from tests.adapters.documents.dossiers import dossier_of, ledger_of, starts_of
from tests.adapters.documents.reports import fen, report_of, rows_of_table
from tests.tracing.follow.test_case_flow import DEEDS, Deed, statements
from tests.tracing.movements.telling import got, paid

VICTIM, MULE, OTHER, ELSEWHERE, LAST = (f"999999000000000{number}" for number in range(2001, 2006))
DAY_LATER = [
    got("mule", MULE, OTHER, 90_000_000, 0, balance=90_000_000),
    got("mule", MULE, VICTIM, 1_000_000, 3_600, balance=91_000_000),
    paid("mule", MULE, LAST, 90_000_000, 31 * 3_600, balance=1_000_000),
    paid("else", ELSEWHERE, OTHER, 500_000, 41 * 3_600, balance=0),
]
"""10,000 yuan to a mule; 900,000 of other money leave it after the horizon; a second start is elsewhere, much later."""


def asked(method: Method, fen: tuple[int, ...]) -> TracedCase:
    """The example followed for a day from the payments of these amounts."""
    ledger, flow = ledger_of(DAY_LATER)
    told = flow.transfer[flow.transfer != NO_TRANSFER].tolist()
    starts = tuple(next(each for each in told if flow.index.transfers.amount_fen[each] == one) for one in fen)
    return trace_case(ledger, flow, Question(starts=starts, method=method, horizon_s=24 * HOUR_S), live_typologies())


@pytest.mark.parametrize("fen", [(1_000_000,), (1_000_000, 500_000)])
def test_what_was_only_reached_lies_nowhere(fen: tuple[int, ...]) -> None:
    found = asked(Method.POISON, fen)
    (total, *_) = found.totals()
    assert (total.started_fen, total.held_fen, total.last_seen_fen, total.before_fen) == (1_000_000, 0, 0, 0)
    assert found.holdings() == [] and found.passages() == [] and found.worth_asking() == []
    sides = [side for node in draw_case([found]).nodes for side in node.sides]
    assert not any(side.held_fen or side.last_seen_fen or side.disputed_fen for side in sides)
    assert {side.standing for side in sides} == {Standing.ORIGIN, Standing.REACHED}


def residues(found: TracedCase) -> Counter[str]:
    return Counter({account: each.residue_fen for account, each in found.passages()})


def lying_in(found: TracedCase) -> Counter[str]:
    lying: Counter[str] = Counter()
    for each in found.holdings():
        lying[each.account] += each.fen
    return lying


def test_what_left_after_the_horizon_has_not_gone_through() -> None:
    for starts in ((1_000_000,), (1_000_000, 500_000)):
        found = asked(Method.LIFO, starts)
        mule = dict(found.passages())[MULE]
        assert (mule.in_fen, mule.out_fen, mule.residue_fen) == (1_000_000, 0, 1_000_000)
        assert residues(found) == lying_in(found)


@pytest.mark.parametrize("method", [Method.FIFO, Method.LIFO, Method.PRORATA])
@settings(max_examples=40, deadline=None)
@given(DEEDS, st.tuples(*[st.integers(-40, 40)] * 3), st.sampled_from([120, 900, 90_000]))
def test_an_accounts_residue_is_what_lies_in_it(
    method: Method, deeds: list[Deed], clocks: tuple[int, ...], horizon_s: int
) -> None:
    ledger, flow = ledger_of(statements(deeds, clocks))
    every = starts_of(flow, len(deeds))
    if every:
        starts = tuple(sorted({every[0], every[-1]}))
        found = trace_case(
            ledger, flow, Question(starts=starts, method=method, horizon_s=horizon_s, floor_fen=60), live_typologies()
        )
        assert +residues(found) == +lying_in(found)


CRYPTO = [
    paid("victim", VICTIM, MULE, 1_000_000, 0, serial="A1"),
    got("mule", MULE, VICTIM, 1_000_000, 5, serial="A1", balance=1_000_000),
    paid("mule", MULE, "", 300_000, 60, balance=700_000, flags=Flag.CRYPTO),
    paid("mule", MULE, OTHER, 200_000, 70, balance=500_000, flags=Flag.CRYPTO_TRADER, other_name="测试币商"),
    paid("mule", MULE, LAST, 100_000, 80, balance=400_000, flags=Flag.CRYPTO),
    paid("mule", MULE, "", 50_000, 90, balance=350_000, flags=Flag.CASH),
]
"""A remark without a payee, a trader by name, a remark on a payment to a known account, and cash."""


def test_what_left_to_crypto_traders_is_told_apart_and_a_known_account_stays_worth_asking() -> None:
    dossier = dossier_of(CRYPTO)
    assert dossier is not None
    (totals,) = dossier.traced.totals()
    assert totals.left_fen == {"crypto_trader": 500_000, "cash": 50_000}
    assert (totals.held_fen, totals.last_seen_fen) == (350_000, 100_000)
    assert LAST in [account for account, _ in dossier.traced.worth_asking()]
    for language in LANGUAGES:
        word = text(language, "words.exit.crypto_trader")
        report = report_document(report_of(dossier), language, svg="<svg/>", hidden=False)
        heads = (text(language, "report.column.exit"), text(language, "report.column.traced"))
        told = {row[heads[0]]: fen(row[heads[1]]) for row in rows_of_table(report, "where.exits", language)}
        assert told[word] == 500_000
        assert word[:4] in paper_svg(dossier.traced, language, hidden=False)
        sheets = FlowSheets(dossier=dossier, sight=Sight(masked=False), language=language).all()
        assert [row["exit"] for row in next(each for each in sheets if each.key == "hops").rows].count(word) == 2


def test_backward_what_came_from_cash_or_a_trader_says_so() -> None:
    rows = [
        got("mule", MULE, "", 300_000, 0, balance=300_000, flags=Flag.CASH),
        got("mule", MULE, "", 200_000, 10, balance=500_000, flags=Flag.CRYPTO),
        paid("mule", MULE, LAST, 500_000, 60, balance=0),
    ]
    ledger, flow = ledger_of(rows)
    start = next(at for at, fen in enumerate(flow.index.transfers.amount_fen.tolist()) if fen == 500_000)
    question = Question(starts=(start,), direction=Direction.BACKWARD, horizon_s=24 * HOUR_S)
    (totals,) = trace_case(ledger, flow, question, live_typologies()).totals()
    assert totals.left_fen == {"cash": 300_000, "crypto_trader": 200_000}
