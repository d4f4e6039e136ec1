"""Simulated institutions as processes: signed both ways, killed at will, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fanzha.adapters.connectors.folder import FolderConnector
from fanzha.adapters.connectors.http import http_line
from fanzha.kernel.clock import SetClock, WallClock
from fanzha.kernel.errors import Unavailable
from fanzha.protocol.answer import Answer, Progress, Receipt, Status
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import ClockReading, Collected, Push, Refusal
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind, TableFormat
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.behaviour import NOTHING, Behaviour, Course
from fanzha.simulation.institutions.folder import EXCHANGE, Peer, write_plan
from fanzha.simulation.institutions.kept import JOURNAL, KeptInstitution, truth_of
from fanzha.simulation.institutions.server import CentreClock
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.institutions.truth import Deed, effects_of, twice
from fanzha.simulation.parameters import published
from tests.simulation.institutions.live import CENTRE_KEY, ListeningCentre, LiveInstitution, live, until
from tests.simulation.making import ACCOUNTS, ALICE, BEGAN, EMPTY, FIRST, SECOND, asked, opening, paid, setup


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[LiveInstitution]:
    """A prompt bank with accounts, without a centre that listens."""
    institution = live(tmp_path / "bank")
    institution.start()
    assert institution.arrange(Arrival(at=BEGAN, opened=ACCOUNTS)) == 204
    yield institution
    institution.close()


def test_killed_after_its_answer_it_gives_the_same_one_again(bank: LiveInstitution) -> None:
    now = WallClock().now()
    stop = asked(Trade.STOP, now)
    first = bank.line().send(stop).message
    assert isinstance(first, Answer) and first.result == "0000"
    bank.kill()
    bank.start()
    assert bank.line().send(stop).message == first
    told = bank.line().ask(stop.application_id).message
    assert isinstance(told, Status) and (told.progress, told.answers) == (Progress.DONE, (first,))
    other = bank.line().send(replace(stop, amount_fen=5)).message
    assert isinstance(other, Refusal) and other.code == "other_content"
    truth = truth_of(bank.folder)
    assert [each.deed for each in effects_of(truth, stop.application_id)] == [Deed.HELD]
    assert not twice(truth)


def test_only_the_centre_is_heard_and_the_exercise_needs_its_word(bank: LiveInstitution) -> None:
    stranger = SigningKey(key_id="centre-1", private=bytes(32))
    refused = bank.line(stranger).send(asked(Trade.STOP, WallClock().now())).message
    assert isinstance(refused, Refusal) and refused.code == "bad_signature"
    assert httpx.post(f"{bank.address}/v1/requests", content=b"{}", trust_env=False).status_code == 401
    assert httpx.post(f"{bank.address}/simulation/v1/arrivals", content=b"{}", trust_env=False).status_code == 401
    assert not truth_of(bank.folder)


def test_a_message_that_is_played_again_is_refused(bank: LiveInstitution) -> None:
    sent, way = list[httpx.Request](), http_line()

    def seen(call: httpx.Request) -> httpx.Response:
        sent.append(call)
        return way.handle_request(call)

    bank.line(way=httpx.MockTransport(seen)).send(asked(Trade.QUERY_HOLDER, WallClock().now()))
    with httpx.Client(trust_env=False) as client:
        again = client.send(sent[0])
    assert again.status_code == 401 and again.json()["code"] == "replayed"


def test_without_a_centre_what_waits_is_collected_until_it_is_taken(bank: LiveInstitution) -> None:
    on = asked(Trade.MONITOR_ON, WallClock().now())
    bank.line().send(on)
    bank.arrange(Arrival(at=BEGAN, planned=(paid(ALICE, 3_00, BEGAN, (FIRST, EMPTY)),)))
    first = bank.line().collect(()).message
    assert isinstance(first, Collected) and [each.sequence for each in first.pushes] == [1]
    bank.kill()
    bank.start()
    assert bank.line().collect(()).message == first
    emptied = bank.line().collect((first.pushes[0].push_id,)).message
    assert isinstance(emptied, Collected) and not emptied.pushes


def test_answers_and_pushes_reach_the_centre_by_its_clock_once_it_listens(tmp_path: Path) -> None:
    centre = ListeningCentre(speed_percent=360_000, deaf=True)
    bank = live(tmp_path, centre, setup(profile=Profile.MANUAL))
    bank.start()
    try:
        until(lambda: bank.arrange(Arrival(at=BEGAN, opened=ACCOUNTS)) == 204)
        on = _untroubled(bank.plan.setup)
        until(lambda: _sent(bank, on))
        until(lambda: bool(truth_of(tmp_path)))
        bank.kill()
        centre.deaf = False
        bank.start()
        until(lambda: any(isinstance(each, Answer) for each in centre.heard))
        spent = Arrival(at=BEGAN, planned=(paid(ALICE, 3_00, BEGAN, (FIRST, EMPTY)),))
        until(lambda: bank.arrange(spent) == 204)
        until(lambda: any(isinstance(each, Push) for each in centre.heard))
    finally:
        bank.close()
        centre.server.shutdown()
    answers = {each.answer_id for each in centre.heard if isinstance(each, Answer)}
    assert len(answers) == 1
    assert [each.deed for each in truth_of(tmp_path)] == [Deed.MONITORED]


def test_money_reaches_another_process_once_however_often_that_one_is_killed(tmp_path: Path) -> None:
    payer, payee = live(tmp_path / "payer"), live(tmp_path / "payee", told=setup(SECOND))
    for each, other in ((payer, payee), (payee, payer)):
        peer = Peer(code=other.plan.setup.code, address=other.address)
        write_plan(each.folder, replace(each.plan, peers=(peer,)))
    carol = "9999990000000000207"
    to_carol, to_nobody = ((SECOND, number) for number in (carol, "nowhere"))
    try:
        payee.start()
        assert payee.arrange(Arrival(at=BEGAN, opened=(opening(carol, 3_00, name="测试·丙"),))) == 204
        payee.kill()
        payer.start()
        spent = (paid(ALICE, 40_00, BEGAN, to_carol), paid(ALICE, 50_00, BEGAN, to_nobody))
        assert payer.arrange(Arrival(at=BEGAN, opened=ACCOUNTS, planned=spent)) == 204
        payee.start()
        until(lambda: b'"accepted":true' in (payer.folder / JOURNAL).read_bytes())
        payee.kill()
        payee.start()
        until(lambda: b'"accepted":false' in (payer.folder / JOURNAL).read_bytes())
    finally:
        payer.close()
        payee.close()
    paying, paying_to = (KeptInstitution(each.folder, each.plan.setup, published(), 7) for each in (payer, payee))
    assert not paying.institution.transfers()
    assert paying.institution.books.accounts[ALICE].balance_fen == 100_000_00 - 40_00
    assert paying_to.institution.books.accounts[carol].balance_fen == 43_00


def test_until_the_centre_has_told_its_time_nothing_goes_by_ours() -> None:
    clock = CentreClock(has_centre=True, wall=SetClock(BEGAN))
    with pytest.raises(Unavailable):
        clock.now()
    clock.heard(ClockReading(now=BEGAN.replace(year=2031), wall=BEGAN, speed_percent=100, exercise=True), BEGAN)
    assert clock.now() == BEGAN.replace(year=2031)
    assert CentreClock(has_centre=False, wall=SetClock(BEGAN)).now() == BEGAN


def _untroubled(told: Setup) -> Request:
    """A request that this institution, with the published faults, will not fail, forget, hide or do falsely."""
    habits = Behaviour(setup=told, parameters=published(), seed=7)
    tries = (asked(Trade.MONITOR_ON, BEGAN) for _ in range(999))
    return next(
        each
        for each in tries
        if replace(habits.course(each.application_id, each.trade, 1), delay=NOTHING) == Course(delay=NOTHING)
    )


def _sent(bank: LiveInstitution, request: Request) -> bool:
    """Whether the institution has the request; a broken or closed line leaves it to be tried again."""
    try:
        return isinstance(bank.line().send(request).message, Receipt | Answer)
    except Unavailable:
        return False


def test_one_that_works_by_a_folder_takes_tables_and_lays_down_answers(tmp_path: Path) -> None:
    clerks = live(tmp_path / "bank")
    exchange = clerks.folder / EXCHANGE
    exchange.mkdir()
    clerks.plan = replace(clerks.plan, by_folder=True)
    write_plan(clerks.folder, clerks.plan)
    by_folder = replace(clerks.profile, connector=ConnectorKind.FOLDER, endpoint=str(exchange), table=TableFormat.XLSX)
    line = FolderConnector(institution=by_folder, key=lambda: CENTRE_KEY, wall=WallClock())
    clerks.start()
    try:
        assert clerks.arrange(Arrival(at=BEGAN, opened=ACCOUNTS)) == 204
        stop = asked(Trade.STOP, WallClock().now())
        clerks.kill()
        assert isinstance(line.send(stop).message, Receipt), "it lies there while nobody is in"
        clerks.start()
        until(lambda: bool(_collected(line)))
        (answer,) = _collected(line)
        assert (answer.application_id, answer.result) == (stop.application_id, "0000")
        status = line.ask(stop.application_id).message
        assert isinstance(status, Status) and status.progress is Progress.DONE
        clerks.kill()
        assert [each.deed for each in effects_of(truth_of(clerks.folder), stop.application_id)] == [Deed.HELD]
    finally:
        clerks.close()


def _collected(line: FolderConnector) -> tuple[Answer, ...]:
    """What lies there for the centre."""
    told = line.collect(()).message
    assert isinstance(told, Collected)
    return told.answers
