"""Rows to clean rows: directions, reversals, failures, identifiers, marks, cut lines, and the row account."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.clock import SHANGHAI, from_micros
from fanzha.records.statements.clean_rows import clean_batch
from fanzha.records.statements.cleaning import CleanBatch
from fanzha.records.statements.rows import UNKNOWN_FEN, Flag, Source
from fanzha.records.statements.sheet import RowBatch
from tests.records.statements.desk import HEADER, ME, YOU, batch, cleaned, column, line, plan, reasons

OUT_WORDS = ["出", "借", "付", "支出", "转出", "D", "DR", "Debit", "借方", "０", "0", "00", "-", " 出\t", "借（出）"]
IN_WORDS = ["进", "贷", "收", "收入", "转入", "C", "CR", "Credit", "贷方", "１", "1", "01", "+", "'进", "入"]


def sides(made: CleanBatch) -> list[int]:
    return [int(side) for side in made.rows.side]


@pytest.mark.parametrize(("out", "into"), list(zip(OUT_WORDS, IN_WORDS, strict=True)))
def test_words_of_direction(out: str, into: str) -> None:
    assert sides(cleaned(HEADER, line(收付标志=out), line(收付标志=into))) == [-1, 1]


def test_ambiguous_words_mean_what_the_balances_prove() -> None:
    rows = [("1", "100", "900"), ("1", "50", "850"), ("2", "200", "1050"), ("1", "30", "1020"), ("2", "10", "1030")]
    made = cleaned(HEADER, *(line(收付标志=word, 交易金额=fen, 交易余额=after) for word, fen, after in rows))
    assert sides(made) == [-1, -1, 1, -1, 1]
    assert made.notes["direction_words_from_balances"] == 1


def test_a_word_nobody_knows_is_decided_by_balances_or_the_row_is_refused() -> None:
    known = [
        line(收付标志="甲", 交易金额=fen, 交易余额=after) for fen, after in [("5", "95"), ("10", "85"), ("20", "65")]
    ]
    assert sides(cleaned(HEADER, *known)) == [-1, -1, -1]
    assert reasons(cleaned(HEADER, line(收付标志="甲"))) == [(2, "收付标志", "no_direction")]


def test_a_single_signed_amount_tells_by_its_sign() -> None:
    made = cleaned(["交易卡号", "交易时间", "交易金额"], [ME, "2024-01-02", "-5"], [ME, "2024-01-02", "5"])
    assert sides(made) == [-1, 1]


def test_without_words_and_signs_balances_tell_and_else_nothing_does() -> None:
    made = cleaned(
        ["交易卡号", "交易时间", "交易金额", "余额"],
        [ME, "2024-01-02 10:00:00", "5", "100"],
        [ME, "2024-01-02 10:00:01", "5", "95"],
        [ME, "2024-01-02 10:00:02", "7", "102"],
    )
    assert sides(made) == [-1, 1]
    assert reasons(made) == [(2, "交易金额", "no_direction")]
    assert made.notes["sign_from_balance"] == 2


def test_newest_first_is_seen_by_the_balances() -> None:
    made = cleaned(
        ["交易卡号", "交易时间", "交易金额", "余额"],
        [ME, "2024-01-02 10:00:03", "9", "111"],
        [ME, "2024-01-02 10:00:02", "7", "102"],
        [ME, "2024-01-02 10:00:01", "5", "95"],
        [ME, "2024-01-02 10:00:00", "5", "100"],
    )
    assert sides(made) == [1, 1, -1]


def test_separate_columns_for_debit_and_credit() -> None:
    made = cleaned(
        ["卡号", "交易时间", "支出", "收入"],
        [ME, "2024-01-02", "5.00", ""],
        [ME, "2024-01-02", "", "6.00"],
        [ME, "2024-01-02", "7.00", "0.00"],
        [ME, "2024-01-02", "--", "8"],
        [ME, "2024-01-02", "1", "2"],
        [ME, "2024-01-02", "", ""],
        [ME, "2024-01-02", "x", ""],
    )
    assert sides(made) == [-1, 1, -1, 1]
    assert made.rows.amount_fen.tolist() == [500, 600, 700, 800]
    assert reasons(made) == [(6, "收入", "two_amounts"), (7, "支出", "no_amount"), (8, "支出", "bad_amount")]


def test_a_minus_on_every_out_repeats_the_word() -> None:
    made = cleaned(HEADER, line(交易金额="-5"), line(交易金额="-6"), line(交易金额="7", 收付标志="进"))
    assert sides(made) == [-1, -1, 1]
    assert not (made.rows.flags & Flag.REVERSAL).any()


def test_a_lone_minus_is_red_ink_and_takes_back() -> None:
    made = cleaned(HEADER, *[line(交易金额="5")] * 6, line(交易金额="-5"))
    assert sides(made) == [-1] * 6 + [1]
    assert (made.rows.flags & Flag.REVERSAL).astype(bool).tolist() == [False] * 6 + [True]
    assert made.rows.amount_fen.tolist() == [500] * 7


def test_balances_overrule_words_only_when_overwhelming() -> None:
    lines, after = [], 1000
    for step in range(12):
        after += 10 + step
        lines.append(line(收付标志="借", 交易金额=str(10 + step), 交易余额=str(after)))
    made = cleaned(HEADER, *lines)
    assert set(sides(made)) == {1}
    assert made.notes["direction_from_balances"] == 1
    few = cleaned(HEADER, *lines[:4])
    assert set(sides(few)) == {-1}


def test_balances_that_contradict_most_but_not_nearly_all_words_are_only_noted() -> None:
    lines, after = [], 1000
    for step in range(12):
        after += (10 + step) * (1 if step % 4 else -1)
        lines.append(line(收付标志="借", 交易金额=str(10 + step), 交易余额=str(after)))
    made = cleaned(HEADER, *lines)
    assert set(sides(made)) == {-1}
    assert made.notes["direction_disproved"] == 1


@pytest.mark.parametrize("word", ["冲正", "转账冲正", "抹账", "反交易", "撤销交易", "冲销", "错账冲帐"])
def test_reversals_are_accepted_and_marked(word: str) -> None:
    made = cleaned(HEADER, line(摘要说明=word))
    assert made.rows.flags[0] & Flag.REVERSAL


@pytest.mark.parametrize("word", ["失败", "交易失败", "否", "N", " 失败\t", "未成功", "余额不足失败"])
def test_failed_rows_are_rejected_as_failed(word: str) -> None:
    assert reasons(cleaned(HEADER, line(交易是否成功=word))) == [(2, "交易是否成功", "failed")]


@pytest.mark.parametrize("word", ["成功", "是", "Y", "", "查询成功", "已全额退款", "00"])
def test_other_words_are_success(word: str) -> None:
    assert cleaned(HEADER, line(交易是否成功=word)).counts.accepted == 1


@pytest.mark.parametrize(("success", "failure"), [("1", "0"), ("0", "1"), ("00", "01"), ("01", "00")])
def test_bare_digits_of_success_are_told_by_which_is_the_rule(success: str, failure: str) -> None:
    made = cleaned(HEADER, *[line(交易是否成功=success)] * 9, line(交易是否成功=failure))
    assert (made.counts.accepted, made.counts.rejected) == (9, 1)


def test_an_answer_without_a_transaction_is_rejected_as_that() -> None:
    made = cleaned((*HEADER, "查询反馈结果原因"), [ME, *[""] * 8, "未查询到交易"], [*line(), "查询成功"])
    assert reasons(made) == [(2, "查询反馈结果原因", "no_transaction")]


@pytest.mark.parametrize(
    ("cells", "where", "why"),
    [
        ({"交易时间": ""}, "交易时间", "no_time"),
        ({"交易时间": "0000-00-00 00:00:00"}, "交易时间", "bad_time"),
        ({"交易时间": "9999-12-31 00:00:00"}, "交易时间", "bad_time"),
        ({"交易金额": ""}, "交易金额", "no_amount"),
        ({"交易金额": "一百"}, "交易金额", "bad_amount"),
        ({"交易金额": "99999999999999"}, "交易金额", "amount_limit"),
        ({"交易卡号": "-"}, "交易卡号", "no_own_account"),
    ],
)
def test_each_refusal_names_its_column_and_reason(cells: dict[str, str], where: str, why: str) -> None:
    made = cleaned(HEADER, line(), line(**cells))
    assert reasons(made) == [(3, where, why)]
    assert made.raw.reason == ["", why]


def test_a_balance_that_cannot_be_read_does_not_cost_the_row() -> None:
    assert cleaned(HEADER, line(交易余额="###")).rows.balance_fen.tolist() == [UNKNOWN_FEN]


def test_the_last_line_cut_before_its_key_cells_is_truncated() -> None:
    for cut in ([ME, "2024-03-0"], ["", ""], [ME[:5]], ["无"]):
        made = cleaned(HEADER, line(), line(), cut)
        assert [(row, why) for row, _, why in reasons(made)] == [(4, "truncated")]


def test_a_short_row_that_others_follow_is_not_cut() -> None:
    decided = plan(HEADER, line(), line())
    source = Source(key="key", import_id="import", path="a.csv", format_id=decided.format.id)
    short = [*line()[:5], "9999990000000000029"]
    made = clean_batch(decided, batch(HEADER, line(), line(), short, ends_sheet=False), source)
    assert column(made.rows.other)[-1] == "9999990000000000029"
    made = clean_batch(decided, batch(HEADER, line(), line(), ["", ""], ends_sheet=False), source)
    assert (made.counts.blank, made.counts.rejected) == (1, 0)


@pytest.mark.parametrize("first", ["单位 工资", "账户 9999990000000000037", "汇总缴费", "余额 理财", "姓名 测试甲"])
def test_a_row_that_tells_a_transaction_is_data_whatever_it_begins_with(first: str) -> None:
    header = ("摘要", "交易时间", "交易金额", "收付标志", "交易卡号", "交易对手账卡号")
    rows = [
        (text, f"2024-01-0{day} 10:00:00", "10.00", "出", ME, YOU) for day, text in enumerate(["转", first, "转"], 1)
    ]
    made = cleaned(header, *rows)
    assert made.counts.accepted == 3
    assert set(column(made.rows.own_card)) == {ME}


def test_sums_in_the_column_of_amounts_are_no_transaction() -> None:
    header = ("摘要", "交易时间", "借方发生额", "贷方发生额", "余额", "账号")
    row = ("转账", "2024-01-02 10:00:00", "10.00", "", "90.00", ME)
    made = cleaned(header, row, ("合计(元)", "2024-01-31", "10.00", "5.00", "90.00", ""))
    assert (made.counts.accepted, made.counts.total) == (1, 1)


@pytest.mark.parametrize(
    ("days", "month", "assumed"),
    [
        (["1/2/2024", "3/4/2024"], 1, True),
        (["1.2.2024", "3.4.2024"], 2, True),
        (["1/2/2024", "13/4/2024"], 2, False),
        (["1/2/2024", "4/13/2024"], 1, False),
        (["13/4/2024", "4/13/2024", "1/2/2024"], 1, True),
    ],
)
def test_day_and_month_told_by_custom_only_are_noted(days: list[str], month: int, assumed: bool) -> None:
    made = cleaned(HEADER, *(line(交易时间=day) for day in days))
    told = from_micros(int(made.rows.at_us[days.index("1/2/2024" if "1/2/2024" in days else days[0])]))
    assert (told.astimezone(SHANGHAI).month, "date_order_assumed" in made.notes) == (month, assumed)


def test_the_last_line_cut_in_its_counterparty_keeps_what_is_known_of_it() -> None:
    made = cleaned(HEADER, line(), line(), [*line()[:5], "999999000"])
    assert made.counts.accepted == 3
    assert column(made.rows.other)[-1] == "999999000*"


def test_a_thousands_comma_without_quotes_is_joined_again() -> None:
    cells = line(交易金额="1")
    made = cleaned(HEADER, line(), [*cells[:2], "1", "234.50", *cells[3:]])
    assert made.rows.amount_fen.tolist() == [10000, 123450]
    assert made.notes["rejoined_amount"] == 1


def test_too_many_cells_that_fit_nowhere_are_ragged() -> None:
    made = cleaned(HEADER, line(), line(), [*line(), "x", "y"])
    assert reasons(made) == [(4, "", "ragged")]


def test_empty_cells_beyond_the_header_and_missing_ones_at_the_end_do_no_harm() -> None:
    assert cleaned(HEADER, line(), [*line(), "", ""], line()[:-1], line()).counts.accepted == 4


def test_a_date_and_a_clock_in_two_columns() -> None:
    header = ["卡号", "交易日期", "交易时间", "金额", "收付标志"]
    made = cleaned(
        header,
        [ME, "20240102", "93005", "1", "出"],
        [ME, "2024-01-02", "09:30:05", "1", "出"],
        [ME, "2024/1/2 0:00:00", "9:30:05", "1", "出"],
        [ME, "'20240102", "'093005", "1", "出"],
        [ME, "20240102", "2024-01-02 09:30:05", "1", "出"],
        [ME, "20240102", "", "1", "出"],
    )
    shown = [from_micros(at).astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S") for at in made.rows.at_us.tolist()]
    assert shown == ["20240102093005"] * 5 + ["20240102000000"]
    assert made.rows.precision.tolist() == [2, 2, 2, 2, 2, 0]


def test_midnights_everywhere_mean_that_only_days_are_told() -> None:
    made = cleaned(HEADER, *[line(交易时间="2024-03-01 00:00:00")] * 3)
    assert made.rows.precision.tolist() == [0, 0, 0]
    assert not (made.rows.flags & Flag.NIGHT).any()


def test_marks_of_cash_merchants_payment_companies_fees_interest_and_night() -> None:
    made = cleaned(
        (*HEADER, "现金标志", "商户名称"),
        [*line(摘要说明="ATM取款", 交易时间="2024-03-01 23:30:00"), "", ""],
        [*line(), "现金", ""],
        [*line(对手户名="财付通支付科技有限公司"), "转账", ""],
        [*line(摘要说明="手续费"), "00", ""],
        [*line(摘要说明="结息"), "", ""],
        [*line(), "", "测试商户"],
        [*line(交易时间="2024-03-01 05:59:59"), "", ""],
    )
    assert made.rows.flags.tolist() == [
        Flag.CASH | Flag.NIGHT, Flag.CASH, Flag.PAYMENT_COMPANY, Flag.FEE, Flag.INTEREST, Flag.MERCHANT, Flag.NIGHT,
    ]  # fmt: skip


@pytest.mark.parametrize("said", ["购USDT", "Buy usdt 500", "泰达币", "还U商款", "付币商", "虚拟货币交易", "找承兑商"])
def test_words_of_virtual_currency_are_heard_in_remarks_names_and_merchants(said: str) -> None:
    made = cleaned((*HEADER, "商户名称"), [*line(摘要说明=said), ""], [*line(对手户名=said), ""], [*line(), said])
    assert made.rows.flags.tolist() == [Flag.CRYPTO, Flag.CRYPTO_TRADER, Flag.CRYPTO_TRADER | Flag.MERCHANT]


@pytest.mark.parametrize(
    "said",
    [
        "银行承兑汇票",
        "承兑商业汇票",
        "OTC药品",
        "买U盘",
        "TMU商城",
        "人民币安心理财",
        "纪念币商城",
        "网络游戏虚拟货币",
        "数字人民币",
    ],
)
def test_words_that_only_look_like_virtual_currency_are_none(said: str) -> None:
    made = cleaned((*HEADER, "商户名称"), [*line(摘要说明=said), ""], [*line(对手户名=said), ""], [*line(), said])
    assert not (made.rows.flags & (Flag.CRYPTO | Flag.CRYPTO_TRADER)).any()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("人民币", "CNY"),
        ("CNY", "CNY"),
        ("156", "CNY"),
        ("01", "CNY"),
        ("", "CNY"),
        ("美元", "USD"),
        ("840", "USD"),
        ("thb", "THB"),
    ],
)
def test_currencies_by_their_codes(told: str, code: str) -> None:
    assert column(cleaned((*HEADER, "交易币种"), [*line(), told]).rows.currency) == [code]


def test_units_of_the_header_and_of_the_cell() -> None:
    made = cleaned(["卡号", "交易时间", "交易金额（万元）", "收付标志"], [ME, "2024-01-02", "1.5", "出"])
    assert made.rows.amount_fen.tolist() == [1_500_000]


def test_a_column_that_a_spreadsheet_cut_is_incomplete_not_zero_filled() -> None:
    cards = ["9999990000012340000", "9999990000056780000", "9999990000098760000"]
    made = cleaned(HEADER, *(line(交易对手账卡号=card) for card in cards))
    assert column(made.rows.other) == ["999999000001234*", "999999000005678*", "999999000009876*"]
    assert made.notes["account_incomplete"] == 3


def test_card_and_account_number_of_one_row_stand_side_by_side() -> None:
    made = cleaned(
        ["交易卡号", "交易账号", "交易时间", "交易金额", "收付标志"], [ME, "123456789012", "2024-01-02", "1", "出"]
    )
    assert (column(made.rows.own_card), column(made.rows.own_account)) == ([ME], ["123456789012"])


def test_wechat_details_in_fen_with_wallets_and_cards() -> None:
    header = [
        "用户ID",
        "交易单号",
        "借贷类型",
        "交易类型",
        "交易金额(分)",
        "账户余额(分)",
        "交易时间",
        "用户银行卡号",
        "对手方ID",
        "对手方银行卡号",
    ]
    made = cleaned(
        header,
        ["wxid_testjia", "1", "出", "转账", "12345", "100", "2024-01-02 09:30:05", ME, "wxid_testyi", ""],
        ["wxid_testjia", "2", "出", "提现", "12345", "0", "2024-01-02 09:31:05", "", "", YOU],
    )
    assert column(made.rows.own_account) == ["wechat:wxid_testjia"] * 2
    assert column(made.rows.own_card) == ["", ""]
    assert column(made.rows.other) == ["wechat:wxid_testyi", YOU]
    assert made.rows.amount_fen.tolist() == [12345, 12345]


def test_alipay_trades_tell_number_and_name_in_one_cell() -> None:
    header = [
        "交易号",
        "商户订单号",
        "付款时间",
        "用户信息",
        "交易对方信息",
        "消费名称",
        "金额（元）",
        "收/支",
        "交易状态",
    ]
    made = cleaned(
        header,
        [
            "1",
            "",
            "2024-01-02 09:30:05",
            "2088999912345678(测试甲)",
            "2088999987654321（测试乙）",
            "转账",
            "10.00",
            "支出",
            "交易成功",
        ],
        ["2", "", "", "2088999912345678(测试甲)", "2088999987654321（测试乙）", "转账", "10.00", "支出", "交易关闭"],
    )
    assert column(made.rows.own_account) == ["alipay:2088999912345678"]
    assert (column(made.rows.own_name), column(made.rows.other_name)) == (["测试甲"], ["测试乙"])
    assert column(made.rows.other) == ["alipay:2088999987654321"]
    assert reasons(made) == [(3, "交易状态", "failed")]


def test_a_list_of_payers_and_payees_speaks_from_neither_side() -> None:
    made = cleaned(["付款账号", "收款账号", "金额", "时间"], [ME, YOU, "1", "2024-01-02 09:30:05"])
    assert (sides(made), column(made.rows.own_account), column(made.rows.other)) == ([0], [ME], [YOU])


def test_accounts_sub_accounts_and_persons_become_records() -> None:
    accounts = cleaned(
        ["账户开户名称", "开户人证件号码", "交易卡号", "交易账号", "账户状态", "账户余额", "开户日期"],
        ["测试甲", "99000019900101001X", f"'{ME}", "123456789012", "正常", "1,000.00", "20200101"],
        ["", "", "", "", "", "", ""],
        ["测试乙", "", "-", "", "正常", "", ""],
    )
    (record,) = accounts.accounts
    assert (record.row, record.card, record.account, record.name) == (2, ME, "123456789012", "测试甲")
    assert (record.balance_fen, record.status, record.opened_on) == (100000, "正常", "20200101")
    assert reasons(accounts) == [(4, "交易卡号", "no_own_account")]
    subs = cleaned(["主账户", "子账户账号", "子账户类别"], ["123456789012", "12345678901200001", "定期"])
    assert (subs.accounts[0].account, subs.accounts[0].parent) == ("12345678901200001", "123456789012")
    persons = cleaned(
        ["客户名称", "证照号码", "联系电话", "工作单位"], ["测试甲", "99000019900101001x", "12000000000", "测试单位"]
    )
    assert (persons.persons[0].id_number, persons.persons[0].phone) == ("99000019900101001X", "12000000000")


def test_rows_the_reader_lost_are_rejected_with_its_reason() -> None:
    decided = plan(HEADER, line())
    lost = RowBatch(rows=[list(HEADER), line()], numbers=[1, 3], faults=[(2, "undecodable")])
    made = clean_batch(decided, lost, Source(key="k", import_id="i", path="a.csv", format_id="x"))
    assert (made.counts.accepted, made.counts.rejected) == (1, 1)
    assert reasons(made) == [(2, "", "undecodable")]
    assert (made.raw.row, made.raw.reason) == ([2, 3], ["undecodable", ""])
    assert made.raw.columns[0] == ["", ME]


def test_values_are_distinct_used_and_in_order_of_appearance() -> None:
    made = cleaned(
        HEADER, line(对手户名="甲", 交易金额="x"), line(对手户名="乙"), line(对手户名="丙"), line(对手户名="乙 ")
    )
    assert made.rows.other_name.values == ("乙", "丙")
    assert made.rows.other_name.codes.tolist() == [0, 1, 0]


_CELL = st.sampled_from(
    ["", ME, YOU, "100", "-1", "出", "进", "2024-01-02", "合计", "\ud800", "x\ny", "６", "账号：", *HEADER]
) | st.text(max_size=12)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(_CELL, max_size=11), max_size=12), st.booleans())
def test_any_rows_whatever_are_accounted_for(rows: list[list[str]], also_good: bool) -> None:
    made = cleaned(HEADER, *([line()] if also_good else []), *rows)
    assert made.counts.accepted == len(made.rows)
    assert {each.row for each in made.rejections} == {
        row for row, why in zip(made.raw.row, made.raw.reason, strict=True) if why
    }


def test_nodes_and_steps_of_a_research_set_are_taken_as_they_are() -> None:
    made = cleaned(["sourceNodeId", "targetNodeId", "value", "time"], ["0", "17", "5.10", "1"])
    assert (column(made.rows.own_account), column(made.rows.other)) == (["0"], ["17"])
    assert from_micros(int(made.rows.at_us[0])).astimezone(SHANGHAI).strftime("%Y-%m-%d") == "2017-01-02"


def test_a_direction_that_fits_two_neighbours_of_one_instant_is_not_guessed() -> None:
    made = cleaned(
        HEADER,
        line(交易金额="9", 交易余额="100", 收付标志="进", 交易时间="2024-03-01 09:00:00"),
        line(交易金额="5", 交易余额="105", 收付标志="进"),
        line(交易金额="5", 交易余额="100", 收付标志=""),
        line(交易金额="5", 交易余额="95", 收付标志="出"),
    )
    assert reasons(made) == [(4, "收付标志", "no_direction")]


def test_a_direction_that_fits_the_row_before_a_shuffled_instant_is_not_guessed() -> None:
    rows = [
        ("出", "9", "100.00", "00"),
        ("进", "50", "200.00", "05"),
        ("", "50", "150.00", "05"),
        ("进", "50", "250", "05"),
    ]
    made = cleaned(
        HEADER,
        *(
            line(收付标志=word, 交易金额=fen, 交易余额=after, 交易时间=f"2024-03-01 09:00:{second}")
            for word, fen, after, second in rows
        ),
    )
    assert reasons(made) == [(4, "收付标志", "no_direction")]


@pytest.mark.external
@pytest.mark.skipif("FANZHA_DATA" not in os.environ, reason="FANZHA_DATA names no folder: AMLSim samples not judged")
def test_the_public_amlsim_sample_is_read_whole() -> None:
    import io
    import subprocess

    path = Path(os.environ["FANZHA_DATA"]) / "amlsim-samples" / "20K_cycle200" / "transactions.csv.zst"
    text = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True).stdout.decode()
    lines = [row.split(",") for row in io.StringIO(text).read().splitlines()]
    made = cleaned(*lines, path="transactions.csv")
    assert (made.counts.accepted, made.counts.rejected) == (117_805, 0)
