"""The row account of a case, also of an empty one, and its lists without a transaction that waits."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from fanzha.cases.case import Case
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.quality import case_quality, listed_rows
from fanzha.wiring.statements import import_files
from tests.wiring.statement import written


def test_an_empty_case_counts_the_same_things_as_a_full_one(
    house: House, case: Case, county_actor: Actor, tmp_path: Path
) -> None:
    empty = case_quality(house, county_actor, case.ref).totals()
    import_files(house, county_actor, case.ref, [written(tmp_path)])
    full = case_quality(house, county_actor, case.ref).totals()
    assert list(empty) == list(full) and set(empty.values()) == {0}
    assert (full["data"], full["accepted"], full["header"]) == (1, 1, 1)


def test_accounts_above_transactions_are_accepted_beside_them(
    house: House, case: Case, county_actor: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path)
    above = ["账户开户名称,交易卡号,账号开户时间,账户余额", "测试·甲,9999990000000000011,20210101,700.00", "交易明细"]
    file.write_text("\n".join([*above, file.read_text("utf-8")]), "utf-8")
    import_files(house, county_actor, case.ref, [file])
    told = case_quality(house, county_actor, case.ref).totals()
    assert (told["data"], told["accepted"], told["duplicates"], told["rejected"]) == (2, 2, 0, 0)


def test_rows_that_are_read_slowly_hold_no_transaction(
    house: House, case: Case, county_actor: Actor, tmp_path: Path
) -> None:
    files = [written(tmp_path), written(tmp_path / "again", "乙.csv")]
    (tmp_path / "again" / "乙.csv").write_text(files[0].read_text("utf-8") + "\n", "utf-8")
    import_files(house, county_actor, case.ref, files)
    rows = listed_rows(house, county_actor, case.ref, "duplicates")
    assert next(rows)["reason"] == "duplicate_entry"
    with house.act(county_actor) as connection:
        open_ones = text(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
        )
        assert connection.scalar(open_ones) == 0
