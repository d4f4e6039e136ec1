"""Whose books a sheet is: labels in two languages, labels beside labels, and values below their labels."""

import pytest

from fanzha.records.statements.plan import OwnAccount
from fanzha.records.statements.preamble import read_preamble
from tests.records.statements.desk import ME, WORDS, YOU, column, reasons
from tests.records.statements.desk import cleaned as cleaned_sheet

NAME = "测试·甲子"


def own(*lines: list[str]) -> OwnAccount:
    return read_preamble(lines, WORDS)


@pytest.mark.parametrize(
    "lines",
    [
        [["账号/卡号 Account/Card No:", ME, "户名 Account Name:", NAME]],
        [[f"户名 Account Name：{NAME}", f"账号 Account No.：{ME}", "账户类型 Account Type：个人"]],
        [["账户类型 Account Type", "个人", "户名 Account Name", NAME, "账号 Account No.", ME]],
        [[f"客户姓名(Name)：{NAME}  卡号(Card No.)：{ME}"]],
        [["账户类型/Account Type：", "个人"], ["账号/Account Number：", ME], ["户名/Account Holder：", NAME]],
        [[f"Card No.卡号: {ME}, Account Name 户名: {NAME}"]],
        [[f"户名 Name(Account Holder): {NAME}"], [f"账号 A/C No. : {ME}"]],
        [["客户名称/Customer Name", NAME, "客户账号/Customer Account", ME]],
        [[f"户名(Account Holder)：{NAME}", f"账号(Account)：{ME}", "货币(Currency)：人民币"]],
        [["账号 Account No.", "", ME, "", "户名 Name", "", NAME]],
        [[f"【账号】{ME} 【户名】{NAME}"]],
        [[f"户名：{NAME} 客户级别：普通 账号：{ME}"]],
        [["账号", "户名", "账户性质"], [ME, NAME, "个人"]],
        [["账号 Account No.", "户名 Account Name", "账户性质 Nature"], [ME, NAME, "个人"]],
        [["户名", "账户性质", "卡号"], [], [NAME, "个人", ME]],
    ],
)
def test_labels_of_two_languages_tell_the_number_and_the_name_beside_or_below_them(lines: list[list[str]]) -> None:
    told = own(*lines)
    assert (told.card or told.account, told.name) == (ME, NAME)


@pytest.mark.parametrize(
    "line",
    [
        ["Account Type: SAVINGS", "Account Status: NORMAL"],
        ["账户类型 Account Type：个人"],
        ["账号 Account No.：", "户名 Account Name："],
        ["Account", "Type"],
        ["账号", "账户性质"],
        ["Account Opening Date: 20200101", "Sub Account: 00123456"],
    ],
)
def test_a_word_is_no_account_number(line: list[str]) -> None:
    assert not own(line)


def test_a_statement_whose_labels_name_no_number_rejects_its_rows() -> None:
    made = cleaned_sheet(
        ["账户类型 Account Type：个人"],
        ["交易日期", "交易金额", "余额", "对方账号"],
        ["2024-03-01", "-20.00", "80.00", YOU],
    )
    assert [why for _, _, why in reasons(made)] == ["no_own_account"]


def test_names_end_where_another_label_begins() -> None:
    assert own([f"户名：{NAME} 客户级别：普通"]).name == NAME
    assert own(["Branch Name: TEST", "Name: TEST JIA"]).name == "TEST JIA"


def test_a_bilingual_statement_is_its_account_s() -> None:
    made = cleaned_sheet(
        ["账号/卡号 Account/Card No:", ME, "户名 Account Name:", NAME],
        ["查询起日 Query Starting Date:", "2024-03-01"],
        [
            "交易日期 Trans Date",
            "借贷 Dc Flg",
            "交易金额 Trans Amt",
            "余额 Balance",
            "对方账号 Payment Receipt Account",
        ],
        ["2024-03-01", "借 Dr", "300.00", "700.00", YOU],
    )
    assert column(made.rows.own_card) == [ME]
