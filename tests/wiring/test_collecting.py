"""What lies in a folder or waits at a service is fetched, kept once, and only then said to be taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fanzha.adapters.connectors.folder import FolderConnector
from fanzha.adapters.connectors.port import RequestFailed
from fanzha.adapters.store.institutions import enter_profile
from fanzha.adapters.store.schema.institutions import institution_message, institution_refusal
from fanzha.protocol.answer import Answer
from fanzha.protocol.messages import Push
from fanzha.registers.institutions import ConnectorKind
from fanzha.wiring.collecting import collect_waiting, is_asked
from fanzha.wiring.connectors import connections
from fanzha.wiring.house import House
from tests.adapters.connectors.test_folder import lay
from tests.conftest import CITY, person
from tests.protocol.messages import ANSWER, EXAMPLES
from tests.registers.institutions import BANK

PUSH = next(each for each in EXAMPLES if isinstance(each, Push))


@pytest.fixture
def connector(house: House, tmp_path: Path) -> FolderConnector:
    """An institution by a folder, in the register."""
    profile = replace(BANK, connector=ConnectorKind.FOLDER, endpoint=str(tmp_path / "exchange"))
    Path(str(profile.endpoint)).mkdir()
    actor = person(CITY, 9)
    with house.act(actor) as connection:
        enter_profile(connection, profile, actor, "接入", house.now(), unit=CITY)
    found = connections(house)(profile)
    assert isinstance(found, FolderConnector)
    return found


def kept(house: House) -> list[str]:
    with house.act_as_house() as connection:
        return sorted(connection.scalars(select(institution_message.c.kind)))


def test_what_lies_there_is_kept_once_and_moved_away(house: House, connector: FolderConnector) -> None:
    paths = [lay(connector, said) for said in (ANSWER, PUSH)]
    assert collect_waiting(house, connections(house)) == 2
    assert kept(house) == ["answer", "push"] and not any(each.exists() for each in paths)
    lay(connector, ANSWER)
    assert collect_waiting(house, connections(house)) == 0 and kept(house) == ["answer", "push"]


def test_a_lie_under_a_known_id_and_an_answer_of_life_leave_a_mark(house: House, connector: FolderConnector) -> None:
    lay(connector, ANSWER)
    collect_waiting(house, connections(house))
    other: Answer = replace(ANSWER, held_fen=1)
    lay(connector, other)
    lay(connector, replace(PUSH, exercise=False))
    assert collect_waiting(house, connections(house)) == 0
    with house.act_as_house() as connection:
        codes = sorted(connection.scalars(select(institution_refusal.c.code)))
    assert codes == ["institutions.other_content", "protocol.exercise"]


def test_an_institution_that_fails_leaves_the_others_their_turn(house: House, connector: FolderConnector) -> None:
    class Fails(FolderConnector):
        def collect(self, taken: tuple[str, ...]):  # type: ignore[no-untyped-def]
            raise RequestFailed("x", "timeout")

    fails = Fails(institution=connector.institution, key=connector.key, wall=connector.wall)
    assert collect_waiting(house, lambda institution: fails) == 0


def test_who_calls_the_centre_is_not_asked() -> None:
    assert not is_asked(BANK) and is_asked(replace(BANK, collects=True))
    assert not is_asked(replace(BANK, connector=ConnectorKind.PAPER, endpoint=None, collects=True))
