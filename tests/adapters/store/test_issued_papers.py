"""A paper is issued with its file, the file's key and one act; bytes that its case has already are no file anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from fanzha.adapters.store.audit import entries_of
from fanzha.adapters.store.issued_papers import issue_papers
from fanzha.adapters.store.kept_files import FileKind, file_of, key_of
from fanzha.adapters.store.order_papers import NewPaper, papers_of
from fanzha.adapters.store.schema.kept_files import kept_file
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock, WallClock
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import seal_file
from tests.wiring.orders import Staffed, staffed


@pytest.fixture
def desk(house: House, clock: SetClock, case: Case) -> Staffed:
    return staffed(replace(house, wall=WallClock()), clock, case)


def test_bytes_that_a_case_has_already_are_no_file_and_no_act_anew(desk: Staffed) -> None:
    order = desk.signed(desk.opened())
    desk.deliver()
    sealed = [
        seal_file(desk.house, (order.case_id, order.unit_path), FileKind.PAPER, body, desk.drafter)
        for body in (b"%PDF-1", b"%PDF-1", b"%PDF-2")
    ]
    with desk.house.act(desk.drafter) as connection:
        (first,) = papers_of(connection, order.id)
        more = [
            NewPaper(
                instruction=None, number=f"{first.number}-{place}", sha256=file.sha256, template=2, facts=first.facts
            )
            for place, (file, _) in enumerate(sealed)
        ]
        some = [(order, new, file) for new, file in zip(more, sealed, strict=True)]
        issue_papers(connection, desk.house.keys, some[:1], desk.drafter)
        issue_papers(connection, desk.house.keys, some[1:], desk.drafter)
        kept = {each.number: each.facts for each in papers_of(connection, order.id)}
        assert kept == dict.fromkeys([first.number, *(each.number for each in more)], first.facts)
        mine = select(func.count()).select_from(kept_file).where(kept_file.c.case_id == order.case_id)
        assert connection.scalar(mine) == 3, "the paper that left, and two of other bytes"
        for file, key in (sealed[0], sealed[2]):
            assert file_of(connection, order.case_id, file.sha256).id == file.id
            assert key_of(connection, desk.house.keys, file) == key
        acts = entries_of(connection, "case", str(order.case_id), 100)
        told = [each.act.detail["sha256"] for each in acts if each.act.action == "evidence.kept"]
        assert told == [sealed[2][0].sha256, sealed[0][0].sha256, first.sha256]
