"""The files of the example case as three banks, a payment company and a shop's acquirer really send them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import xlsxwriter
import xlwt
from examples.first_case_story import (
    BANK_B,
    BANK_C,
    COURIER,
    FIRST,
    GOLD,
    NEIGHBOURS,
    POOL,
    SCAM_DAY,
    SECOND,
    SHOP,
    SPLIT_A,
    SPLIT_B,
    SPLIT_C,
    VICTIM,
    WALLET,
    Entry,
    Party,
    at,
    scam,
)

PACKAGE, AGAIN = "bank-a-query-feedback.zip", "bank-a-second-export.csv"
SIGNED, COLUMNS_XLS, COLUMNS_CSV = "bank-b-statements.xlsx", "bank-c-statement.xls", "bank-c-courier.csv"
TENPAY, ACQUIRER = "tenpay-trades.txt", "acquirer-list.csv"
ANSWERED, ASKED_AGAIN_FROM = at(SCAM_DAY + 1, "12:00:00"), at(SCAM_DAY - 1, "00:00:00")
"""The first answer of bank A ends here; the second begins two days before, so that both tell of the same rows."""

FEEDBACK = (
    "交易卡号", "交易账号", "账户开户名称", "开户人证件号码", "交易时间", "交易金额", "交易余额", "收付标志",
    "交易对手账卡号", "现金标志", "对手户名", "对手身份证号", "对手开户银行", "摘要说明", "交易币种", "交易网点名称",
    "交易网点代码", "交易发生地", "交易是否成功", "传票号", "终端号", "IP地址", "MAC地址", "对手交易余额", "交易流水号",
    "日志号", "凭证种类", "凭证号", "交易柜员号", "商户名称", "商户号", "备注", "交易类型", "查询反馈结果原因",
)  # fmt: skip
TENPAY_HEADER = (
    "用户ID", "交易单号", "大单号", "用户侧账号名称", "借贷类型", "交易业务类型", "交易用途类型", "交易时间",
    "交易金额(分)", "账户余额(分)", "用户银行卡号", "对手方ID", "对手侧账户名称", "备注1",
)  # fmt: skip


def parts(books: Mapping[Party, Sequence[Entry]]) -> dict[str, list[Entry]]:
    """Which rows stand in which file, in order; the last row of the second export is cut off in the file."""
    first = [each for own in (VICTIM, FIRST, SPLIT_A, SHOP) for each in books[own] if each.at < ANSWERED]
    again = [each for own in (FIRST, SPLIT_A) for each in books[own] if each.at >= ASKED_AGAIN_FROM]
    return {
        PACKAGE: first,
        AGAIN: again,
        SIGNED: [*books[SECOND], *books[SPLIT_B]],
        COLUMNS_XLS: list(books[SPLIT_C]),
        COLUMNS_CSV: [each for each in books[COURIER] if each is not left_out(books)],
        TENPAY: list(books[WALLET]),
    }


def left_out(books: Mapping[Party, Sequence[Entry]]) -> Entry:
    """The receipt that bank C's file lacks: only the balances around it show that something is missing."""
    return next(each for each in books[COURIER] if each.at > at(9, "00:00:00") and each.fen > 0 and each.other)


def files(books: Mapping[Party, Sequence[Entry]]) -> dict[str, bytes]:
    """Every file of the example by its name."""
    writers: dict[str, Callable[[list[Entry]], bytes]] = {
        PACKAGE: package,
        AGAIN: second_export,
        SIGNED: signed_workbook,
        COLUMNS_XLS: debit_credit_workbook,
        COLUMNS_CSV: debit_credit_text,
        TENPAY: tenpay,
    }
    return {name: writers[name](rows) for name, rows in parts(books).items()} | {ACQUIRER: acquirer()}


class GbkName(zipfile.ZipInfo):
    """A member whose name is GBK and not marked as anything, as Windows writes it in China."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def package(rows: list[Entry]) -> bytes:
    """The query-feedback package: transactions, accounts and persons, stored so that its bytes never differ."""
    holders = list(dict.fromkeys(each.own for each in rows))
    members = {
        "交易明细.csv": lines([FEEDBACK, *map(feedback_cells, rows)]),
        "账户信息.csv": lines([ACCOUNTS, *map(account_cells, holders)]),
        "人员信息.csv": lines([PERSONS, *(person_cells(each) for each in holders if each.document)]),
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, text in members.items():
            archive.writestr(GbkName(f"测试银行甲反馈/{name}", (2026, 3, 18, 12, 30, 0)), text.encode("gb18030"))
    return held.getvalue()


def lines(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Rows as text with Windows line ends; no cell of ours needs quotes."""
    return "".join(delimiter.join(cells) + "\r\n" for cells in rows)


def feedback_cells(each: Entry) -> list[str]:
    """One row of the package; numbers have tabs glued to them, so that a spreadsheet leaves them alone."""
    other, real = each.other, each.transfer
    cash = "现金" if other is None and is_cash(each) else "转账"
    told = {
        "交易卡号": "" if is_company(each.own) else f"{each.own.number}\t",
        "交易账号": f"{own_account(each.own)}\t",
        "账户开户名称": each.own.name,
        "开户人证件号码": f"{each.own.document}\t" if each.own.document else "",
        "交易时间": f"{each.at:%Y-%m-%d %H:%M:%S}\t",
        "交易金额": f"{abs(each.fen) / 100:.2f}",
        "交易余额": f"{each.balance_fen / 100:.2f}",
        "收付标志": "进" if each.fen > 0 else "出",
        "交易对手账卡号": f"{other.number}\t" if other else "",
        "现金标志": cash,
        "对手户名": other.name if other else "",
        "对手身份证号": f"{other.document}\t" if other and other.document else "",
        "对手开户银行": other.bank if other else "",
        "摘要说明": real.summary,
        "交易币种": "人民币",
        "交易网点名称": "测试银行甲测试支行",
        "交易网点代码": "999900000001",
        "交易发生地": "测试市",
        "交易是否成功": "失败" if real.fate == "failed" else "成功",
        "IP地址": device(each),
        "交易流水号": f"{each.serial}\t",
        "交易类型": real.summary,
        "查询反馈结果原因": "超过日累计限额" if real.fate == "failed" else "",
    }
    return [told.get(column, "") for column in FEEDBACK]


def device(each: Entry) -> str:
    """The address from which the account was worked; of what comes in, its bank knows none."""
    return each.transfer.device if each.fen < 0 else ""


def is_company(party: Party) -> bool:
    """Companies have account numbers and no card."""
    return not party.document


def own_account(party: Party) -> str:
    """The account number behind a card."""
    return party.number if is_company(party) else f"9999000{party.number[6:-1]}"


def is_cash(each: Entry) -> bool:
    """Whether a row without counterparty is cash at a machine or counter."""
    return any(word in each.transfer.summary for word in ("取", "存"))


ACCOUNTS = ("卡号", "账号", "户名", "证件号码", "开户银行", "开户日期", "账户状态", "账户余额", "联系电话")
PERSONS = ("客户名称", "证照类型", "证照号码", "联系手机", "住宅地址", "工作单位")


def account_cells(each: Party) -> list[str]:
    """A row of the accounts file, which joins card and account number."""
    card = "" if is_company(each) else f"{each.number}\t"
    return [card, f"{own_account(each)}\t", each.name, f"{each.document}\t" if each.document else "",
            "测试银行甲测试支行", "20251103", "正常", "", phone(each)]  # fmt: skip


def person_cells(each: Party) -> list[str]:
    """A row of the persons file."""
    return [each.name, "居民身份证", f"{each.document}\t", phone(each), "测试市测试路1号", "测试单位"]


def phone(each: Party) -> str:
    """A number of the range 12, which no carrier gives out."""
    return f"12{each.number[-9:]}\t"


def second_export(rows: list[Entry]) -> bytes:
    """Bank A once more for another officer: other headers and order, a marked UTF-8, its last row broken off."""
    header = ("交易时间", "卡号", "户名", "借贷标志", "交易金额", "账户余额", "对手账号", "对手户名", "摘要", "IP地址",
              "交易流水号")  # fmt: skip
    body = [
        [
            f"{each.at:%Y/%m/%d %H:%M:%S}", f"'{each.own.number}", each.own.name, "贷" if each.fen > 0 else "借",
            f"{abs(each.fen) / 100:,.2f}元".replace(",", "，"), f"{each.balance_fen / 100:.2f}",
            each.other.number if each.other else "", each.other.name if each.other else "",
            each.transfer.summary, device(each), f"'{each.serial}",
        ]
        for each in rows if each.transfer.fate != "failed"
    ]  # fmt: skip
    text = lines([header, *body])
    return ("\ufeff" + text[: len(text) - len(",".join(body[-1][3:])) - 2]).encode("utf-8")


def signed_workbook(rows: list[Entry]) -> bytes:
    """Bank B's own statements, an account a sheet: a preamble, one signed amount, a total below."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": at(21, "09:00:00")})
        for own in dict.fromkeys(each.own for each in rows):
            mine = [each for each in rows if each.own == own]
            sheet = book.add_worksheet(own.name.replace("·", ""))
            sheet.write_row(0, 0, [f"{BANK_B}账户交易明细"])
            sheet.write_row(1, 0, ["卡号：", own.number, "户名：", own.name])
            sheet.write_row(2, 0, ["起止日期：", "2026-03-02 至 2026-03-22", "币种：", "人民币"])
            sheet.write_row(
                4, 0, ["记账时间", "交易金额", "账户余额", "摘要", "对方账号", "对方户名", "对方行名", "流水号"]
            )
            for place, each in enumerate(mine, start=5):
                sheet.write_row(place, 0, signed_cells(each))
            sheet.write_row(5 + len(mine), 0, ["合计", sum(effect(each) for each in mine) / 100])
    return held.getvalue()


def signed_cells(each: Entry) -> list[str | float]:
    """One row; what the bank paid to bank C it tells with the payee's number masked."""
    other = each.other
    number = other.number if other else ""
    if other and other.bank == BANK_C and each.fen < 0:
        number = f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    return [
        f"{each.at:%Y-%m-%d %H:%M:%S}", effect(each) / 100, each.balance_fen / 100, each.transfer.summary, number,
        other.name if other else "", other.bank if other else "", each.serial,
    ]  # fmt: skip


def effect(each: Entry) -> int:
    """What a row does to its account, in fen."""
    return -each.fen if each.transfer.fate == "reversal" else each.fen


COLUMNS = (
    "序号", "交易日期", "交易时间", "摘要", "借方发生额", "贷方发生额", "余额", "对方账号", "对方户名", "对方行名",
    "交易流水号",
)  # fmt: skip


def column_cells(place: int, each: Entry) -> list[str]:
    """One row with payments and receipts in columns of their own."""
    amount = f"{abs(each.fen) / 100:,.2f}"
    other = each.other
    return [
        str(place), f"{each.at:%Y%m%d}", f"{each.at:%H:%M:%S}", each.transfer.summary,
        amount if each.fen < 0 else "", amount if each.fen > 0 else "", f"{each.balance_fen / 100:,.2f}",
        other.number if other else "", other.name if other else "", other.bank if other else "", each.serial,
    ]  # fmt: skip


def debit_credit_workbook(rows: list[Entry]) -> bytes:
    """Bank C's old workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("明细")
    own = rows[0].own
    told = [[f"{BANK_C}对账单"], [f"账号:{own.number}  户名:{own.name}"], COLUMNS]
    told += [column_cells(place, each) for place, each in enumerate(rows, start=1)]
    for down, cells in enumerate(told):
        for across, cell in enumerate(cells):
            sheet.write(down, across, cell)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def debit_credit_text(rows: list[Entry]) -> bytes:
    """The same columns as a text file, amounts without commas, a total row below."""
    own = rows[0].own
    body = [[cell.replace(",", "") for cell in column_cells(place, each)] for place, each in enumerate(rows, start=1)]
    paid, got = (sum(abs(e.fen) for e in rows if (e.fen < 0) is side) for side in (True, False))
    total = ["合计", "", "", "", f"{paid / 100:.2f}", f"{got / 100:.2f}"]
    head = [[f"账号：{own.number}"], [f"户名：{own.name}"], COLUMNS]
    return lines([*head, *body, total]).encode("gb18030")


def tenpay(rows: list[Entry]) -> bytes:
    """TenpayTrades: tabs, fen, 入 and 出; a wallet that is filled names nobody."""
    return lines([TENPAY_HEADER, *map(tenpay_cells, rows)], "\t").encode("utf-8")


def tenpay_cells(each: Entry) -> list[str]:
    """One row of the wallet."""
    other = None if each.other == POOL else each.other
    return [
        each.own.number, each.serial, "", each.own.name, "入" if each.fen > 0 else "出",
        "充值" if other is None else "转账", each.transfer.summary, f"{each.at:%Y-%m-%d %H:%M:%S}",
        str(abs(each.fen)), str(each.balance_fen), SPLIT_C.number if other is None else "",
        other.number if other else "", other.name if other else "", "",
    ]  # fmt: skip


def acquirer() -> bytes:
    """What the gold shop's acquirer exports by itself: no format knows its columns, so a person maps them."""
    paid = [(at(day, "11:20:05"), NEIGHBOURS[day].number, 1_280_00 + 100 * day) for day in range(3, 18, 2)]
    paid += [(each.at, each.payer.number, each.fen) for each in scam() if each.payer and each.payee == GOLD]
    body = [
        [f"XP{place:05d}", f"{when + timedelta(seconds=20):%Y-%m-%d %H:%M:%S}", card, GOLD.number, yuan(fen), "已清分"]
        for place, (when, card, fen) in enumerate(sorted(paid), start=1)
    ]
    return lines([["小票", "刷卡时刻", "客人卡面", "入账店家", "刷卡额", "清分"], *body]).encode("gb18030")


def yuan(fen: int) -> str:
    """An amount without ornaments."""
    return f"{fen / 100:.2f}"
