"""The bench's large statement says what its counts claim."""

import csv
import io
import itertools
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from bench.statement_ledger import COLUMNS, make_csv


def test_counts_balances_and_second_tellings(tmp_path: Path) -> None:
    made = make_csv(tmp_path / "ledger.csv", rows=4_000)
    rows = list(csv.DictReader(io.StringIO(made.path.read_bytes().decode("gb18030"))))
    assert len(rows) == made.rows == made.accepted + made.duplicates + made.rejected == 4_000
    assert list(rows[0]) == list(COLUMNS) and len(COLUMNS) == 34
    rejected = [row for row in rows if row["交易是否成功"] == "失败" or row["交易金额"] == "--"]
    assert len(rejected) == made.rejected > 0

    def plain(text: str) -> str:
        return text.strip("'\t")

    own = {plain(row["交易卡号"]) for row in rows} | {plain(row["交易账号"]) for row in rows}
    inside = sum(plain(row["交易对手账卡号"]) in own for row in rows)
    assert inside == 2 * made.duplicates
    by_account: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_account[plain(row["交易卡号"])].append(row)
    for ledger in by_account.values():
        for before, after in itertools.pairwise(ledger):
            if after not in rejected:
                fen = Decimal(after["交易金额"].strip("元￥").replace(",", ""))
                sign = 1 if after["收付标志"] == "进" else -1
                assert Decimal(after["交易余额"]) == Decimal(before["交易余额"]) + sign * fen
