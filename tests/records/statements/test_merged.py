"""Own accounts in merged cells, and the bank card at the other end of a wallet's row."""

from fanzha.records.statements.cleaning import CleanBatch
from tests.records.statements.desk import ME, YOU, cleaned, column, reasons

HEADER = ["账号", "卡号", "户名", "交易时间", "借贷标志", "交易金额", "账户余额", "对方账号"]
OTHER = "9999990000000000037"


def rows(*own: tuple[str, str, str]) -> CleanBatch:
    tail = ["2024-03-01 10:00:05", "借", "10.00", "", YOU]
    return cleaned(HEADER, *([*each, *tail] for each in own))


def test_a_merged_cell_holds_for_all_its_rows() -> None:
    made = rows(("1234567", ME, "甲"), ("", "", ""), ("", "", ""), ("7654321", OTHER, "乙"), ("", "", ""))
    assert column(made.rows.own_card) == [ME, ME, ME, OTHER, OTHER]
    assert column(made.rows.own_account) == ["1234567"] * 3 + ["7654321"] * 2
    assert column(made.rows.own_name) == ["甲", "甲", "甲", "乙", "乙"]
    assert made.notes["own_account_from_above"] == 3


def test_a_merged_cell_that_a_page_broke_is_told_again_on_the_next_page() -> None:
    made = rows(("", ME, "甲"), ("", "", ""), ("", ME, "甲"), ("", "", ""))
    assert column(made.rows.own_card) == [ME] * 4


def test_a_blank_among_rows_that_each_tell_their_account_is_not_filled() -> None:
    made = rows(("", ME, "甲"), ("", ME, "甲"), ("", "", "甲"), ("", OTHER, "乙"))
    assert reasons(made) == [(4, "卡号", "no_own_account")]


def test_a_row_that_says_anything_else_of_its_own_side_is_not_filled() -> None:
    made = rows(("", ME, "甲"), ("", "", "乙"), ("", "无卡", ""))
    assert [row for row, _, _ in reasons(made)] == [3, 4]


def test_rows_above_the_first_account_are_nobody_s() -> None:
    made = rows(("", "", ""), ("", ME, "甲"), ("", "", ""))
    assert [row for row, _, _ in reasons(made)] == [2, 4]


WECHAT = ["用户ID", "交易单号", "用户侧账号名称", "借贷类型", "交易业务类型", "交易用途类型", "交易时间"]
WECHAT += ["交易金额(分)", "用户银行卡号", "对手方ID"]


def wallet(direction: str, kind: str, card: str, other: str) -> str:
    cells = ["wxid_test00000001", "100001", "测试·甲", direction, kind, kind, "2024-03-01 10:00:05", "500", card, other]
    return column(cleaned(WECHAT, cells).rows.other)[0]


def test_a_withdrawal_goes_to_the_holder_s_card_and_a_top_up_comes_from_it() -> None:
    assert wallet("出", "提现", ME, "") == ME
    assert wallet("入", "充值", ME, "") == ME


def test_a_purchase_paid_by_card_does_not_go_to_the_card() -> None:
    assert wallet("出", "商户消费", ME, "") == ""
    assert wallet("出", "手机充值", ME, "") == ""
    assert wallet("入", "提现退回", ME, "") == ""
    assert wallet("出", "提现", ME, "wxid_test00000002") == "wechat:wxid_test00000002"
