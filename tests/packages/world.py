"""A seeded laundering case: accounts, transfers, and each account's ledger by its own bank's clock."""

import random
from dataclasses import dataclass, field
from typing import Literal

from tests.packages import identity

Kind = Literal["transfer", "cash_out", "cash_in", "merchant", "fee", "interest", "reversal", "self", "topup"]
Status = Literal["ok", "failed", "void", "reversal"]
Side = Literal["out", "in"]
Network = Literal["bank", "wechat", "alipay", "merchant"]

DAY_S = 86_400
START_S = 1_709_222_400  # 2024-03-01 00:00 in Shanghai


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A bank or wallet company with a clock that is wrong by `skew_s`."""

    name: str
    network: Network
    skew_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with every number it is known under; `own` when its statement may be in the package."""

    index: int
    institution: Institution
    holder: str
    document: str
    card: str | None
    number: str | None
    level: int
    own: bool

    @property
    def identifiers(self) -> frozenset[str]:
        """All numbers of the account."""
        return frozenset(value for value in (self.card, self.number) if value)

    @property
    def face(self) -> str:
        """The number that strangers know it by."""
        value = self.card or self.number
        assert value is not None
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What really happened once: fen from payer to payee at a true second (Shanghai wall seconds since 1970)."""

    id: int
    at_s: int
    payer: int | None
    payee: int | None
    fen: int
    kind: Kind
    status: Status
    reverses: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of an account's own ledger; `at_s` by the bank's clock, balance after it."""

    transfer: Transfer
    account: int
    side: Side
    at_s: int
    balance_fen: int
    serial: str
    counterparty: int | None


@dataclass(slots=True, kw_only=True)
class World:
    """The whole case with truth nobody's file shows at once."""

    seed: int
    accounts: list[Account]
    transfers: list[Transfer]
    ledgers: dict[int, list[Entry]] = field(default_factory=dict)


def make_world(seed: int, *, own_accounts: int = 18, transfers: int = 900, days: int = 12) -> World:
    """The case of a seed; equal seeds give equal worlds."""
    rng = random.Random(seed)
    accounts = _accounts(rng, own_accounts)
    made = _transfers(rng, accounts, wanted=transfers, days=days)
    world = World(seed=seed, accounts=accounts, transfers=made)
    for account in accounts:
        if account.own:
            world.ledgers[account.index] = _ledger(rng, account, world)
    return world


def _accounts(rng: random.Random, own: int) -> list[Account]:
    banks = [Institution(name=f"测试银行{mark}", network="bank", skew_s=rng.randint(-90, 90)) for mark in "甲乙丙丁戊"]
    wechat = Institution(name="财付通", network="wechat", skew_s=rng.randint(-5, 5))
    alipay = Institution(name="支付宝", network="alipay", skew_s=rng.randint(-5, 5))
    shops = Institution(name="测试收单机构", network="merchant", skew_s=0)
    accounts: list[Account] = []
    documents: dict[int, str] = {}  # several accounts of one person show one ID and stay several accounts

    def add(institution: Institution, *, person: int, level: int, is_own: bool) -> None:
        card, number = _numbers(rng, institution)
        accounts.append(
            Account(
                index=len(accounts),
                institution=institution,
                holder=identity.person_name(person) if institution is not shops else f"测试商户{person}号",
                document=documents.setdefault(person, identity.citizen_id(rng)),
                card=card,
                number=number,
                level=level,
                own=is_own,
            )
        )

    for person in range(own):
        place = rng.choices([*banks, wechat, alipay], weights=[4, 4, 3, 3, 3, 3, 2])[0]
        add(place, person=person if person % 6 else max(0, person - 1), level=1 + person % 5, is_own=True)
    for person in range(own, own + 5):  # victims: strangers whose statements nobody asked for
        add(rng.choice(banks), person=person, level=0, is_own=False)
    for person in range(own + 5, own + 40):  # third parties
        add(
            rng.choices([*banks, wechat, alipay], weights=[3, 3, 3, 3, 3, 2, 2])[0],
            person=person,
            level=6,
            is_own=False,
        )
    for person in range(6):
        add(shops, person=person + 1, level=7, is_own=False)
    return accounts


def _numbers(rng: random.Random, institution: Institution) -> tuple[str | None, str | None]:
    if institution.network == "wechat":
        return None, identity.wechat_id(rng)
    if institution.network == "alipay":
        return None, identity.alipay_id(rng)
    if institution.network == "merchant":
        return None, identity.account_number(rng, length=15)
    card = identity.card(rng, length=rng.choice((16, 19, 19)))
    number = identity.account_number(rng, length=rng.choice((12, 15, 17, 21)))
    return (card, number) if rng.random() < 0.8 else (None, number)


def _can_pay(a: Account, b: Account) -> bool:
    networks = (a.institution.network, b.institution.network)
    return "bank" == networks[0] == networks[1] or networks[0] == networks[1] != "merchant"


def _amount(rng: random.Random) -> int:
    style = rng.random()
    if style < 0.35:
        return rng.choice((50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 4_999_900))
    if style < 0.45:
        return rng.randint(1, 999)
    return rng.randint(1_000, 5_000_000)


class _Maker:
    def __init__(self, rng: random.Random, accounts: list[Account], days: int) -> None:
        self.rng, self.accounts, self.days = rng, accounts, days
        self.made: list[Transfer] = []

    def time(self) -> int:
        return START_S + self.rng.randrange(self.days) * DAY_S + self.rng.randrange(600, DAY_S - 600)

    def add(self, *, at_s: int, payer: int | None, payee: int | None, fen: int, kind: Kind, status: Status = "ok",
            reverses: int | None = None) -> Transfer:  # fmt: skip
        transfer = Transfer(id=len(self.made), at_s=at_s, payer=payer, payee=payee, fen=fen, kind=kind, status=status,
                            reverses=reverses)  # fmt: skip
        self.made.append(transfer)
        return transfer

    def ordinary(self, payer: Account, payee: Account) -> None:
        """One payment, sometimes repeated equally within seconds, sometimes failed first, sometimes taken back."""
        rng, at_s, fen = self.rng, self.time(), _amount(self.rng)
        ends = {"payer": payer.index, "payee": payee.index, "fen": fen, "kind": "transfer"}
        if rng.random() < 0.05:
            self.add(at_s=at_s - rng.randint(20, 400), status="failed", **ends)  # type: ignore[arg-type]
        if rng.random() < 0.025:
            first = self.add(at_s=at_s, status="void", **ends)  # type: ignore[arg-type]
            back = {**ends, "kind": "reversal"}
            self.add(at_s=at_s + rng.randint(2, 900), status="reversal", reverses=first.id, **back)  # type: ignore[arg-type]
            return
        repeats = rng.choices((1, 2, 3, 5), weights=(88, 6, 4, 2))[0]
        gap = rng.choice((0, 0, 1, 7, 30))
        for turn in range(repeats):
            self.add(at_s=at_s + turn * gap, **ends)  # type: ignore[arg-type]

    def lonely(self, account: Account, shops: list[Account]) -> None:
        """Cash, fees, interest and shops: one side of the money is not an account we could ask for."""
        rng, at_s, me = self.rng, self.time(), account.index
        kind = rng.choices(("cash_out", "cash_in", "merchant", "fee", "interest"), weights=(4, 2, 5, 2, 1))[0]
        if kind == "cash_out":
            for turn in range(rng.choice((1, 1, 3, 4))):
                self.add(at_s=at_s + turn * 45, payer=me, payee=None, fen=rng.randint(1, 50) * 10_000, kind="cash_out")
        elif kind == "cash_in":
            self.add(at_s=at_s, payer=None, payee=me, fen=rng.randint(1, 200) * 10_000, kind="cash_in")
        elif kind == "merchant":
            self.add(at_s=at_s, payer=me, payee=rng.choice(shops).index, fen=rng.randint(100, 900_000), kind="merchant")
        elif kind == "fee":
            self.add(at_s=at_s, payer=me, payee=None, fen=rng.choice((100, 200, 550, 2_500)), kind="fee")
        else:
            self.add(at_s=at_s, payer=None, payee=me, fen=rng.randint(1, 9_999), kind="interest")


def _transfers(rng: random.Random, accounts: list[Account], *, wanted: int, days: int) -> list[Transfer]:
    maker = _Maker(rng, accounts, days)
    own = [account for account in accounts if account.own]
    shops = [account for account in accounts if account.institution.network == "merchant"]
    others = [account for account in accounts if not account.own and account not in shops]
    wallets = [account.index for account in own if account.institution.network in ("wechat", "alipay")]
    while len(maker.made) < wanted:
        me, roll = rng.choice(own), rng.random()
        if 0.70 < roll < 0.72 and wallets and me.institution.network == "bank":
            maker.add(at_s=maker.time(), payer=me.index, payee=rng.choice(wallets), fen=_amount(rng), kind="topup")
            continue
        if roll < 0.015 and me.institution.network == "bank":
            maker.add(at_s=maker.time(), payer=me.index, payee=me.index, fen=_amount(rng), kind="self")
            continue
        if roll < 0.25:
            lonely = (
                me
                if me.institution.network == "bank"
                else rng.choice([a for a in own if a.institution.network == "bank"])
            )
            maker.lonely(lonely, shops)
            continue
        pool = own if roll < 0.72 else others
        peers = [peer for peer in pool if peer.index != me.index and _can_pay(me, peer)]
        if not peers:
            continue
        peer = rng.choice(peers)
        payer, payee = (me, peer) if pool is own or rng.random() < 0.5 else (peer, me)
        maker.ordinary(payer, payee)
    return maker.made


def _ledger(rng: random.Random, account: Account, world: World) -> list[Entry]:
    rows: list[tuple[int, int, Transfer, Side]] = []
    for transfer in world.transfers:
        if transfer.payer == account.index:
            rows.append((transfer.at_s + account.institution.skew_s, transfer.id, transfer, "out"))
        if transfer.payee == account.index and transfer.status != "failed":
            lag = transfer.id * 7 % 4  # the payee's bank books a few seconds later
            rows.append((transfer.at_s + lag + account.institution.skew_s, transfer.id, transfer, "in"))
    rows.sort(key=lambda row: row[:2])
    signed = [effect(transfer, side) for _, _, transfer, side in rows]
    lowest = running = 0
    for fen in signed:
        running += fen
        lowest = min(lowest, running)
    balance = -lowest + rng.choice((0, 0, 37, 1_250, 88_800))
    entries = []
    for (at_s, _, transfer, side), fen in zip(rows, signed, strict=True):
        balance += fen
        other = transfer.payee if side == "out" else transfer.payer
        serial = _serial(account.institution, transfer)
        entries.append(
            Entry(
                transfer=transfer,
                account=account.index,
                side=side,
                at_s=at_s,
                balance_fen=balance,
                serial=serial,
                counterparty=other,
            )
        )
    return entries


def _serial(institution: Institution, transfer: Transfer) -> str:
    """The institution's own serial: equal in both tellings only when both parties bank there."""
    if institution.network in ("wechat", "alipay"):
        return f"1000{transfer.at_s}{transfer.id:010d}"
    return f"{institution.name[-1].encode('gb18030').hex()}{transfer.at_s}{transfer.id:06d}".upper()


def effect(transfer: Transfer, side: Side) -> int:
    """Signed fen that the row moves on the ledger of the account on `side`."""
    if transfer.status == "failed":
        return 0
    sign = 1 if side == "in" else -1
    return -sign * transfer.fen if transfer.status == "reversal" else sign * transfer.fen
