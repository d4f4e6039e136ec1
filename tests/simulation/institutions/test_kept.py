"""A kill at any byte of the journal loses nothing that was answered and does nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.kernel.errors import Broken, Conflict
from fanzha.protocol.answer import Answer, Progress, Receipt
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.simulation.institutions.accounts import Settlement, Transfer
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.kept import JOURNAL, TRUTH, KeptInstitution, truth_of
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.truth import twice
from tests.simulation.making import (
    ACCOUNTS,
    ALICE,
    BEGAN,
    EMPTY,
    FIRST,
    SECOND,
    UNTROUBLED,
    asked,
    new_id,
    opening,
    paid,
    setup,
)

ROUGH = UNTROUBLED.changed(fault__duplicate=0.5, fault__late=0.3, failure__bank=0.2)


def kept(folder: Path, profile: Profile = Profile.AUTOMATIC) -> KeptInstitution:
    """The bank of this folder, as a start of its process has it."""
    return KeptInstitution(folder, setup(profile=profile), ROUGH, 3)


def busy(bank: KeptInstitution, stops: list[Request]) -> list[tuple[int, Request]]:
    """A busy hour: accounts, payments, requests; each request with the size of the journal when it was answered."""
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    bank.apply(Arrival(at=BEGAN, planned=(paid(ALICE, 1_00, BEGAN + timedelta(minutes=3), (FIRST, EMPTY)),)))
    answered = []
    for place, each in enumerate(stops):
        bank.request(each, BEGAN + timedelta(minutes=place))
        bank.pass_time(BEGAN + timedelta(minutes=place))
        answered.append((place, each))
    bank.pass_time(BEGAN + timedelta(hours=1))
    return answered


def test_a_kill_at_any_byte_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    stops = [asked(trade) for trade in (Trade.STOP, Trade.QUERY_HOLDER, Trade.FREEZE, Trade.MONITOR_ON)]
    bank, sizes = kept(tmp_path / "whole"), {}
    journal = tmp_path / "whole" / JOURNAL
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    start = journal.stat().st_size
    for place, each in enumerate(stops):
        bank.request(each, BEGAN + timedelta(minutes=place))
        sizes[each.application_id] = journal.stat().st_size
    bank.pass_time(BEGAN + timedelta(hours=9))
    written, told = journal.read_bytes(), (tmp_path / "whole" / TRUTH).read_bytes()
    assert truth_of(tmp_path / "whole")
    for number, cut in enumerate(_cuts(written, start)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / JOURNAL).write_bytes(written[:cut])
        again = kept(folder)
        for each in stops:
            known = again.institution.status(each.application_id, BEGAN).progress
            assert (known is not Progress.NOT_KNOWN) or cut < sizes[each.application_id] or _failed(again, each)
            again.request(each, BEGAN + timedelta(minutes=5))
        again.pass_time(BEGAN + timedelta(hours=9))
        assert not twice(again.institution.truth)
        assert {each.application_id for each in again.institution.truth} >= {
            line.split(b'"application_id":"')[1][:36].decode() for line in told.splitlines()
        }
        again.close()


def _cuts(written: bytes, start: int) -> list[int]:
    """Where the kill falls: about every line's end, and in between."""
    ends = [place + 1 for place, byte in enumerate(written) if byte == ord("\n")]
    near = {each + off for each in ends for off in (-1, 0, 1)}
    between = range(start, len(written), max(1, (len(written) - start) // 23))
    return sorted(each for each in {*near, *between} if start <= each <= len(written))


def _failed(bank: KeptInstitution, request: Request) -> bool:
    return bank.institution.behaviour.course(request.application_id, request.trade, 1).failure is not None


def test_a_restart_answers_what_was_answered_before(tmp_path: Path) -> None:
    bank = kept(tmp_path, Profile.PROMPT)
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    stop = asked(Trade.STOP)
    first = bank.request(stop, BEGAN)
    assert isinstance(first, Answer)
    size = (tmp_path / JOURNAL).stat().st_size
    bank.close()
    again = kept(tmp_path, Profile.PROMPT)
    assert again.request(stop, BEGAN + timedelta(minutes=1)) == first
    assert (tmp_path / JOURNAL).stat().st_size == size, "a repeat leaves no line"
    assert again.institution.truth == truth_of(tmp_path)
    assert len(again.institution.truth) == 1


def test_messages_that_were_not_taken_are_told_after_a_restart(tmp_path: Path) -> None:
    bank = kept(tmp_path)
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    assert isinstance(bank.request(asked(Trade.QUERY_HOLDER), BEGAN), Receipt)
    later = BEGAN + timedelta(hours=9)
    bank.pass_time(later)
    waiting = bank.institution.due(later)
    assert waiting
    bank.close()
    again = kept(tmp_path)
    assert again.institution.due(later) == waiting
    again.apply(Arrival(at=later, taken=tuple(each.key for each in waiting)))
    again.close()
    assert not kept(tmp_path).institution.due(later)


def test_money_that_comes_twice_is_taken_once_also_after_a_restart(tmp_path: Path) -> None:
    transfer = Transfer(
        payment_id=new_id(), at=BEGAN, payer_code=SECOND, payee_code=FIRST, payee_number=EMPTY, amount_fen=7_00
    )
    bank = kept(tmp_path)
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    settled = [bank.apply(Arrival(at=BEGAN, transfer=transfer)) for _ in range(2)]
    bank.close()
    again = kept(tmp_path)
    settled.append(again.apply(Arrival(at=BEGAN, transfer=transfer)))
    assert settled == [Settlement(payment_id=transfer.payment_id, accepted=True)] * 3
    assert again.institution.books.accounts[EMPTY].balance_fen == 7_00


def test_what_cannot_happen_leaves_no_line_that_would_stop_the_next_start(tmp_path: Path) -> None:
    bank = kept(tmp_path)
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    size = (tmp_path / JOURNAL).stat().st_size
    fresh = opening("9999990000000000777", 5_00)
    with pytest.raises(Conflict):
        bank.apply(Arrival(at=BEGAN, opened=(fresh, ACCOUNTS[0])))
    assert (tmp_path / JOURNAL).stat().st_size == size
    assert bank.institution.books.find(fresh.number) is None, "not half of it either"
    bank.apply(Arrival(at=BEGAN, opened=(fresh,)))
    bank.close()
    assert kept(tmp_path).institution.books.accounts[fresh.number].balance_fen == 5_00


@pytest.mark.parametrize("trade", [Trade.STOP, Trade.FREEZE, Trade.MONITOR_ON])
def test_times_at_the_end_of_time_are_refused_and_harm_nothing(tmp_path: Path, trade: Trade) -> None:
    bank = kept(tmp_path, Profile.PROMPT)
    bank.apply(Arrival(at=BEGAN, opened=ACCOUNTS))
    late = BEGAN.replace(year=9999, month=12, day=30)
    ends = {} if trade is Trade.MONITOR_ON else {"expires_at": late + timedelta(hours=9)}
    told = bank.request(asked(trade, starts_at=late, **ends), BEGAN)
    assert isinstance(told, Answer) and told.result == "0801"


def _damaged(data: bytes) -> bytes:
    return data[:40] + b"x" + data[41:]


def _forgotten(data: bytes) -> bytes:
    return data[: data.index(b"\n") + 1]


@pytest.mark.parametrize(("change", "code"), [(_damaged, "journal_damaged"), (_forgotten, "other_past")])
def test_a_journal_that_was_changed_is_refused(tmp_path: Path, change: Callable[[bytes], bytes], code: str) -> None:
    bank = kept(tmp_path, Profile.PROMPT)
    busy(bank, [asked(Trade.STOP)])
    bank.close()
    journal = tmp_path / JOURNAL
    journal.write_bytes(change(journal.read_bytes()))
    with pytest.raises(Broken) as refused:
        kept(tmp_path, Profile.PROMPT)
    assert refused.value.code == f"simulation.{code}"


def test_two_processes_do_not_share_a_journal(tmp_path: Path) -> None:
    bank = kept(tmp_path)
    with pytest.raises(Conflict):
        kept(tmp_path)
    bank.close()
    kept(tmp_path).close()
