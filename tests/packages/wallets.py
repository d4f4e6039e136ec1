"""What payment companies send: WeChat Pay and Alipay details, and lists that name payer and payee in every row."""

import random
from collections.abc import Sequence

from tests.packages.banks import tell_of, view_of
from tests.packages.style import Style, write_cells
from tests.packages.table import Cell, Line, Table, Tell
from tests.packages.world import Entry, Transfer, World

WECHAT: dict[str, str] = {
    "own_number": "用户ID",
    "serial": "交易单号",
    "big_serial": "大单号",
    "own_name": "用户侧账号名称",
    "dir": "借贷类型",
    "type": "交易业务类型",
    "use": "交易用途类型",
    "time": "交易时间",
    "amount": "交易金额(分)",
    "balance": "账户余额(分)",
    "own_bank_card": "用户银行卡号",
    "own_union": "用户侧网银联单号",
    "union": "网联/银联",
    "third": "第三方账户名称",
    "cp_no": "对手方ID",
    "cp_name": "对手侧账户名称",
    "cp_bank_card": "对手方银行卡号",
    "cp_bank": "对手侧银行名称",
    "cp_union": "对手侧网银联单号",
    "received_at": "对手方接收时间",
    "received": "对手方接收金额(分)",
    "note": "备注1",
    "note2": "备注2",
}
ALIPAY: dict[str, str] = {
    "serial": "交易号",
    "order": "商户订单号",
    "time": "交易创建时间",
    "paid_at": "付款时间",
    "changed_at": "最近修改时间",
    "place": "交易来源地",
    "type": "类型",
    "own_number": "用户信息",
    "cp_no": "交易对方信息",
    "summary": "消费名称",
    "amount": "金额（元）",
    "dir": "收/支",
    "ok": "交易状态",
    "note": "备注",
    "basis": "对应的协查数据",
}
ALIPAY_TRANSFERS: dict[str, str] = {
    "serial": "交易号",
    "payer_no": "付款方支付宝账号",
    "payee_no": "收款方支付宝账号",
    "payee_bank": "收款机构信息",
    "time": "到账时间",
    "amount": "转账金额（元）",
    "type": "转账产品名称",
    "place": "交易发生地",
    "order": "提现流水号",
    "basis": "对应的协查数据",
}
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "line_no": ("序号",),
    "order": ("支付订单号", "订单号"),
    "time": ("交易时间", "支付时间"),
    "currency": ("币种",),
    "amount": ("交易金额", "支付金额"),
    "payer_no": ("付款方账号", "付款账号", "付款方银行卡号"),
    "payer_name": ("付款方户名", "付款人名称"),
    "payer_bank": ("付款方开户行",),
    "payee_no": ("收款方账号", "收款账号", "收款方银行卡号"),
    "payee_name": ("收款方户名", "收款人名称"),
    "payee_bank": ("收款方开户行",),
    "ok": ("交易状态", "订单状态"),
}


def wechat(world: World, entries: Sequence[Entry], style: Style, rng: random.Random, *, path: str) -> Table:
    """TenpayTrades: tab-separated, fen, 入 and 出."""
    lines = []
    for entry in entries:
        if entry.transfer.status == "failed":
            continue
        me = world.accounts[entry.account]
        other = world.accounts[entry.counterparty] if entry.counterparty is not None else None
        topup = entry.transfer.kind == "topup"
        reversed_here = entry.transfer.status == "reversal"
        incoming = (entry.side == "in") != reversed_here
        cells: dict[str, Cell] = {
            "own_number": me.number,
            "serial": entry.serial,
            "big_serial": "",
            "own_name": me.holder,
            "dir": "入" if incoming else "出",
            "type": "冲正" if reversed_here else "充值" if topup else "转账",
            "use": "冲正" if reversed_here else rng.choice(("微信转账", "微信红包", "二维码收付款")),
            "time": entry.at_s,
            "amount": str(entry.transfer.fen),
            "balance": str(entry.balance_fen),
            "cp_no": other.number if other and not topup else "",
            "cp_name": other.holder if other and not topup else "",
            "received": str(entry.transfer.fen),
            "own_bank_card": other.face if other and topup else "",
            "note": style.reversal_word if reversed_here else rng.choice(("", "测试备注")),
        }
        lines.append(Line(kind="data", cells=cells, tell=tell_of(world, entry)))
    fields = [
        name
        for name in WECHAT
        if name in ("own_number", "dir", "time", "amount", "cp_no", "serial", "use") or rng.random() < 0.9
    ]
    table = Table(path=path, layout="wechat", fields=fields, headers=dict(WECHAT), lines=lines, ending="txt")
    write_cells(table, style)
    return table


def alipay(world: World, entries: Sequence[Entry], style: Style, rng: random.Random, *, path: str) -> Table:
    """账户明细: both parties as number(name), no balance."""
    lines = []
    for entry in entries:
        if entry.transfer.status in ("void", "reversal"):
            continue  # Alipay closes such orders before they are details
        me = world.accounts[entry.account]
        other = world.accounts[entry.counterparty] if entry.counterparty is not None else None
        failed = entry.transfer.status == "failed"
        cells: dict[str, Cell] = {
            "serial": entry.serial,
            "order": "",
            "time": entry.at_s,
            "type": "充值-普通充值" if entry.transfer.kind == "topup" else "即时到账交易",
            "own_number": f"{me.number}({me.holder})",
            "cp_no": f"{other.number}({other.holder})" if other and entry.transfer.kind != "topup" else "",
            "summary": rng.choice(("转账", "收钱码收款", "测试商品")),
            "amount": entry.transfer.fen,
            "dir": "收入" if entry.side == "in" else "支出",
            "ok": "交易关闭" if failed else rng.choice(("交易成功", "交易成功", "TRADE_SUCCESS")),
            "basis": f"{me.number}",
        }
        lines.append(Line(kind="data", cells=cells, tell=tell_of(world, entry)))
    table = Table(path=path, layout="alipay", fields=list(ALIPAY), headers=dict(ALIPAY), lines=lines)
    write_cells(table, style)
    return table


def both_sided(world: World, transfer: Transfer, at_s: int) -> Tell:
    """What a row tells that names payer and payee by itself."""
    assert transfer.payer is not None and transfer.payee is not None
    return Tell(
        transfer=transfer.id,
        side="both",
        account=None,
        payer=view_of(world.accounts[transfer.payer]),
        payee=view_of(world.accounts[transfer.payee]),
        at_s=at_s,
        fate={"ok": "row", "failed": "failed", "void": "void", "reversal": "void"}[transfer.status],  # type: ignore[arg-type]
    )


def third_party(world: World, transfers: Sequence[Transfer], style: Style, rng: random.Random, *, path: str) -> Table:
    """A clearing company's list: order, payer, payee, fen, state."""
    lines = []
    for place, transfer in enumerate(transfers):
        tell = both_sided(world, transfer, transfer.at_s)
        payer, payee = world.accounts[transfer.payer or 0], world.accounts[transfer.payee or 0]
        cells: dict[str, Cell] = {
            "line_no": str(place + 1),
            "order": f"8{transfer.id:020d}",
            "time": transfer.at_s,
            "currency": "CNY",
            "amount": transfer.fen,
            "payer_no": payer.face,
            "payer_name": payer.holder,
            "payer_bank": payer.institution.name,
            "payee_no": payee.face,
            "payee_name": payee.holder,
            "payee_bank": payee.institution.name,
            "ok": "failed" if transfer.status == "failed" else "ok",
        }
        lines.append(Line(kind="data", cells=cells, tell=tell))
    headers = {name: rng.choice(words) for name, words in THIRD_PARTY.items()}
    table = Table(path=path, layout="third_party", fields=list(THIRD_PARTY), headers=headers, lines=lines)
    write_cells(table, style)
    return table


def alipay_transfers(world: World, transfers: Sequence[Transfer], style: Style, *, path: str) -> Table:
    """转账明细: payer and payee in every row."""
    lines = []
    for transfer in transfers:
        tell = both_sided(world, transfer, transfer.at_s)
        cells: dict[str, Cell] = {
            "serial": f"1000{transfer.at_s}{transfer.id:010d}",
            "payer_no": world.accounts[transfer.payer or 0].number,
            "payee_no": world.accounts[transfer.payee or 0].number,
            "time": transfer.at_s,
            "amount": transfer.fen,
            "type": "转账到支付宝账户",
        }
        lines.append(Line(kind="data", cells=cells, tell=tell))
    table = Table(
        path=path, layout="alipay_transfers", fields=list(ALIPAY_TRANSFERS), headers=dict(ALIPAY_TRANSFERS), lines=lines
    )
    write_cells(table, style)
    return table
