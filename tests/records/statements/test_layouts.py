"""Files as strangers lay them out: recognised, every row in one class, nothing misread."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.clock import SHANGHAI, from_micros
from fanzha.records.statements.amounts import BAD_AMOUNT, read_fen
from tests.records.statements.desk import HEADER, ME, WORDS, YOU, cleaned, column, line, plan, reasons
from tests.records.statements.layouts import OTHERS, STATEMENTS, Lines

OUT, IN = -1, 1
USUAL = [(OUT, 2000), (IN, 5000)]
TOLD = {
    "icbc_personal": [(OUT, 50000), (IN, 300000)],
    "ccb_personal": [(OUT, 3550), (IN, 10000)],
    "english": [(OUT, 50000), (IN, 500000), (OUT, 100000)],
    "english_crdr": [(OUT, 100000), (IN, 123450)],
    "wx_bill": [(OUT, 2000), (IN, 5000), (OUT, 1000), (OUT, 1000)],
    "credit_card": [(OUT, 2000), (IN, 5000)],
    "cmb_glued": [(IN, 123400), (OUT, 100000)],
    "unionpay": [(OUT, 2000), (OUT, 5000)],
}
OWN = {"wx_bill": "wechat:测试甲", "ali_bill": "alipay:test@example.test", "ali_old": "alipay:test@example.test",
       "tenpay_trades": "wechat:wx_test_a", "ali_zhangwu": "alipay:20880000000000010156",
       "ali_detail": "alipay:2088000000000001"}  # fmt: skip
NAMELESS = {
    "ali_zhangwu",
    "credit_card",
    "cmb_glued",
    "icbc_personal",
    "cmb",
    "english",
    "english_crdr",
    "trad",
    "trad2",
    "unionpay",
    "wx_bill",
    "ali_bill",
    "ali_old",
}
"""Layouts without the other party's number, or whose numbers are all masked or absent."""


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_layout_tells_its_movements(name: str) -> None:
    made = cleaned(*STATEMENTS[name])
    told = list(zip(made.rows.side.tolist(), made.rows.amount_fen.tolist(), strict=True))
    assert told == TOLD.get(name, USUAL)
    own = [
        card or account for card, account in zip(column(made.rows.own_card), column(made.rows.own_account), strict=True)
    ]
    assert set(own) == {OWN.get(name, ME)}
    days = [from_micros(int(at)).astimezone(SHANGHAI).date().isoformat()[:7] for at in made.rows.at_us]
    assert set(days) <= {"2024-03", "2024-01"}
    if name not in NAMELESS:
        assert set(column(made.rows.other)) <= {YOU, "wechat:wx_test_b", "alipay:2088000000000002"}


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - {"ali_bill"}))
def test_no_row_of_a_layout_is_refused(name: str) -> None:
    assert reasons(cleaned(*STATEMENTS[name])) == []


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_however_rows_are_cut_and_mixed_each_is_one_thing(data: st.DataObject) -> None:
    lines = [list(each) for each in STATEMENTS[data.draw(st.sampled_from(sorted(STATEMENTS)))]]
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["cut", "double", "blank", "swap", "drop"]))
        if kind == "cut":
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "blank":
            lines.insert(at, [""] * len(lines[at]))
        elif kind == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif len(lines) > 3:
            del lines[at]
    try:
        plan(*lines)
    except Exception as error:  # a header that was cut away is refused with a code, never with a crash
        assert getattr(error, "code", "").startswith("statements.")
        return
    cleaned(*lines)  # proves the row account


@pytest.mark.parametrize("name", ["freeze", "task", "ali_login", "note", "fc_task", "fc_measure"])
def test_what_is_no_statement_says_so_and_moves_nothing(name: str) -> None:
    made = cleaned(*OTHERS[name])
    assert made.notes["not_a_statement"] == 1
    assert (len(made.rows), made.accounts, made.persons, made.rejections) == (0, [], [], [])


def test_a_table_squeezed_into_one_cell_is_no_prose() -> None:
    lines = [["交易时间 甲乙 金额"], ["2024-03-01 09:30:00 测试 20.00"], ["2024-03-01 09:31:00 测试 30.00"]]
    with pytest.raises(Exception, match="no_header"):
        plan(*lines)


def test_a_query_s_accounts_sub_accounts_and_people_are_read() -> None:
    accounts = cleaned(*OTHERS["fc_acct"]).accounts
    assert [(each.card, each.phone, each.balance_fen) for each in accounts] == [(ME, "12012345678", 10000)]
    (sub,) = cleaned(*OTHERS["fc_sub"]).accounts
    assert (sub.parent, sub.name) == (ME, "测试甲")
    people = [person for name in ("fc_person", "fc_contact", "fc_address") for person in cleaned(*OTHERS[name]).persons]
    assert [(each.name, each.phone, each.address) for each in people] == [
        ("测试甲", "12012345678", "测试路"), ("测试甲", "12012345678", ""), ("测试甲", "", "测试路"),
    ]  # fmt: skip


def test_registration_tells_the_wallet_and_the_cards_bound_to_it_as_accounts_of_one_holder() -> None:
    made = cleaned(*OTHERS["tenpay_reg"])
    assert [(each.account, each.card) for each in made.accounts] == [
        ("wechat:wx_test_a", ""), ("", ME), ("wechat:wx_test_a", ""), ("", YOU),
    ]  # fmt: skip
    assert {(each.name, each.phone) for each in made.accounts} == {("测试甲", "12012345678")}
    alipay = cleaned(*OTHERS["ali_reg"])
    assert [(each.account, each.card) for each in alipay.accounts] == [("alipay:2088000000000001", ""), ("", ME)]


@pytest.mark.parametrize("name", ["ali_withdraw", "ali_transfer"])
def test_a_wallet_s_lists_tell_both_ends(name: str) -> None:
    made = cleaned(*OTHERS[name])
    assert made.rows.side.tolist() == [0]
    assert column(made.rows.own_account) == ["alipay:2088000000000001"]
    assert column(made.rows.other)[0] in (ME, "alipay:2088000000000002")


@pytest.mark.parametrize("text", ["1.234,56", "-500.00-", "(-500.00)", "1.234.567", "5,00", "12,34.5"])
def test_amounts_that_could_mean_two_things_are_none(text: str) -> None:
    assert read_fen(text, WORDS) == BAD_AMOUNT


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("5 000.00", 500000),
        ("5\u00a0000.00", 500000),
        ("1,234.50CR", 123450),
        ("1,234.50 DR", -123450),
        ("500.00-", -50000),
    ],
)
def test_amounts_as_english_statements_write_them(text: str, fen: int) -> None:
    assert read_fen(text, WORDS) == fen


@pytest.mark.parametrize(
    ("days", "month"),
    [(["01-03-2024", "02-03-2024"], "03"), (["3/1/2024", "3/2/2024"], "03"),
     (["01/03/2024", "05/03/2024", "02/04/2024"], "03"),
     (["01/03/2024"], "01")],
)  # fmt: skip
def test_day_and_month_are_told_apart_by_the_order_of_rows(days: list[str], month: str) -> None:
    made = cleaned(HEADER, *(line(交易时间=day) for day in days))
    assert from_micros(int(made.rows.at_us[0])).astimezone(SHANGHAI).strftime("%m") == month


@pytest.mark.parametrize("word", ["上期余额", "承前页", "过次页", "本期合计", "Balance B/F", "承上結餘", "期初余额 "])
def test_rows_that_carry_a_balance_over_are_totals_even_when_dated(word: str) -> None:
    made = cleaned(HEADER, line(), line(摘要说明=word))
    assert (made.counts.accepted, made.counts.total) == (1, 1)


def test_a_wallet_s_neutral_rows_move_by_their_kind_and_between_pockets_not_at_all() -> None:
    head, *_ = (each for each in STATEMENTS["wx_bill"] if each[0] == "交易时间")
    kinds = [
        "零钱提现",
        "零钱充值",
        "零钱通转出-到零钱",
        "转入零钱通-来自零钱",
        "零钱通转出-到测试银行(0011)",
        "信用卡还款",
    ]
    rows = [["2024-03-01 09:30:00", kind, "/", "/", "/", "¥1.00", "零钱", "支付成功", "1", "2", "/"] for kind in kinds]
    made = cleaned(["微信昵称：[测试甲]"], head, *rows)
    assert made.rows.side.tolist() == [OUT, IN, OUT, OUT]
    assert [row for row, _, reason in reasons(made) if reason == "no_direction"] == [5, 6]


def test_a_bank_s_row_without_direction_is_never_guessed_by_its_summary() -> None:
    assert reasons(cleaned(HEADER, line(), line(收付标志="", 摘要说明="提现"))) == [(3, "收付标志", "no_direction")]


@pytest.mark.parametrize("name", ["cib_two_row", "two_row_income"])
def test_a_header_of_two_rows_may_come_again(name: str) -> None:
    lines: Lines = STATEMENTS[name]
    made = cleaned(*lines, *lines[1:])
    assert (made.counts.header, made.counts.accepted, made.counts.rejected) == (4, 4, 0)
