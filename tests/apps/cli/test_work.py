"""Background work from the command line: an import that failed is found, understood, handed over and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID

import pytest

from fanzha.adapters.store.unit_of_work import worker
from fanzha.adapters.store.work import NewWork, Wanted, enqueue, fail, take
from fanzha.settings import Settings
from fanzha.wiring.house import CENTRE, open_house
from fanzha.wiring.uploads import IMPORT_WORK
from tests.databases import TestServer
from tests.docs.schemas import assert_valid
from tests.journeys.command_line import CommandLine, lodged_exercise


@pytest.fixture(scope="module")
def fanzha(tmp_path_factory: pytest.TempPathFactory, postgres: TestServer) -> Iterator[CommandLine]:
    """An instance in which two imports failed."""
    with lodged_exercise(tmp_path_factory.mktemp("work") / "keys", postgres) as line:
        yield line


def failed(fanzha: CommandLine, key: str) -> UUID:
    """An import that is stuck before it took its file."""
    with patch.dict("os.environ", fanzha.environment), open_house(Settings()) as house:
        now, files = house.now(), house.uploads / key / "0"
        files.mkdir(parents=True)
        (files / "甲.csv").write_text("x", "utf-8")
        with house.act(worker(CENTRE)) as connection:
            made = enqueue(connection, NewWork(kind=IMPORT_WORK, key=key, unit_path=CENTRE, due_at=now), now)
        with house.act_as_house() as connection:
            wanted = Wanted(kinds=(IMPORT_WORK,), lease=timedelta(minutes=1))
            for row in take(connection, wanted, house.now(), house.wall.now()):
                fail(connection, row, house.wall.now(), {"code": "store.worker_broke", "kind": "ValueError"}, None)
    return made


def test_a_failed_row_is_listed_explained_handed_over_and_tried_again(fanzha: CommandLine) -> None:
    work = str(failed(fanzha, "a"))
    fanzha.run("people", "add", "officer", "--name", "测试·张三", "--role", "desk_officer")
    listed = fanzha.json("work", "list", "--state", "stuck")
    assert_valid("work_list", listed)
    assert [each["id"] for each in listed] == [work]
    fanzha.run("work", "hand-over", work, "--to", "officer", "--reason", "由值班人员处理")
    fanzha.run("work", "retry", work, "--reason", "磁盘已扩容")
    told = fanzha.json("work", "show", work)
    assert_valid("work", told)
    assert (told["state"], told["handler"], told["tries"]) == ("waiting", "officer", 0)
    assert "ValueError" in told["why"]
    assert [(each["kind"], each["to"], each["reason"]) for each in told["acts"]] == [
        ("handed_over", "officer", "由值班人员处理"),
        ("retried", "", "磁盘已扩容"),
    ]


def test_a_failed_row_is_cancelled_and_then_over(fanzha: CommandLine) -> None:
    work = str(failed(fanzha, "b"))
    fanzha.run("work", "cancel", work, "--reason", "文件已另行导入")
    assert fanzha.json("work", "show", work)["state"] == "cancelled"
    fanzha.run("work", "retry", work, "--reason", "x", code=7)


@pytest.mark.parametrize("work", ["nonsense", "01890000-0000-7000-8000-000000000000"])
def test_what_is_no_work_is_not_found(fanzha: CommandLine, work: str) -> None:
    fanzha.run("work", "show", work, code=3)
