"""What banks send: the query-feedback package, one signed amount, and separate debit and credit columns."""

import random
from collections.abc import Sequence

from tests.packages.style import Style, write_cells
from tests.packages.table import NOBODY, Cell, Line, Table, Tell, View
from tests.packages.world import Account, Entry, World, effect

# field → spellings seen in packages; the first is the issue's
FEEDBACK: dict[str, tuple[str, ...]] = {
    "own_card": ("交易卡号", "交易卡号", "卡号", "查询卡号"),
    "own_number": ("交易账号", "交易账号", "交易帐号", "账号"),
    "own_name": ("账户开户名称", "交易户名", "交易方户名"),
    "own_id": ("开户人证件号码", "交易证件号码", "交易方证件号码"),
    "time": ("交易时间", "交易时间", "交易日期时间"),
    "amount": ("交易金额", "交易金额", "交易金额（元）", "交易金额(元)"),
    "balance": ("交易余额", "交易余额", "账户余额", "交易后余额"),
    "dir": ("收付标志", "收付标志", "借贷标志", "收支标志"),
    "cp_no": ("交易对手账卡号", "交易对手账卡号", "对手账号", "对手卡号", "交易对方账卡号", "对方账号"),
    "cash": ("现金标志",),
    "cp_name": ("对手户名", "对手户名", "交易对方户名", "对方户名"),
    "cp_id": ("对手身份证号", "对手证件号码"),
    "cp_bank": ("对手开户银行", "对手开户行"),
    "summary": ("摘要说明", "摘要说明", "摘要"),
    "currency": ("交易币种", "币种"),
    "branch": ("交易网点名称",),
    "branch_code": ("交易网点代码",),
    "place": ("交易发生地",),
    "ok": ("交易是否成功", "交易是否成功", "是否成功"),
    "voucher": ("传票号",),
    "terminal": ("终端号",),
    "ip": ("IP地址",),
    "mac": ("MAC地址",),
    "cp_balance": ("对手交易余额",),
    "serial": ("交易流水号", "交易流水号", "流水号"),
    "log": ("日志号",),
    "vtype": ("凭证种类",),
    "vno": ("凭证号",),
    "teller": ("交易柜员号",),
    "shop_name": ("商户名称",),
    "shop_no": ("商户号", "商户代码"),
    "note": ("备注",),
    "type": ("交易类型",),
    "result": ("查询反馈结果原因",),
}
NEEDED = {"time", "amount", "dir", "cp_no", "balance"}
SIGNED: dict[str, tuple[str, ...]] = {
    "date": ("记账日期", "交易日期", "入账日期"),
    "clock": ("记账时间", "交易时间", "入账时间"),
    "time": ("交易时间", "记账时间"),
    "currency": ("币别", "币种"),
    "amount": ("金额", "交易金额", "发生额"),
    "balance": ("余额", "账户余额", "联机余额"),
    "summary": ("交易名称", "摘要", "交易摘要"),
    "note": ("附言", "备注"),
    "cp_name": ("对方账户名", "对方户名", "交易对手名称"),
    "cp_no": ("对方卡号/账号", "对方账号", "对方账户"),
    "cp_bank": ("对方开户行", "对方行名"),
}
DEBIT_CREDIT: dict[str, tuple[str, ...]] = {
    "line_no": ("序号",),
    "date": ("交易日期", "记账日"),
    "clock": ("交易时间", "时间"),
    "time": ("交易时间", "交易日期"),
    "summary": ("摘要", "业务摘要"),
    "debit": ("借方发生额", "支出金额", "支取", "转出金额", "借方金额"),
    "credit": ("贷方发生额", "收入金额", "存入", "转入金额", "贷方金额"),
    "balance": ("余额", "账户余额"),
    "cp_no": ("对方账号", "对方账户"),
    "cp_name": ("对方户名", "对方单位名称"),
    "cp_bank": ("对方行名", "对方开户行"),
    "serial": ("交易流水号", "流水号"),
}
_DC_PAIRS = (
    ("借方发生额", "贷方发生额"),
    ("支出金额", "收入金额"),
    ("支取", "存入"),
    ("转出金额", "转入金额"),
    ("支出", "收入"),
)


def view_of(account: Account) -> View:
    """The account, shown in full."""
    return View(knowledge="loose" if account.institution.network == "merchant" else "full", account=account.index)


def tell_of(world: World, entry: Entry) -> Tell:
    """What a faithful copy of a ledger entry tells."""
    own = view_of(world.accounts[entry.account])
    other = NOBODY if entry.counterparty is None else view_of(world.accounts[entry.counterparty])
    if entry.transfer.kind == "topup":  # the bank names the company's pool, the wallet names a bank card
        other = View(knowledge="loose", account=entry.counterparty)
    status = entry.transfer.status
    return Tell(
        transfer=entry.transfer.id,
        side=entry.side,
        account=entry.account,
        payer=own if entry.side == "out" else other,
        payee=other if entry.side == "out" else own,
        at_s=entry.at_s,
        fate={"ok": "row", "failed": "failed", "void": "void", "reversal": "void"}[status],  # type: ignore[arg-type]
        reason=status if status != "ok" else "",
    )


_SUMMARY = {
    "transfer": "转账",
    "cash_out": "ATM取款",
    "cash_in": "现金存入",
    "merchant": "消费",
    "fee": "手续费",
    "interest": "结息",
    "self": "活期转定期",
    "topup": "快捷支付-充值",
}


def _summary(entry: Entry, style: Style) -> str:
    if entry.transfer.kind == "reversal":
        return style.reversal_word
    return _SUMMARY[entry.transfer.kind]


def _printed(entry: Entry, style: Style) -> tuple[str, int]:
    """Direction and amount as this hand prints them."""
    out, fen = entry.side == "out", entry.transfer.fen
    if entry.transfer.status == "reversal":
        if style.red_reversal:
            return ("out" if out else "in"), -fen
        out = not out
    return ("out" if out else "in"), (-fen if out and style.out_negative else fen)


def _counterparty(world: World, entry: Entry) -> dict[str, Cell]:
    if entry.counterparty is None:
        return {}
    other = world.accounts[entry.counterparty]
    if entry.transfer.kind == "topup":
        wechat = other.institution.network == "wechat"
        name = "财付通支付科技有限公司" if wechat else "支付宝（中国）网络技术有限公司"
        return {"cp_no": "990133001" if wechat else "990155002", "cp_name": name}
    if other.institution.network == "merchant":
        return {"shop_name": other.holder, "shop_no": other.number, "cp_name": other.holder, "cp_no": other.number}
    root = entry.transfer.reverses if entry.transfer.reverses is not None else entry.transfer.id
    # Only accounts of the accounts file are named in two ways, and a reversal names whom its original named.
    number = other.number if other.own and other.number and root * 31 % 5 == 0 else other.face
    return {"cp_no": number, "cp_name": other.holder, "cp_id": other.document, "cp_bank": other.institution.name}


def feedback(world: World, entries: Sequence[Entry], style: Style, rng: random.Random, *, path: str) -> Table:
    """Rows of one or several accounts under the query-feedback columns, in any subset, order and spelling."""
    own = {world.accounts[entry.account] for entry in entries}
    fields = [name for name in FEEDBACK if name in NEEDED or rng.random() < 0.8]
    for name in ("own_card", "own_number"):
        if name not in fields and any((a.card if name == "own_number" else a.number) is None for a in own):
            fields.append(name)  # an account that has only the other number would be nameless
    if not {"own_card", "own_number"} & set(fields) or any(a.card is None for a in own):
        fields = [*{*fields, "own_card", "own_number"}]
        fields.sort(key=list(FEEDBACK).index)
    signed_amounts = rng.random() < 0.06 and "dir" in fields
    for name in ("balance", "cp_no"):
        if rng.random() < 0.05 and not (name == "balance" and (signed_amounts or style.incoming in "1+")):
            fields.remove(name)
    if signed_amounts:
        fields.remove("dir")
    if rng.random() < 0.4:
        rng.shuffle(fields)
    headers = {name: rng.choice(FEEDBACK[name]) for name in fields}
    lines = [
        _feedback_line(world, entry, style, rng)
        for entry in entries
        if entry.transfer.status != "failed" or "ok" in fields
    ]
    table = Table(path=path, layout="feedback", fields=fields, headers=headers, lines=lines)
    if signed_amounts:
        _sign(table, entries)
    if "cp_no" not in fields:
        _forget_numbers(table)
    if "summary" not in fields and "type" not in fields:
        table.fields.append("summary")  # a reversal nobody can see is no test
        table.headers["summary"] = "摘要说明"
    write_cells(table, style)
    return table


def _sign(table: Table, entries: Sequence[Entry]) -> None:
    """No direction column: the amount's sign tells it, failed attempts included."""
    by_transfer = {(entry.transfer.id, entry.side): entry for entry in entries}
    for line, tell in table.data():
        entry = by_transfer[tell.transfer, "out" if tell.side == "out" else "in"]
        moved = effect(entry.transfer, entry.side)
        line.cells["amount"] = moved or (-entry.transfer.fen if entry.side == "out" else entry.transfer.fen)
    table.tags.add("no_direction_column")


def _forget_numbers(table: Table) -> None:
    """No counterparty column: at most a name or a shop is known."""
    for _, tell in table.data():
        if tell.other.knowledge == "full":
            tell.show_other(View(knowledge="none", account=tell.other.account))
    table.tags.add("no_counterparty_column")


def _feedback_line(world: World, entry: Entry, style: Style, rng: random.Random) -> Line:
    account = world.accounts[entry.account]
    direction, amount = _printed(entry, style)
    cash = entry.transfer.kind in ("cash_out", "cash_in")
    cells: dict[str, Cell] = {
        "own_card": account.card,
        "own_number": account.number,
        "own_name": account.holder,
        "own_id": account.document,
        "time": entry.at_s,
        "amount": amount,
        "balance": entry.balance_fen,
        "dir": direction,
        "cash": "现金" if cash else "转账",
        "summary": _summary(entry, style),
        "currency": rng.choice(("人民币", "CNY", "人民币元")),
        "branch": f"{account.institution.name}测试支行",
        "branch_code": "999900000001",
        "place": "测试市",
        "ok": "failed" if entry.transfer.status == "failed" else "ok",
        "voucher": str(rng.randint(0, 99_999)),
        "terminal": f"T{rng.randint(0, 9_999):04d}",
        "ip": f"192.0.2.{entry.account % 250}",
        "mac": f"02-00-00-00-00-{entry.account % 256:02X}",
        "serial": entry.serial,
        "log": entry.serial[-9:],
        "teller": "EB0001",
        "type": _summary(entry, style),
        "result": rng.choice(("", "成功", "查询成功")),
        "note": "",
    }
    return Line(kind="data", cells=cells | _counterparty(world, entry), tell=tell_of(world, entry))


def _own_statement(world: World, entries: Sequence[Entry], spellings: dict[str, tuple[str, ...]], style: Style,
                   rng: random.Random) -> tuple[list[str], dict[str, str], list[Line]]:  # fmt: skip
    time_fields = {"date", "clock"} if style.pair else {"time"}
    fields = [name for name in spellings if name not in {"date", "clock", "time"} - time_fields]
    fields = [name for name in fields if name not in ("note", "currency", "line_no", "cp_bank") or rng.random() < 0.6]
    headers = {name: rng.choice(spellings[name]) for name in fields}
    if headers.get("date") == headers.get("clock") and "date" in headers:
        headers["clock"] = "时间"
    lines = []
    for place, entry in enumerate(entry for entry in entries if entry.transfer.status != "failed"):
        cells: dict[str, Cell] = {
            "line_no": str(place + 1),
            "balance": entry.balance_fen,
            "summary": _summary(entry, style),
            "currency": "人民币",
            "serial": entry.serial,
            "note": "",
        }
        cells |= dict.fromkeys(time_fields, entry.at_s)
        lines.append(Line(kind="data", cells=cells | _counterparty(world, entry), tell=tell_of(world, entry)))
    return fields, headers, lines


def signed(world: World, entries: Sequence[Entry], style: Style, rng: random.Random, *, path: str) -> Table:
    """One account's own statement with one signed amount; the account stands in the preamble."""
    fields, headers, lines = _own_statement(world, entries, SIGNED, style, rng)
    kept = [entry for entry in entries if entry.transfer.status != "failed"]
    for line, entry in zip(lines, kept, strict=True):
        line.cells["amount"] = effect(entry.transfer, entry.side)
    table = Table(path=path, layout="signed", fields=fields, headers=headers, lines=lines)
    write_cells(table, style)
    if rng.random() < 0.3:
        for line, _, text in table.texts("amount"):
            if text[0].isdigit():
                line.cells["amount"] = "+" + text
        table.tags.add("plus_sign")
    return table


def debit_credit(world: World, entries: Sequence[Entry], style: Style, rng: random.Random, *, path: str) -> Table:
    """One account's own statement with money out and money in in two columns."""
    fields, headers, lines = _own_statement(world, entries, DEBIT_CREDIT, style, rng)
    headers["debit"], headers["credit"] = rng.choice(_DC_PAIRS)
    empty: Cell = rng.choice(("", 0, "-", "--"))
    kept = [entry for entry in entries if entry.transfer.status != "failed"]
    for line, entry in zip(lines, kept, strict=True):
        direction, amount = _printed(entry, style)
        line.cells["debit" if direction == "out" else "credit"] = amount
        line.cells["credit" if direction == "out" else "debit"] = empty
    table = Table(path=path, layout="debit_credit", fields=fields, headers=headers, lines=lines)
    write_cells(table, style)
    return table
