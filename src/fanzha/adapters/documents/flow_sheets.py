"""The tables of a flow of money (涉案资金流向表): every line a payment's traced part, with the rows that prove it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fanzha.adapters.documents.sight import Sight
from fanzha.adapters.documents.workbook import Cell, Column, Row, Sheet, Told
from fanzha.i18n import Language, text
from fanzha.i18n.measures import layers_text
from fanzha.kernel.clock import from_days, from_seconds
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.tracing.follow.question import Direction
from fanzha.tracing.movements.movements import Exit
from fanzha.workflows.case_ledger import Place, ToldMovement
from fanzha.workflows.trace_case import Holding, TracedHop
from fanzha.workflows.trace_dossier import Dossier
from fanzha.workflows.trace_ends import Ended, ends

SHORT_HASH = 12
WAY = {Direction.FORWARD: "left", Direction.BACKWARD: "came"}
EXITS = tuple(each.name.lower() for each in Exit if each is not Exit.NONE)


def totals_columns(direction: Direction) -> Sequence[Column]:
    """Forward, money left by a way out; backward it came by one."""
    way = WAY[direction]
    return (
        Column(key="start", width=18),
        *(Column(key=f"{name}_fen", kind="money", width=16) for name in ("started", "held", "last_seen", "before")),
        *(Column(key=f"{way}_{exit_}_fen", kind="money", width=16) for exit_ in EXITS),
        *(Column(key=f"{name}_fen", kind="money", width=16) for name in ("below_floor", "disputed")),
    )


HOPS = (
    Column(key="number", kind="count", width=7),
    Column(key="layer", kind="count", width=7),
    Column(key="at", kind="moment", width=19),
    Column(key="payer_at", kind="moment", width=19),
    Column(key="payee_at", kind="moment", width=19),
    Column(key="payer", width=21),
    Column(key="payer_name", kind="long", width=12),
    Column(key="payer_bank", kind="long", width=12),
    Column(key="payee", width=21),
    Column(key="payee_name", kind="long", width=12),
    Column(key="payee_bank", kind="long", width=12),
    Column(key="amount_fen", kind="money", width=15),
    Column(key="traced_fen", kind="money", width=15),
    Column(key="start", width=17),
    Column(key="became", width=12),
    Column(key="exit", width=10),
    Column(key="marks", kind="long", width=16),
    Column(key="payee_told_until", kind="moment", width=19),
    Column(key="movement", width=17),
    Column(key="file", kind="long", width=28),
    Column(key="sheet", width=10),
    Column(key="row", kind="count", width=7),
    Column(key="serial", width=17),
    Column(key="sha256_short", width=14),
    Column(key="more_evidence", kind="long", width=40),
)
HOLDINGS = (
    Column(key="account", width=23),
    Column(key="name", width=14),
    Column(key="bank", kind="long", width=14),
    Column(key="layer", kind="count", width=8),
    Column(key="start", width=18),
    Column(key="traced_fen", kind="money", width=16),
    Column(key="lies", width=16),
    Column(key="conclusive", width=12),
    Column(key="first_at", kind="moment", width=19),
    Column(key="last_at", kind="moment", width=19),
)
DISPUTES = (
    Column(key="movement", width=18),
    Column(key="account", width=23),
    Column(key="start", width=18),
    Column(key="low_fen", kind="money", width=16),
    Column(key="high_fen", kind="money", width=16),
)
ASKING = (
    Column(key="account", width=23),
    Column(key="name", width=14),
    Column(key="bank", kind="long", width=14),
    Column(key="lack", width=24),
    Column(key="traced_fen", kind="money", width=16),
    Column(key="first_at", kind="moment", width=19),
    Column(key="last_at", kind="moment", width=19),
    Column(key="first_day", kind="day", width=12),
    Column(key="last_day", kind="day", width=12),
)
ACCOUNTS = (
    Column(key="account", width=23),
    Column(key="name", width=14),
    Column(key="layer", kind="count", width=8),
    Column(key="in_fen", kind="money", width=16),
    Column(key="out_fen", kind="money", width=16),
    Column(key="residue_fen", kind="money", width=16),
    Column(key="pass_through_share", kind="share", width=10),
    Column(key="dwell", kind="span", width=12),
    Column(key="night_cash_fen", kind="money", width=16),
    Column(key="first_at", kind="moment", width=19),
    Column(key="last_at", kind="moment", width=19),
)
FILES = (
    Column(key="file", kind="long", width=50),
    Column(key="sha256", kind="long", width=34),
    Column(key="package_sha256", kind="long", width=34),
    Column(key="imported_at", kind="moment", width=19),
    Column(key="accepted_rows", kind="count", width=10),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSheets:
    """The tables of one traced case for one reader, in one language."""

    dossier: Dossier
    sight: Sight
    language: Language

    def all(self) -> Sequence[Sheet]:
        """Every table, in the order of the workbook."""
        return (
            Sheet(key="totals", columns=totals_columns(self._direction), rows=self._totals(), frozen=1),
            Sheet(key="hops", columns=HOPS, rows=self._hops(), frozen=1, pages_wide=2),
            Sheet(key="holdings", columns=HOLDINGS, rows=self._holdings(), frozen=1),
            Sheet(key="disputes", columns=DISPUTES, rows=self._disputes()),
            Sheet(key="asking", columns=ASKING, rows=self._asking(), frozen=1),
            Sheet(key="accounts", columns=ACCOUNTS, rows=self._accounts(), frozen=1),
            Sheet(key="files", columns=FILES, rows=self._files()),
        )

    def _totals(self) -> Iterator[Row]:
        for each in self.dossier.traced.totals():
            left = {f"{WAY[self._direction]}_{exit_}_fen": each.left_fen.get(exit_, 0) for exit_ in EXITS}
            yield {
                "start": each.start,
                "started_fen": each.started_fen,
                "held_fen": each.held_fen,
                "last_seen_fen": each.last_seen_fen,
                "before_fen": each.before_fen,
                **left,
                "below_floor_fen": each.below_floor_fen,
                "disputed_fen": each.disputed_fen,
            }

    def _hops(self) -> Iterator[Row]:
        for number, hop in enumerate(self.dossier.traced.hops(), start=1):
            yield {
                "number": number,
                "layer": self._layers(hop.payee_layers or hop.payer_layers),
                "at": Told(at=hop.at, precision=hop.precision),
                **self._parties(hop),
                "amount_fen": hop.amount_fen,
                "traced_fen": hop.fen,
                "start": hop.start,
                "became": self._became(hop),
                "exit": self._say(f"words.exit.{hop.exit}") if hop.exit else None,
                "marks": self._marks(hop),
                "payee_told_until": hop.payee_told_until,
                "movement": hop.told.id if hop.told else None,
                **self._evidence(hop.evidence),
            }

    def _parties(self, hop: TracedHop) -> dict[str, Cell]:
        accounts: dict[str, Cell] = {"payer": self.sight.account(hop.payer), "payee": self.sight.account(hop.payee)}
        if hop.told is None:
            return accounts
        told = hop.told
        return {
            **accounts,
            "payer_name": self.sight.holder(told.payer_name),
            "payee_name": self.sight.holder(told.payee_name),
            "payer_bank": self._bank(told.payer_bank),
            "payee_bank": self._bank(told.payee_bank),
            **_bank_times(told),
        }

    def _became(self, hop: TracedHop) -> str:
        is_source = hop.exit and self._direction is Direction.BACKWARD
        return self._say("flow.source" if is_source else f"words.became.{hop.became}")

    @property
    def _direction(self) -> Direction:
        return self.dossier.traced.trace.question.direction

    def _marks(self, hop: TracedHop) -> str:
        marks = [
            ("inferred", hop.told is None),
            ("rests", hop.told is not None and hop.is_inferred),
            ("order_contradicted", hop.order_contradicted),
            ("night_cash", hop.is_night_cash),
        ]
        doubts = hop.told.doubts if hop.told else ()
        said = [self._say(f"flow.mark.{mark}") for mark, holds in marks if holds]
        return "\n".join([*said, *(self._say(f"words.doubt.{doubt}") for doubt in doubts)])

    def _evidence(self, places: Sequence[Place]) -> dict[str, Cell]:
        if not places:
            return {}
        file, sheet = file_and_sheet(places[0].source.path)
        return {
            "file": self.sight.file(file),
            "sheet": self.sight.file(sheet),
            "row": places[0].row,
            "serial": places[0].serial,
            "sha256_short": places[0].sha256[:SHORT_HASH],
            "more_evidence": "\n".join(self._cited(place) for place in places[1:]),
        }

    def _cited(self, place: Place) -> str:
        return text(
            self.language,
            "flow.cited",
            file=self.sight.file(place.source.path),
            row=place.row,
            serial=place.serial,
            sha256=place.sha256[:SHORT_HASH],
        )

    def _holdings(self) -> Iterator[Row]:
        for each in self.dossier.traced.holdings():
            yield {
                **self._place(each),
                "lies": self._say(f"words.lies.{each.lies}"),
                "conclusive": self._say(_sure(each)),
            }
        if not self.dossier.traced.is_reach:
            yield from self._ends()

    def _ends(self) -> Iterator[Row]:
        """What did not stay: by the account that it left (backward: came to), by start and way; with what lies, all."""
        for each in ends(self.dossier.traced):
            way = f"words.{'became' if each.way == 'below_floor' else 'exit'}.{each.way}"
            yield {
                **self._place(each),
                "lies": text(self.language, f"flow.end_{self._direction}", way=self._say(way)),
            }

    def _place(self, each: Holding | Ended) -> dict[str, Cell]:
        """Whose money, of which start, came to an account or left it, and when."""
        return {
            "account": self.sight.account(each.account),
            "name": self.sight.holder(each.name),
            "bank": self._bank(each.bank),
            "layer": self._layers(each.layers),
            "start": each.start,
            "traced_fen": each.fen,
            "first_at": Told(at=each.first_at, precision=each.first_precision),
            "last_at": Told(at=each.last_at, precision=each.last_precision),
        }

    def _disputes(self) -> Iterator[Row]:
        for each in self.dossier.traced.disputes():
            yield {
                "movement": each.movement or self._say("flow.lies_there"),
                "account": self.sight.account(each.account),
                "start": each.start,
                "low_fen": each.low_fen,
                "high_fen": each.high_fen,
            }

    def _asking(self) -> Iterator[Row]:
        for account, each in self.dossier.traced.worth_asking():
            yield {
                "account": self.sight.account(account),
                "name": self._holder(each.account),
                "bank": self._bank(self.dossier.traced.ledger.banks.get(each.account, "")),
                "lack": self._say(f"flow.lack.{each.lack.name.lower()}"),
                "traced_fen": each.fen,
                "first_at": self._told(each.account, each.first_arrival_s),
                "last_at": self._told(each.account, each.last_arrival_s),
                "first_day": from_days(each.first_day),
                "last_day": from_days(each.last_day),
            }

    def _accounts(self) -> Iterator[Row]:
        traced = self.dossier.traced
        for account, each in traced.passages():
            yield {
                "account": self.sight.account(account),
                "name": self._holder(each.account),
                "layer": self._layers(traced.layers(each.account)),
                "in_fen": each.in_fen,
                "out_fen": each.out_fen,
                "residue_fen": each.residue_fen,
                "pass_through_share": each.pass_through_share,
                "dwell": None if each.dwell_s is None else timedelta(seconds=each.dwell_s),
                "night_cash_fen": each.night_cash_fen,
                "first_at": self._told(each.account, each.first_s),
                "last_at": self._told(each.account, each.last_s),
            }

    def _files(self) -> Iterator[Row]:
        for each in self.dossier.files:
            yield {
                "file": self.sight.file(each.path),
                "sha256": each.sha256,
                "package_sha256": each.package_sha256,
                "imported_at": each.imported_at,
                "accepted_rows": each.accepted_rows,
            }

    def _holder(self, node: int) -> str:
        return self.sight.holder(self.dossier.traced.ledger.name(node))

    def _bank(self, told: str) -> str:
        """A registered bank by its name; another as a file calls it."""
        zh, en = self.dossier.banks.get(told, (told, told))
        return zh if self.language == "zh" else en

    def _told(self, node: int, at_s: int) -> Told:
        """When a hop of an account was, as exactly as files tell."""
        return Told(at=from_seconds(at_s), precision=self.dossier.traced.precision_at(node, at_s))

    def _layers(self, layers: Sequence[int]) -> Cell:
        """One layer is a number that can be sorted by, several are text."""
        return layers[0] if len(layers) == 1 else layers_text(self.language, layers)

    def _say(self, key: str) -> str:
        return text(self.language, key)


def _sure(each: Holding) -> str:
    """Whether it is sure that money lies there, and why not."""
    if each.is_conclusive:
        return "flow.conclusive"
    return "flow.inconclusive" if each.has_statement else "flow.no_statement"


def _bank_times(told: ToldMovement) -> dict[str, Cell]:
    """When it was by each party's own bank, as exactly as that bank tells."""
    told_at = {"payer_at": (told.payer_at, told.payer_precision), "payee_at": (told.payee_at, told.payee_precision)}
    return {key: None if at is None else Told(at=at, precision=precision) for key, (at, precision) in told_at.items()}
