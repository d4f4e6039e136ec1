"""The smallest bank statement, and who is in it."""

from __future__ import annotations

from pathlib import Path

CARD, PAYER = "9999990000000000017", "9999990000000000025"
HEADER = "交易卡号,交易户名,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,摘要说明,交易是否成功\n"


def written(folder: Path, name: str = "甲.csv", yuan: str = "50000.00") -> Path:
    """A statement of one payment, told by its payee's bank."""
    folder.mkdir(parents=True, exist_ok=True)
    row = f"{CARD},测试·甲,2026-03-01 09:12:05,{yuan},50012.30,进,{PAYER},测试·乙,转账,成功\n"
    (folder / name).write_text(HEADER + row, "utf-8")
    return folder / name
