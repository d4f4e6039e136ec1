"""Synthetic reports with their truth: statements, notes, messages, slips and chats, in hundreds of forms, some dirty.

Nobody here exists: cards begin with 999999, phones with 12, names with 测试 or are those of nobody (`domain.md` 3.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.identifiers.bank_card import luhn
from fanzha.records.reports.judging import TruePayment, Truth

TOLD_AT = datetime(2026, 11, 22, 14, 30, tzinfo=SHANGHAI)
DIGITS = "零一二三四五六七八九"
FINANCIAL = "零壹贰叁肆伍陆柒捌玖"
BANKS = (
    ("工商银行", "icbc"),
    ("工行", "icbc"),
    ("农行", "abc"),
    ("中国农业银行", "abc"),
    ("中国银行", "boc"),
    ("建行", "ccb"),
    ("建设银行", "ccb"),
    ("交通银行", "bocom"),
    ("邮储银行", "psbc"),
    ("招行", "cmb"),
    ("民生银行", "cmbc"),
    ("平安银行", "pab"),
    ("兴业银行", "cib"),
    ("光大银行", "ceb"),
    ("浦发银行", "spdb"),
)
NAMES = ("测试甲", "测试乙", "测试丙", "测试丁", "张三", "李四", "王五", "赵六", "钱七", "孙八", "周九", "吴十")


@dataclass(frozen=True, slots=True)
class Told:
    """A text and what is true of it."""

    text: str
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one payment is made of."""

    yuan: int
    card: str
    name: str
    bank: str
    bank_id: str
    at: datetime


def in_words(
    yuan: int, digits: str = DIGITS, units: tuple[str, ...] = ("", "十", "百", "千"), large: str = "万"
) -> str:
    """A whole number below a hundred million as Chinese says it."""
    high, low = divmod(yuan, 10_000)
    if high:
        rest = "" if not low else ("" if low >= 1000 else digits[0]) + in_words(low, digits, units, large)
        return in_words(high, digits, units, large) + large + rest
    said, gap = "", False
    for place in (3, 2, 1, 0):
        figure = yuan // 10**place % 10
        if figure:
            said += (digits[0] if gap and said else "") + digits[figure] + units[place]
            gap = False
        else:
            gap = True
    return said.removeprefix("一") if said.startswith("一十") else said


def financial(yuan: int) -> str:
    """As cheques write it."""
    return in_words(yuan, FINANCIAL, ("", "拾", "佰", "仟")) + "元整"


def amounts(yuan: int) -> list[str]:
    """Every way in which this generator writes an amount."""
    forms = [
        f"{yuan}元",
        f"{yuan:,}元",
        f"{yuan:,}.00元",
        f"人民币{yuan}元",
        f"￥{yuan:,}.00",
        f"¥{yuan}",
        f"{yuan}块钱",
        f"{yuan} 元",
        in_words(yuan) + "元",
        *([in_words(yuan) + "块"] if yuan > 1 else []),
        financial(yuan),
        f"RMB{yuan}",
        wide(f"{yuan}元"),
    ]
    if yuan % 1000 == 0 and yuan >= 10_000:
        short = f"{yuan / 10_000:g}"
        forms += [f"{short}万", f"{short}万元", f"{short}w", in_words(yuan), in_words(yuan) + "元钱"]
    if yuan % 1000 == 0 and yuan >= 10_000 and yuan // 1000 % 10:
        forms += [f"{yuan // 10_000}万{yuan // 1000 % 10}", f"{yuan // 10_000}万{yuan // 1000 % 10}千元"]
        forms += [in_words(yuan).removesuffix("千")]
    return forms


def wide(text: str) -> str:
    """In full-width digits."""
    return "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in text)


def cards(card: str) -> list[tuple[str, str]]:
    """Ways of writing a card, each with what can be read from it."""
    grouped = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    return [
        (card, card),
        (grouped, card),
        (grouped.replace(" ", "-"), card),
        (wide(card), card),
        (f"{card[:4]}****{card[-4:]}", f"{card[:4]}*{card[-4:]}"),
        (f"{card[:6]}******{card[-4:]}", f"{card[:6]}*{card[-4:]}"),
    ]


def times(at: datetime) -> list[str]:
    """Ways of telling a time of today or yesterday."""
    day, now = at.date(), TOLD_AT.date()
    clock, spoken = f"{at:%H:%M}", f"{at.hour}点{at.minute}分"
    forms = [
        f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute}分",
        f"{at:%Y-%m-%d %H:%M:%S}",
        f"{at:%Y/%m/%d} {clock}",
        f"{at.month}月{at.day}日{clock}",
        f"{at.month}月{at.day}号{spoken}",
        f"{at.month}月{at.day}日{at.hour}时许",
    ]
    word = "今天" if day == now else "昨天"
    forms += [f"{word}{clock}", f"{word}{spoken}左右"]
    if at.hour >= 12:
        forms += [f"{word}下午{at.hour - 12}点{at.minute}分" if 13 <= at.hour < 18 else f"{word}{spoken}"]
    if 8 <= at.hour < 12:
        forms += [f"{word}上午{in_words(at.hour)}点多", f"{word}上午{at.hour}点{at.minute}分"]
    if at.hour >= 19 and day != now:
        forms += [f"昨晚{at.hour - 12}点{at.minute}分", f"昨晚{in_words(at.hour - 12)}点{at.minute}"]
    return forms


Template = Callable[[Random, Facts, str, tuple[str, str], str], Told]


def one(facts: Facts, text: str, account: str, *, name: bool = True, bank: bool = True, at: bool = True) -> Told:
    """A text with one payment."""
    payment = TruePayment(
        amount_fen=facts.yuan * 100,
        payee_account=account,
        payee_name=facts.name if name else "",
        payee_bank=facts.bank_id if bank else "",
        at=facts.at if at else None,
    )
    return Told(text, Truth(payments=(payment,), contacts={}, scam_type=None))


PLAIN = (
    "{t}，我通过手机银行向{n}的{b}账户{c}转账{a}。",
    "{t}我被骗了，转了{a}到{b}卡上，卡号{c}，户名{n}。",
    "报警人称：{t}，其被他人诈骗，向{b}账户（户名：{n}，账号：{c}）转账{a}。",
    "我于{t}把{a}汇到对方提供的账户，收款人{n}，开户行{b}，账号{c}，请帮我止付",
    "{t}对方让我把钱转到{n}（{b}，{c}），我转了{a}过去",
    "{t}，受害人通过网银转账{a}至{n}{b}卡{c}。",
    "骗子给的卡号是{c}，{b}，名字叫{n}。{t}我打了{a}过去。",
    "我{t}给{n}汇款{a}，{b}，卡号：{c}，后来发现被拉黑。",
    "我用我的银行卡（尾号0001）在{t}转出{a}，转到{b}{c}，收款人：{n}",
    "卡号{c} {n} {b}，{t}转的{a}",
    "{t},被骗{a},对方账户{c},{b},户名:{n}",
    "事主{t}在家中被冒充客服的人骗走{a}，款项转入{n}名下的{b}卡（{c}）",
    "对方账号：{c}\n户名：{n}\n银行：{b}\n金额：{a}\n时间：{t}",
    "收款人：{n}\n收款账号：{c}\n收款银行：{b}\n转账金额：{a}\n交易时间：{t}\n流水号：202611220000112233",
    "交易时间 {t} 收款户名 {n} 收款账号 {c} 收款行 {b} 交易金额 {a} 状态 交易成功",
    "（转账凭证）付款人：测试戊 付款账号：6217****0001 收款人：{n} 收款账号：{c} 收款开户行：{b} 金额：{a} 日期：{t}",
    "我要报警！{t}有人冒充我领导，让我给{n}转{a}，我就转了，账号是{c}，{b}的。",
    "本人{t}扫码后被引导向{n}（{b}卡号{c}）付款{a}，对方还要求再转2万元，我没有转。",
    "{t}先收到对方返利88元，然后我向{c}（{n}，{b}）转了{a}。余额只剩12.5元。",
    "我身份证号99000019900101001X，电话12100000022，{t}向{b}{n}的卡{c}转账{a}",
)
PARTLY = (
    ("【建设银行】您尾号0001的储蓄卡{t}向{n}转账支出人民币{y}元，活期余额3.21元。", True, False, True),
    ("【农业银行】您尾号0001账户于{t}完成转支交易，金额-{y}，余额36.20。", False, False, True),
    ("您账户*0001于{t}支付人民币{y}（抖音支付），余额0.02。[招商银行]", False, False, True),
    ("{t}我扫码付了{a}，验证码是338811，客服电话4001230000。", False, False, True),
    ("{t}我转了{a}给{n}，{b}的，卡号没记。", True, True, True),
    ("我给骗子转了{a}，他叫{n}，{b}", True, True, False),
    ("我被骗了{a}，收款方是{n}", True, False, False),
    ("{t} 我：已转{a}", False, False, True),
)
SEVERAL = (
    "{t}，我先后向{n}的{b}卡{c}转账{a}、{a2}、{a3}，共{s}元。",
    "{t}，我分三次转给{n}（{b}，账号{c}）：第一次{a}，第二次{a2}，第三次{a3}，总计{s}元。",
    "{t}我往{n}{b}卡{c}里打了{a}，后来又转了{a2}，最后一次转了{a3}。",
    "受害人{t}分别转账{a}、{a2}和{a3}到同一账户（{c}，户名{n}，{b}），损失共计{s}元",
)


def facts(random: Random) -> Facts:
    """What one payment is made of, by chance."""
    yuan = random.choice(
        (random.randrange(1, 90) * 1000, random.randrange(100, 99_999), random.randrange(1, 300) * 5000)
    )
    body = "999999" + "".join(random.choice("0123456789") for _ in range(random.choice((9, 12))))
    bank, bank_id = random.choice(BANKS)
    at = TOLD_AT - timedelta(minutes=random.randrange(35, 28 * 60))
    return Facts(
        yuan=yuan,
        card=next(f"{body}{each}" for each in "0123456789" if luhn(f"{body}{each}")),
        name=random.choice(NAMES),
        bank=bank,
        bank_id=bank_id,
        at=at,
    )


def narratives(count: int, seed: int = 5) -> Iterator[Told]:
    """So many texts, the same for a seed; every template comes in turn."""
    random = Random(seed)
    templates = (*PLAIN, *PARTLY, *SEVERAL)
    for number in range(count):
        template = templates[number % len(templates)]
        told = facts(random)
        if isinstance(template, tuple):
            yield _partly(random, template, told)
        elif template in SEVERAL:
            yield _several(random, template, told)
        else:
            written, read = random.choice(cards(told.card))
            words = {"t": random.choice(times(told.at)), "n": told.name, "b": told.bank, "c": written}
            yield one(told, template.format(**words, a=random.choice(amounts(told.yuan))), read)


def _partly(random: Random, template: tuple[str, bool, bool, bool], told: Facts) -> Told:
    text, name, bank, at = template
    words = {"t": random.choice(times(told.at)), "n": told.name, "b": told.bank, "y": f"{told.yuan:,}.00"}
    return one(told, text.format(**words, a=random.choice(amounts(told.yuan))), "", name=name, bank=bank, at=at)


def _several(random: Random, template: str, told: Facts) -> Told:
    written, read = random.choice(cards(told.card))
    yuan = [told.yuan, random.randrange(1, 60) * 1000, random.randrange(500, 9000)]
    form = random.randrange(11)
    a, a2, a3 = (amounts(each)[form] for each in yuan)
    words = {"t": random.choice(times(told.at)), "n": told.name, "b": told.bank, "c": written, "s": sum(yuan)}
    payments = tuple(
        TruePayment(
            amount_fen=each * 100, payee_account=read, payee_name=told.name, payee_bank=told.bank_id, at=told.at
        )
        for each in yuan
    )
    truth = Truth(payments=payments, contacts={}, scam_type=None)
    return Told(template.format(**words, a=a, a2=a2, a3=a3), truth)
