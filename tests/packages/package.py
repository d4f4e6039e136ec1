"""A case's package as it arrives: several hands, overlapping exports, both parties' files, dirt, and its truth."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.packages import banks, style, times, truth, wallets, writers
from tests.packages.dirt import (
    broken,
    fullwidth,
    glued,
    masked,
    missing,
    numeric,
    rounded,
    serials,
    shuffled,
    strange,
    structure,
    subaccounts,
    wrapped,
)
from tests.packages.table import Ending, Line, Table, Tell
from tests.packages.world import DAY_S, START_S, Account, Entry, World, make_world

ENDINGS: tuple[Ending, ...] = ("csv", "csv", "csv", "xlsx", "xlsx", "txt", "tsv", "xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """How dirty: the chance of each kind a cell, a row or a file."""

    glued: float = 0.03
    fullwidth: float = 0.01
    masked: float = 0.03
    missing: float = 0.04
    rounded: float = 0.02
    broken: float = 0.006
    shuffled: float = 0.5
    junk_serials: float = 0.1
    blanks: float = 0.02
    totals: float = 0.5
    pages: float = 0.25
    truncated: float = 0.15
    numeric: float = 0.4
    day_only: float = 0.06
    twins: float = 0.12
    nested: float = 0.5
    strange: float = 0.004
    subaccounts: float = 0.1
    wrapped: float = 0.02
    second_sheet: float = 0.2


NASTY = Dirt(
    glued=0.1,
    fullwidth=0.05,
    masked=0.12,
    missing=0.12,
    rounded=0.08,
    broken=0.02,
    shuffled=1.0,
    junk_serials=0.4,
    truncated=0.4,
    day_only=0.2,
    strange=0.02,
    subaccounts=0.3,
    wrapped=0.05,
)
CLEAN = Dirt(**dict.fromkeys(Dirt.__dataclass_fields__, 0.0))


@dataclass(slots=True, kw_only=True)
class Package:
    """Files by path under one folder, and what they say."""

    files: dict[str, bytes]
    truth: truth.Truth

    def save(self, folder: Path) -> None:
        """Write the files under `folder`/files and the truth beside them."""
        for name, body in self.files.items():
            path = folder / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        self.truth.save(folder / "truth.json")


@dataclass(slots=True)
class _Making:
    world: World
    rng: random.Random
    dirt: Dirt
    endings: tuple[Ending, ...]
    tables: list[Table] = field(default_factory=list)
    tellings: list[truth.Telling] = field(default_factory=list)
    rows: list[truth.RowTruth] = field(default_factory=list)


def make_package(
    seed: int, *, dirt: Dirt | None = None, endings: tuple[Ending, ...] = ENDINGS, transfers: int = 900
) -> Package:
    """The package of a seed; equal arguments give equal bytes (XLSX time stamps aside)."""
    world = make_world(seed, transfers=transfers)
    making = _Making(world=world, rng=random.Random(seed * 7919 + 1), dirt=dirt or Dirt(), endings=endings)
    _statements(making)
    _both_sided_lists(making)
    _registers(making)
    return _bundle(making, seed)


def _window(rng: random.Random, entries: Sequence[Entry], *, days: int = 12) -> list[Entry]:
    """The entries of a date range that starts and ends at midnights by the bank's clock."""
    first, last = rng.choice((0, 0, 0, 2, 5)), rng.choice((days + 1, days + 1, days - 2, days - 5))
    low, high = START_S + first * DAY_S, START_S + last * DAY_S
    return [entry for entry in entries if (low <= entry.at_s or first == 0) and entry.at_s < high]


def _statements(making: _Making) -> None:
    world, rng = making.world, making.rng
    asked = [
        account for account in world.accounts if account.own and world.ledgers[account.index] and rng.random() < 0.85
    ]
    by_bank: dict[str, list[Account]] = {}
    for account in asked:
        by_bank.setdefault(account.institution.name, []).append(account)
    for name, accounts in by_bank.items():
        network = accounts[0].institution.network
        if network == "bank" and rng.random() < 0.5:
            _statement(making, accounts, "feedback", f"{name}/{name}交易明细信息")
            again = [account for account in accounts if rng.random() < 0.3]
        else:
            if network == "bank" and len(accounts) > 1 and rng.random() < 0.3:
                _stacked(making, accounts[:2], rng.choice(("signed", "debit_credit")), f"{name}/{name}打印流水")
                del accounts[:2]
            for account in accounts:
                layout = network if network != "bank" else rng.choice(("feedback", "signed", "debit_credit"))
                _statement(making, [account], layout, f"{name}/{_stem(account, layout)}")
            again = [account for account in accounts if rng.random() < 0.25]
        for account in again:  # asked twice: another range, another hand
            layout = network if network != "bank" else rng.choice(("feedback", "signed", "debit_credit"))
            _statement(making, [account], layout, f"补充/{_stem(account, layout)}_2")


def _stem(account: Account, layout: str) -> str:
    tail = account.face[-4:]
    return {"wechat": f"{tail}_TenpayTrades", "alipay": f"{tail}_账户明细"}.get(layout, f"{tail}_{account.holder}_流水")


def _statement(making: _Making, accounts: Sequence[Account], layout: str, stem: str) -> None:
    rng, world, dirt = making.rng, making.world, making.dirt
    hand = style.draw(rng, time_formats=("day", "day_digits") if rng.random() < dirt.day_only else ())
    entries: list[Entry] = []
    for account in accounts:
        part = _window(rng, world.ledgers[account.index])
        entries += part[::-1] if hand.newest_first else part
    if not entries:
        return
    make = {"feedback": banks.feedback, "signed": banks.signed, "debit_credit": banks.debit_credit,
            "wechat": wallets.wechat, "alipay": wallets.alipay}[layout]  # fmt: skip
    if layout in ("wechat", "alipay"):
        hand = _wallet_hand(rng, hand, layout)
    ending: Ending = "txt" if layout == "wechat" and rng.random() < 0.7 else rng.choice(making.endings)
    table = make(world, entries, hand, rng, path=f"{stem}.{ending}")
    table.ending = ending
    table.encoding = hand.encoding
    table.institution = accounts[0].institution.name
    _finish(making, table, accounts[0] if layout in ("signed", "debit_credit") else None)


def _stacked(making: _Making, accounts: Sequence[Account], layout: str, stem: str) -> None:
    """Two accounts printed one below the other in one file, each under its own title and header."""
    rng, world = making.rng, making.world
    hand = style.draw(rng)
    make = {"signed": banks.signed, "debit_credit": banks.debit_credit}[layout]
    ending = rng.choice(making.endings)
    tables = [make(world, world.ledgers[a.index], hand, rng, path=f"{stem}.{ending}") for a in accounts]
    whole = tables[0]
    for table, account in zip(tables, accounts, strict=True):
        table.ending, table.encoding, table.institution = ending, hand.encoding, account.institution.name
        table.fields, table.headers = whole.fields, whole.headers
        _spoil(making, table)
        structure.totals(table, rng, making.dirt.totals)
        table.lines.insert(0, structure.header(table))
        structure.preamble(table, rng, account)
    for table in tables[1:]:
        whole.lines += [Line(kind="blank"), *table.lines]
        whole.tags |= table.tags
    whole.tags |= {"stacked", f"layout:{layout}", f"ending:{ending}", f"encoding:{hand.encoding}"}
    making.tables.append(whole)


def _wallet_hand(rng: random.Random, hand: style.Style, layout: str) -> style.Style:
    hand = replace(
        hand, pair=None, out_negative=False, red_reversal=False, time=rng.choice(("iso", "slashes", "slashes0"))
    )
    return (
        replace(hand, money="fen")
        if layout == "wechat"
        else replace(hand, money="plain", encoding=rng.choice(("gb18030", "utf-8-sig")))
    )


def _both_sided_lists(making: _Making) -> None:
    world, rng = making.world, making.rng

    def between(network: str) -> list[int]:
        ids = []
        for transfer in world.transfers:
            if transfer.payer is None or transfer.payee is None or transfer.status not in ("ok", "failed"):
                continue
            if {
                world.accounts[transfer.payer].institution.network,
                world.accounts[transfer.payee].institution.network,
            } == {network}:
                ids.append(transfer.id)
        return ids

    for network, layout in (("bank", "third_party"), ("alipay", "alipay_transfers")):
        chosen = [i for i in between(network) if rng.random() < (0.08 if network == "bank" else 0.5)]
        transfers = sorted((world.transfers[i] for i in chosen), key=lambda transfer: transfer.at_s)
        if network == "alipay":
            transfers = [transfer for transfer in transfers if transfer.status == "ok"]
        if not transfers or rng.random() < 0.3:
            continue
        hand = style.draw(rng)
        ending = rng.choice(making.endings)
        if layout == "third_party":
            table = wallets.third_party(world, transfers, hand, rng, path=f"第三方/清算清单.{ending}")
        else:
            table = wallets.alipay_transfers(
                world, transfers, _wallet_hand(rng, hand, "alipay"), path=f"支付宝/转账明细.{ending}"
            )
        table.ending, table.encoding = ending, hand.encoding
        _finish(making, table, None)


def _spoil(making: _Making, table: Table) -> None:
    """Dirt in and between the rows."""
    rng, dirt = making.rng, making.dirt
    if table.layout != "alipay":
        masked.apply(table, rng, dirt.masked)
        missing.apply(table, rng, dirt.missing)
        rounded.apply(table, rng, dirt.rounded)
    shuffled.apply(table, rng, dirt.shuffled)
    strange.apply(table, rng, dirt.strange)
    subaccounts.apply(table, rng, dirt.subaccounts)
    wrapped.apply(table, rng, dirt.wrapped)
    serials.apply(table, rng, dirt.junk_serials)
    broken.apply(table, rng, dirt.broken)
    if rng.random() < dirt.numeric:
        numeric.apply(table, rng)
    fullwidth.apply(table, rng, dirt.fullwidth)
    glued.apply(table, rng, dirt.glued)


def _finish(making: _Making, table: Table, named_in_preamble: Account | None) -> None:
    """Dirt, surroundings and the place in the package."""
    rng, dirt = making.rng, making.dirt
    _spoil(making, table)
    structure.pages(table, rng, dirt.pages)
    structure.blanks(table, rng, dirt.blanks)
    structure.truncate(table, rng, dirt.truncated)
    if not table.truncate:
        structure.totals(table, rng, dirt.totals)
    table.lines.insert(0, structure.header(table))
    if named_in_preamble is not None or rng.random() < 0.15:
        structure.preamble(table, rng, named_in_preamble)
    table.newline = rng.choice(("\r\n", "\r\n", "\n"))
    table.cover_sheet = table.ending in ("xlsx", "xls") and rng.random() < dirt.second_sheet
    table.tags |= {f"layout:{table.layout}", f"ending:{table.ending}", f"encoding:{table.encoding}"}
    making.tables.append(table)


def _registers(making: _Making) -> None:
    """The accounts and persons files that lie beside the transactions; they join card and account number."""
    banked = [account for account in making.world.accounts if account.own and account.institution.network == "bank"]
    accounts = {
        "name": "账户开户名称",
        "id": "开户人证件号码",
        "card": "交易卡号",
        "number": "交易账号",
        "bank": "开户银行",
        "state": "账户状态",
        "opened": "账号开户时间",
        "balance": "账户余额",
    }
    always = {"state": "正常", "opened": "2021-05-06 00:00:00", "balance": "0.00"}
    rows: list[dict[str, str | None]] = [
        {"name": a.holder, "id": a.document, "card": a.card, "number": a.number, "bank": a.institution.name, **always}
        for a in banked
    ]
    persons = {"name": "客户名称", "kind": "证照类型", "id": "证照号码", "phone": "联系手机", "address": "住宅地址"}
    people: list[dict[str, str | None]] = [
        {"name": a.holder, "kind": "居民身份证", "id": a.document, "phone": "12000000000", "address": "测试市测试路1号"}
        for a in banked
    ]
    for stem, headers, values in (("账户信息", accounts, rows), ("人员信息", persons, people)):
        lines = [Line(kind="other", cells=dict(row)) for row in values]
        ending: Ending = making.rng.choice(("csv", "xlsx"))
        table = Table(path=f"{stem}.{ending}", layout=stem, fields=list(headers), headers=headers, lines=lines,
                      encoding="gb18030", ending=ending, transactions=False)  # fmt: skip
        table.lines.insert(0, structure.header(table))
        making.tables.append(table)


def _bundle(making: _Making, seed: int) -> Package:
    """Write every table, put files into folders and archives, and note where each row came to lie."""
    rng = making.rng
    loose: dict[str, bytes] = {}
    zipped: list[tuple[str, bytes]] = []
    twins: list[list[str]] = []
    outer = f"测试案件{seed}反馈.zip"
    inner = {
        table.institution for table in making.tables if table.institution and rng.random() < making.dirt.nested / 2
    }
    for table in making.tables:
        body, numbered = writers.write(table, rng)
        in_zip = rng.random() < making.dirt.nested
        if table.institution in inner:
            table.path = f"{table.institution}.zip/{table.path}"
        places = [(f"{outer}/{table.path}" if in_zip else _flat(table.path), in_zip)]
        if rng.random() < making.dirt.twins:
            places.append((_flat(f"副本_{table.path}"), False))
            twins.append([name for name, _ in places])
        for name, inside in places:
            if inside:
                zipped.append((table.path, body))
            else:
                loose[name] = body
            _note(making, table, name, numbered)
    if zipped:
        loose[outer] = _nest(zipped, rng)
    truth.loosen_unproven_voids(making.world, making.tellings)
    fates = {place: tell.fate for place, tell, _ in making.tellings}
    for row in making.rows:
        row.fate = fates.get((row.file, row.row))
    files = sorted({row.file for row in making.rows})
    movements = truth.derive_movements(making.world, making.tellings)
    return Package(
        files=loose, truth=truth.Truth(seed=seed, rows=making.rows, movements=movements, twins=twins, files=files)
    )


def _flat(path: str) -> str:
    return path.replace(".zip/", "_").replace("/", "_")


def _nest(members: list[tuple[str, bytes]], rng: random.Random) -> bytes:
    """One archive; members below `x.zip/` go into an archive of their own."""
    flat: list[tuple[str, bytes]] = []
    inner: dict[str, list[tuple[str, bytes]]] = {}
    for name, body in members:
        head, cut, rest = name.partition(".zip/")
        if cut:
            inner.setdefault(head + ".zip", []).append((rest, body))
        else:
            flat.append((name, body))
    flat += [(name, writers.archive(parts, gbk_names=rng.random() < 0.6)) for name, parts in inner.items()]
    return writers.archive(flat, gbk_names=rng.random() < 0.6)


def _note(making: _Making, table: Table, name: str, numbered: Sequence[tuple[int, Line]]) -> None:
    for number, line in numbered:
        tell: Tell | None = line.tell
        tags = sorted(line.tags | table.tags) if tell else []
        making.rows.append(
            truth.RowTruth(
                file=name,
                row=number,
                kind=line.kind,
                fate=tell.fate if tell else None,
                reason=tell.reason if tell else "",
                transfer=tell.transfer if tell else None,
                side=tell.side if tell else "",
                tags=tags,
            )
        )
        if tell:
            making.tellings.append(((name, number), tell, tags))


__all__ = ["CLEAN", "Dirt", "Package", "make_package", "times"]
