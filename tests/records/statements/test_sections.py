"""Sheets of several tables: a head that is a small table, accounts above transactions, sections one below the other."""

import pytest

from fanzha.kernel.errors import Invalid
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.planning import draft_format
from fanzha.records.statements.rows import Source
from tests.records.statements.desk import BOOK, ME, YOU, batch, cleaned, column, plan, reasons

OTHER = "9999990000000000037"
STATEMENT = ["交易时间", "借方发生额", "贷方发生额", "余额", "对方账号", "对方户名", "摘要"]
ROWS = [
    ["2024-03-01 10:00:05", "300.00", "", "700.00", YOU, "测试·乙", "转账"],
    ["2024-03-01 11:00:05", "", "200.00", "900.00", YOU, "测试·乙", "转账"],
]
ACCOUNTS = ["账户开户名称", "开户人证件号码", "交易卡号", "账号开户时间", "账户余额", "币种", "开户网点", "账户状态"]
FULL = ["交易卡号", "交易户名", "交易时间", "交易金额", "交易余额", "收付标志", "交易对手账卡号", "摘要说明"]


def account_row(card: str) -> list[str]:
    return ["测试·甲", "990000199001010017", card, "20210101", "700.00", "人民币", "测试支行", "正常"]


def full_row(card: str) -> list[str]:
    return [card, "测试·甲", "2024-03-01 10:00:05", "300.00", "700.00", "出", YOU, "转账"]


HEADS = [
    [["账号", "户名", "币种", "起始日期", "截止日期"], [ME, "测试·甲", "人民币", "20240301", "20240331"]],
    [["账号", "账户名称", "开户行", "币种", "账户余额"], [ME, "测试·甲", "测试支行", "人民币", "900.00"]],
    [["账号", "户名"], [ME, "测试·甲"], [""]],
    [["账号", "户名", "查询日期", "借方总额", "贷方总额"], [ME, "测试·甲", "20240331", "300.00", "200.00"]],
    [["户名", "证件号码", "卡号", "状态"], ["测试·甲", "990000199001010017", ME, "正常"], ["交易明细"]],
]


@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_is_a_small_table_tells_whose_the_statement_is(head: list[list[str]]) -> None:
    made = cleaned(["账户明细"], *head, STATEMENT, *ROWS)
    assert not made.accounts
    assert not made.rejections
    assert column(made.rows.own_card) == [ME, ME] or column(made.rows.own_account) == [ME, ME]
    assert made.rows.side.tolist() == [-1, 1]
    assert made.counts.data == 2


def test_each_section_is_the_account_s_that_its_own_head_names() -> None:
    for head in HEADS[:3]:
        other = [[OTHER if cell == ME else cell for cell in row] for row in head]
        made = cleaned(*head, STATEMENT, *ROWS, [], *other, STATEMENT, ROWS[0])
        own = [
            card or number
            for card, number in zip(*map(column, (made.rows.own_card, made.rows.own_account)), strict=True)
        ]
        assert own == [ME, ME, OTHER]
        assert (made.counts.accepted, made.counts.rejected, len(made.accounts)) == (3, 0, 0)


def test_lines_of_labels_with_their_values_between_sections_are_no_table() -> None:
    header = ["记账日期", "发生额", "余额", "对方账户"]
    lines = [[f"卡号：{OTHER}"], ["账户名称：测试丁"], ["客户账号：918401107043413"]]
    made = cleaned(
        [f"卡号：{ME}"],
        header,
        ["2024/3/1", "-1.00", "9.00", YOU],
        *lines,
        header,
        *[["2024/3/1", "-2.00", "7.00", YOU]] * 2,
    )
    assert column(made.rows.own_account) == ["", *["918401107043413"] * 2]
    assert made.counts.data == 3


def test_accounts_above_transactions_are_both_read() -> None:
    made = cleaned(
        ["账户信息"],
        ACCOUNTS,
        account_row(ME),
        account_row(OTHER),
        [],
        ["交易明细"],
        FULL,
        full_row(ME),
        full_row(OTHER),
    )
    assert [each.card for each in made.accounts] == [ME, OTHER]
    assert column(made.rows.own_card) == [ME, OTHER]
    assert (made.counts.accepted, made.counts.rejected) == (4, 0)
    assert plan(ACCOUNTS, account_row(ME), FULL, full_row(ME)).format.id == "query_feedback_transactions"


def test_accounts_below_transactions_are_accounts() -> None:
    made = cleaned(FULL, full_row(ME), ["账户信息"], ACCOUNTS, account_row(ME), ["交易明细"], FULL, full_row(OTHER))
    assert [each.card for each in made.accounts] == [ME]
    assert column(made.rows.own_card) == [ME, OTHER]


def test_a_statement_below_several_accounts_that_names_none_is_nobody_s() -> None:
    made = cleaned(ACCOUNTS, account_row(ME), account_row(OTHER), STATEMENT, *ROWS)
    assert len(made.accounts) == 2
    assert [why for _, _, why in reasons(made)] == ["no_own_account"] * 2


def test_a_statement_far_below_accounts_is_read_by_what_its_own_rows_show() -> None:
    header = ["卡号", "交易时间", "交易金额", "交易余额", "借贷标志"]
    rows = [[ME, f"{13 + at}/01/2024 10:00", "10.00", f"{100 + 10 * at}.00", "1"] for at in range(9)]
    decided = plan(ACCOUNTS, *[account_row(ME)] * 3)
    later = batch(account_row(ME), header, *rows, start=5)
    made = clean_batch(decided, later, Source(key="k", import_id="i", path="a.csv", format_id=decided.format.id))
    assert len(made.accounts) == 1
    assert made.counts.accepted == 10
    assert made.plan is not None
    assert made.plan.format.kind == "transactions"


def test_a_statement_that_nobody_understands_is_no_table_of_accounts() -> None:
    lines = [
        ["账号", "户名"],
        [ME, "测试·甲"],
        ["日期", "对方户名", "摘要", "增", "减", "余额"],
        ["2024-03-01", "测试·乙", "转账", "20.00", "", "80.00"],
    ]
    with pytest.raises(Invalid) as caught:
        plan(*lines)
    assert caught.value.code == "statements.unrecognised_columns"
    drafted = draft_format(batch(*lines), path="a.csv", book=BOOK)
    assert [each.header for each in drafted.columns] == lines[2]


@pytest.mark.parametrize("moment", ["2024-03-01", "20240301", "2024-03-01 10:00:05", "20240301100005", "2024/3/1"])
def test_a_time_is_no_account(moment: str) -> None:
    made = cleaned(["账号", "户名", "余额"], [ME, "测试·甲", "1.00"], [moment, "测试·甲", "2.00"])
    assert [each.account for each in made.accounts] == [ME]
    assert reasons(made) == [(3, "账号", "no_own_account")]
