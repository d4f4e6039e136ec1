# ruff: noqa: E501 - headers are wide in every font
"""Sheets recognised by their columns: formats, headers below preambles, blocks, totals, drafts and mappings."""

import tomllib

import pytest

from fanzha.kernel.errors import Invalid
from fanzha.records.statements.formats import FormatBook
from fanzha.records.statements.headers import read_header
from fanzha.records.statements.planning import draft_format
from fanzha.rulebook import load_formats
from tests.records.statements.desk import BOOK, HEADER, ME, WORDS, YOU, batch, cleaned, column, line, plan, reasons

FULL = (
    "交易卡号",
    "交易账号",
    "账户开户名称",
    "开户人证件号码",
    "交易时间",
    "交易金额",
    "交易余额",
    "收付标志",
    "交易对手账卡号",
    "现金标志",
    "对手户名",
    "对手身份证号",
    "对手开户银行",
    "摘要说明",
    "交易币种",
    "交易网点名称",
    "交易网点代码",
    "交易发生地",
    "交易是否成功",
    "传票号",
    "终端号",
    "IP地址",
    "MAC地址",
    "对手交易余额",
    "交易流水号",
    "日志号",
    "凭证种类",
    "凭证号",
    "交易柜员号",
    "商户名称",
    "商户号",
    "备注",
    "交易类型",
    "查询反馈结果原因",
)


@pytest.mark.parametrize(
    ("header", "format_id"),
    [
        (FULL, "query_feedback_transactions"),
        (tuple(reversed(FULL)), "query_feedback_transactions"),
        (("卡号", "交易日期", "交易时间", "金额", "余额", "借贷标志", "对方账号", "对方户名"), "query_feedback_transactions"),
        (("查询帐号", "交易时间", "发生额", "账户余额", "进出标志", "对手卡号"), "query_feedback_transactions"),
        (("记账日期", "交易金额（元）", "账户余额（元）", "对方账户", "摘要"), "bank_statement_signed"),
        (("Date", "Description", "Amount", "Balance"), "bank_statement_signed"),
        (("交易日期", "支出", "收入", "余额", "对方户名"), "bank_statement_debit_credit"),
        (("交易时间", "借方发生额", "贷方发生额", "余额"), "bank_statement_debit_credit"),
        (("Date", "Narrative", "Withdrawal", "Deposit", "Balance"), "bank_statement_debit_credit"),
        (("日期", "转出金额", "转入金额", "余额"), "bank_statement_debit_credit"),
        (("付款账号", "付款户名", "收款账号", "收款户名", "金额", "时间"), "payer_payee_transfers"),
        (("sourceNodeId", "targetNodeId", "value", "time"), "amlsim_transfers"),
        (
            ("用户ID", "交易单号", "大单号", "用户侧账号名称", "借贷类型", "交易金额(分)", "账户余额(分)", "交易时间", "对手方ID"),
            "wechat_pay_details",
        ),
        (
            ("交易号", "商户订单号", "付款时间", "用户信息", "交易对方信息", "消费名称", "金额（元）", "收/支", "交易状态"),
            "alipay_details",
        ),
        (
            ("交易号", "付款方支付宝账号", "收款方支付宝账号", "到账时间", "转账金额（元）", "转账产品名称"),
            "alipay_transfers",
        ),
        (
            ("账户开户名称", "开户人证件号码", "交易卡号", "交易账号", "账户状态", "开户日期", "可用余额"),
            "query_feedback_accounts",
        ),
        (("主账户", "卡号", "子账户类别", "子账户账号", "账户状态", "账户余额"), "query_feedback_sub_accounts"),
        (("客户名称", "证照类型", "证照号码", "工作单位", "联系电话", "住宅地址"), "query_feedback_persons"),
    ],
)  # fmt: skip
def test_a_format_is_known_by_its_columns_in_any_order_and_spelling(header: tuple[str, ...], format_id: str) -> None:
    fit = BOOK.best_fit(header)
    assert fit is not None
    assert fit.format.id == format_id


def test_every_column_of_the_feedback_package_is_understood() -> None:
    fit = BOOK.best_fit(FULL)
    assert fit is not None
    assert fit.score == 1.0


@pytest.mark.parametrize("book", sorted(load_formats().keys() - {"words"}))
def test_a_format_s_own_spellings_are_recognised_as_that_format(book: str) -> None:
    table = load_formats()[book]
    assert {"id", "version", "kind", "title", "source", "needs"} <= table.keys()
    assert all(each["status"] in ("known", "assumed") for each in table.get("columns", ()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "bare", "unit"),
    [
        ("交易金额（元）", "交易金额", 100),
        ("交易金额(分)", "交易金额", 1),
        ("金额（单位：万元）", "金额", 1_000_000),
        ("金额/元", "金额", 100),
        (" 交易 金额\t", "交易金额", None),
        ("\ufeff交易帐号", "交易账号", None),
        ('"交易卡号"', "交易卡号", None),
        ("交易时间（北京时间）", "交易时间", None),
        ("IP地址", "ip", None),
    ],
)
def test_headers_have_one_spelling(text: str, bare: str, unit: int | None) -> None:
    header = read_header(text, WORDS)
    assert (header.bare, header.fen_per_unit) == (bare, unit)


def test_the_header_lies_below_a_preamble_that_tells_the_own_account() -> None:
    made = cleaned(
        ["测试银行个人账户交易明细"],
        ["户名：测试甲", "卡号：9999 9900 0000 0000 011", "币种：人民币"],
        ["起止日期：20240101-20240131"],
        [],
        ["交易时间", "交易金额", "余额", "对方账号"],
        ["2024-01-02 09:30:05", "-100.00", "900.00", YOU],
        ["2024-01-03 09:30:05", "50.00", "950.00", YOU],
        ["合计", "2笔", "", ""],
        ["打印时间：2024-02-01 10:00:00"],
    )
    assert (made.counts.preamble, made.counts.blank, made.counts.header, made.counts.total) == (3, 1, 1, 2)
    assert column(made.rows.own_card) == [ME, ME]
    assert column(made.rows.own_name) == ["测试甲", "测试甲"]
    assert made.rows.side.tolist() == [-1, 1]


@pytest.mark.parametrize("key", ["账号", "账　号", "客户账号", "Account Number"])
def test_the_own_account_stands_beside_its_key_in_another_cell(key: str) -> None:
    made = cleaned(
        [key.replace("\u3000", "") + ":", ME],
        ["交易时间", "交易金额", "余额"],
        ["2024-01-02", "-100.00", "900.00"],
    )
    assert column(made.rows.own_account) == [ME]


def test_the_own_account_may_be_told_only_by_the_file_s_or_sheet_s_name() -> None:
    lines = (["交易时间", "交易金额", "余额"], ["2024-01-02", "-1", "9"])
    assert column(cleaned(*lines, path=f"包.zip/{ME}_20240101.xlsx#Sheet1").rows.own_card) == [ME]
    assert column(cleaned(*lines, path=f"book.xlsx#{ME}").rows.own_card) == [ME]
    assert reasons(cleaned(*lines, path="20240101093005.csv")) == [(2, "", "no_own_account")]
    assert reasons(cleaned(*lines, path=f"{ME}-{YOU}.csv")) == [(2, "", "no_own_account")]


def test_the_holder_s_identity_number_in_a_file_s_name_is_no_account() -> None:
    header = ("交易时间", "交易金额", "收付标志", "交易对手账卡号")
    for path in ("测试甲_990000199001010017_流水.csv", "测试甲_99000019900101005X.csv"):
        assert not plan(header, path=path).own
        assert plan(header, path=path.replace(".", f"_{ME}.")).own.card == ME


def test_blocks_of_several_accounts_in_one_sheet_keep_their_own_accounts_and_columns() -> None:
    made = cleaned(
        ["账号：", ME],
        ["交易时间", "交易金额", "余额", "对方账号"],
        ["2024-01-02 09:30:05", "-100.00", "900.00", "9999990000000000037"],
        ["小计", "-100.00"],
        ["账号：", YOU],
        ["对方账号", "交易时间", "交易金额", "余额"],
        ["9999990000000000037", "2024-01-02 09:30:05", "-70.00", "30.00"],
        ["交易时间", "交易金额", "余额", "对方账号"],
    )
    assert column(made.rows.own_account) == [ME, YOU]
    assert made.rows.amount_fen.tolist() == [10000, 7000]
    assert made.counts.header == 3
    assert made.raw.header[:2] == ("交易时间", "交易金额")
    assert list(made.raw.columns[1]) == ["-100.00", "-70.00"]


def test_a_block_may_tell_directions_otherwise_than_the_one_before() -> None:
    made = cleaned(
        ["卡号", "交易时间", "交易金额", "收付标志"],
        [ME, "2024-01-02 09:30:05", "1.00", "出"],
        ["卡号", "交易时间", "支出", "收入"],
        [ME, "2024-01-02 09:30:06", "", "2.00"],
    )
    assert made.rows.side.tolist() == [-1, 1]


def test_a_repeated_header_and_total_rows_are_no_data() -> None:
    made = cleaned(
        HEADER, line(), HEADER, line(), ["总计：2笔", *[""] * 8], ["", "", "200.00", "", "", "", "共2笔"], []
    )
    assert (made.counts.accepted, made.counts.header, made.counts.total, made.counts.blank) == (2, 2, 2, 1)


@pytest.mark.parametrize(
    "last",
    [
        ["", "合计", "300.00", "", "", "", "", "", ""],
        ["共 63 笔", *[""] * 8],
        ["制表人：测试", "打印日期：2024-04-01", *[""] * 7],
        ["", "", "支出合计：123.45", "收入合计：67.80", *[""] * 5],
        ["-------------------------------"],
        ["以上为全部交易"],
    ],
)
def test_closing_lines_of_every_shape_are_no_data(last: list[str]) -> None:
    assert cleaned(HEADER, line(), last).counts.data == 1


def test_a_block_goes_on_in_the_next_batch() -> None:
    first = cleaned(["账号：", ME], ["交易时间", "交易金额", "余额"], ["2024-01-02", "-1", "9"], ["账号：", YOU])
    assert first.plan is not None
    assert first.plan.own.account == YOU


def test_unknown_columns_are_refused_with_the_place_and_the_headers() -> None:
    with pytest.raises(Invalid) as caught:
        plan(["甲列", "乙列", "丙列"], ["1", "2", "3"], path="包.zip/怪.csv")
    assert caught.value.code == "statements.unrecognised_columns"
    assert caught.value.fields["place"] == "包.zip/怪.csv"
    assert "乙列" in str(caught.value.fields["headers"])


def test_a_file_without_headers_is_refused_without_quoting_its_data() -> None:
    with pytest.raises(Invalid) as caught:
        plan([ME, "2024-01-02 09:30:05", "100.00", YOU], [ME, "2024-01-02 09:30:06", "100.00", YOU])
    assert caught.value.code == "statements.no_header"
    assert ME not in str(caught.value)


def test_an_empty_sheet_says_so() -> None:
    with pytest.raises(Invalid) as caught:
        plan(["", ""], [])
    assert caught.value.code == "statements.empty_sheet"


def test_a_draft_guesses_by_headers_and_by_values_and_waits_for_a_person() -> None:
    lines = (
        ["我的号", "何时", "数额", "去向", "对方账号"],
        [ME, "2024-01-02 09:30:05", "100.00", "出", YOU],
        [ME, "2024-01-03 09:30:05", "200.00", "进", YOU],
    )
    draft = draft_format(batch(*lines), path="a.csv", book=BOOK)
    assert [each.field for each in draft.columns] == ["own_account", "time", "amount", "direction", "other"]
    assert [each.why for each in draft.columns] == ["values"] * 4 + ["header"]
    assert all(0 < each.certainty < 1 for each in draft.columns)
    table = tomllib.loads(draft.to_toml())
    with pytest.raises(Invalid) as caught:
        BOOK.mapping(table, place="map.toml")
    assert caught.value.code == "statements.mapping_unconfirmed"
    made = cleaned(*lines, mapping=BOOK.mapping({**table, "confirmed": True}, place="map.toml"))
    assert made.rows.side.tolist() == [-1, 1]
    assert column(made.rows.other) == [YOU, YOU]


def test_a_file_without_headers_is_read_by_a_confirmed_mapping_of_places() -> None:
    lines = ([ME, "20240102093005", "出", "100.00"], [ME, "20240102093105", "进", "50.00"])
    table = tomllib.loads(draft_format(batch(*lines), path="a.csv", book=BOOK).to_toml())
    made = cleaned(*lines, mapping=BOOK.mapping({**table, "confirmed": True}, place="map.toml"))
    assert made.counts.header == 0
    assert made.rows.amount_fen.tolist() == [10000, 5000]


def test_a_broken_mapping_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        BOOK.mapping({"confirmed": True, "columns": 3}, place="map.toml")
    assert caught.value.code == "statements.mapping_unreadable"


def test_a_draft_s_toml_carries_any_header() -> None:
    odd = 'a"b\\c\n\u200b'
    draft = draft_format(batch([odd, "名称"], ["x", "y"]), path="a.csv", book=BOOK)
    assert tomllib.loads(draft.to_toml())["columns"][0]["headers"] == [odd]


def test_words_of_the_rulebook_are_all_there() -> None:
    assert isinstance(BOOK, FormatBook)
    assert set(WORDS.summary) == {"reversal", "cash", "fee", "interest", "merchant"}
