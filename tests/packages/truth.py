"""What a package really says: a fate for every physical row, and the movements that can be known from the rows."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.packages.table import Fate, LineKind, Tell, View
from tests.packages.world import World

Row = tuple[str, int]  # file path inside the package (archives are folders), physical row from 1
Link = Literal["single", "certain", "open"]  # open: nothing in the files says that two tellings are one


@dataclass(slots=True, kw_only=True)
class RowTruth:
    """One physical row."""

    file: str
    row: int
    kind: LineKind
    fate: Fate | None = None
    reason: str = ""
    transfer: int | None = None
    side: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class PartyTruth:
    """What the rows together show of one party."""

    knowledge: str
    identifiers: list[str] = field(default_factory=list)
    pattern: str = ""
    hidden: list[str] = field(default_factory=list)  # the true numbers behind a pattern or nothing: right if resolved
    names: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class MovementTruth:
    """One movement that a perfect reader of the package would report."""

    transfer: int
    payer: PartyTruth
    payee: PartyTruth
    fen: int
    exit: str
    payer_at: list[tuple[int, str]]  # every told moment of the payer's side with its precision
    payee_at: list[tuple[int, str]]
    evidence: list[Row]
    link: Link
    needs_payer_at: bool  # the payer's own bank tells its time; a list's one time may stand on either side
    needs_payee_at: bool
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Truth:
    """The whole package."""

    seed: int
    rows: list[RowTruth]
    movements: list[MovementTruth]
    twins: list[list[str]]  # files of equal bytes
    files: list[str]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")


def load(path: Path) -> Truth:
    """Read what `save` wrote."""
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    movements = []
    for item in raw["movements"]:
        item["payer"], item["payee"] = PartyTruth(**item["payer"]), PartyTruth(**item["payee"])
        for name in ("evidence", "payer_at", "payee_at"):
            item[name] = [(first, second) for first, second in item[name]]
        movements.append(MovementTruth(**item))
    rows = [RowTruth(**item) for item in raw["rows"]]
    return Truth(seed=raw["seed"], rows=rows, movements=movements, twins=raw["twins"], files=raw["files"])


def loosen_unproven_voids(world: World, tellings: list["Telling"]) -> None:
    """An original whose reversal no row of that account shows cannot be told from a payment that stood."""
    shown = {
        (world.transfers[tell.transfer].reverses, tell.account)
        for _, tell, _ in tellings
        if tell.fate == "void" and world.transfers[tell.transfer].status == "reversal"
    }
    hidden = {
        tell.transfer
        for _, tell, _ in tellings
        if tell.fate == "void"
        and world.transfers[tell.transfer].status == "void"
        and (tell.transfer, tell.account) not in shown
    }
    for _, tell, _ in tellings:
        if tell.transfer in hidden and tell.fate == "void":
            tell.fate = "any"


Telling = tuple[Row, Tell, list[str]]


def derive_movements(world: World, tellings: list[Telling]) -> list[MovementTruth]:
    """Group the good rows by the transfer they tell of."""
    groups: dict[int, list[Telling]] = defaultdict(list)
    usable: dict[int, list[Tell]] = defaultdict(list)  # rows that a clever reader may use
    for telling in tellings:
        if telling[1].fate == "row":
            groups[telling[1].transfer].append(telling)
        elif telling[1].fate == "any":
            usable[telling[1].transfer].append(telling[1])
    return [_movement(world, transfer, groups[transfer], usable[transfer]) for transfer in sorted(groups)]


def _movement(world: World, transfer_id: int, group: list[Telling], usable: list[Tell]) -> MovementTruth:
    transfer = world.transfers[transfer_id]
    tells = [tell for _, tell, _ in group] + usable
    outs: list[tuple[int, str]] = sorted(
        {(tell.at_s, tell.precision) for tell in tells if tell.side in ("out", "both")}
    )
    ins: list[tuple[int, str]] = sorted({(tell.at_s, tell.precision) for tell in tells if tell.side in ("in", "both")})
    exit_kind = {"cash_out": "cash", "merchant": "merchant", "fee": "fee"}.get(transfer.kind, "")
    link = _link([tell for _, tell, _ in group])
    return MovementTruth(
        transfer=transfer_id,
        payer=_party(world, [tell.payer for _, tell, _ in group], link),
        payee=_party(world, [tell.payee for _, tell, _ in group], link),
        fen=transfer.fen,
        exit=exit_kind,
        payer_at=outs,
        payee_at=ins,
        evidence=[row for row, _, _ in group],
        link=link,
        needs_payer_at=link != "open" and any(tell.side == "out" for _, tell, _ in group),
        needs_payee_at=link != "open" and any(tell.side == "in" for _, tell, _ in group),
        tags=sorted({tag for _, _, tags in group for tag in tags}),
    )


def _link(tells: list[Tell]) -> Link:
    sides = {tell.side for tell in tells}
    if len(sides) == 1:
        return "single"
    clear = False
    for a in tells:
        for b in tells:
            if a.side == "out" and b.side == "in":
                views = {a.payee.knowledge, b.payer.knowledge}
                clear = clear or "full" in views or views == {"masked"}
            elif a.side == "both" and b.side != "both":
                other = b.other.knowledge, (a.payee if b.side == "out" else a.payer).knowledge
                own = (a.payer if b.side == "out" else a.payee).knowledge
                clear = (
                    clear or (own == "full" and other[0] == "full") or (own == "full" and other == ("masked", "full"))
                )
    return "certain" if clear else "open"


_BEST = ("full", "loose", "masked", "none")


def _party(world: World, views: list[View], link: Link) -> PartyTruth:
    best = min(views, key=lambda view: _BEST.index(view.knowledge))
    known = [view.account for view in views if view.account is not None]
    account = world.accounts[known[0]] if known else None
    numbers = sorted(account.identifiers) if account else []
    names = [account.holder] if account else []
    if link == "open" and len({view.knowledge for view in views}) > 1:
        return PartyTruth(knowledge="loose", hidden=numbers, names=names)  # one telling knows it, the other does not
    if best.knowledge == "full":
        return PartyTruth(knowledge="full", identifiers=numbers, names=names)
    if best.knowledge == "masked":
        patterns = sorted(view.pattern for view in views if view.knowledge == "masked")
        return PartyTruth(knowledge="masked", pattern=patterns[-1], hidden=numbers, names=names)
    return PartyTruth(knowledge=best.knowledge, hidden=numbers, names=names)


def faults(truth: Truth) -> list[str]:
    """Ways in which the truth contradicts itself; none, in a sound generator."""
    found = []
    seen = set()
    for row in truth.rows:
        key = (row.file, row.row)
        if key in seen:
            found.append(f"row twice: {key}")
        seen.add(key)
        if (row.kind == "data") != (row.fate is not None):
            found.append(f"data row without fate: {key}")
    good = {(row.file, row.row) for row in truth.rows if row.fate == "row"}
    told = [place for movement in truth.movements for place in movement.evidence]
    if len(told) != len(set(told)):
        found.append("a row tells two movements")
    if set(told) != good:
        found.append("good rows and evidence differ")
    return found
