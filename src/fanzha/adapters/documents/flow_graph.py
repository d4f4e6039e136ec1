"""A traced case as a graph: accounts with their layers, hops with their evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fanzha.adapters.documents.graphml import Data, Edge, Graph, Keys
from fanzha.adapters.documents.sight import Sight
from fanzha.i18n import Language, text
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.workflows.case_ledger import Place
from fanzha.workflows.lying import Lies
from fanzha.workflows.trace_case import TracedHop
from fanzha.workflows.trace_dossier import Dossier

UNSEEN = "unseen"
"""Where money came from that no row tells."""

KEYS: Keys = {
    "case": "string",
    "exercise": "boolean",
    "masked": "boolean",
    "method": "string",
    "direction": "string",
    "horizon_s": "long",
    "floor_fen": "long",
    "ended": "string",
}
NODE_KEYS: Keys = {
    "label": "string",
    "kind": "string",
    "name": "string",
    "layer": "int",
    "layers": "string",
    "paid_first": "boolean",
    "cut": "boolean",
    "held_fen": "long",
    "last_seen_fen": "long",
    "before_fen": "long",
}
EDGE_KEYS: Keys = {
    "at": "string",
    "payer_at": "string",
    "payee_at": "string",
    "amount_fen": "long",
    "traced_fen": "long",
    "start": "string",
    "became": "string",
    "exit": "string",
    "movement": "string",
    "inferred": "boolean",
    "order_contradicted": "boolean",
    "night_cash": "boolean",
    "file": "string",
    "sheet": "string",
    "row": "int",
    "serial": "string",
    "sha256": "string",
    "more_evidence": "string",
}


def way_out(hop: TracedHop) -> str:
    """How a hop without a payee left, a code of `Exit`."""
    return hop.exit or (hop.told.exit if hop.told and hop.told.exit != "none" else "outside")


@dataclass(slots=True)
class _Nodes:
    """Ids of nodes, given in the order in which hops name them; they tell nothing of the accounts."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    layers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    paid_first: set[str] = field(default_factory=set)

    def of(self, account: str, kind: str, layers: tuple[int, ...]) -> str:
        """The node of an account, or of a way out or in where nobody is named."""
        key = ("account", account) if account else (kind, "")
        node = self.ids.setdefault(key, f"n{len(self.ids) + 1}")
        self.layers[node] = layers
        return node


def case_graph(dossier: Dossier, sight: Sight, language: Language) -> Graph:
    """A traced case as a graph for one reader."""
    nodes = _Nodes()
    edges = [_edge(hop, nodes, sight) for hop in dossier.traced.hops()]
    asked = dossier.traced.trace.question
    return Graph(
        keys=KEYS,
        node_keys=NODE_KEYS,
        edge_keys=EDGE_KEYS,
        data={
            "case": dossier.case.ref,
            "exercise": dossier.is_exercise,
            "masked": sight.masked,
            "method": asked.method.value,
            "direction": asked.direction.value,
            "horizon_s": asked.horizon_s,
            "floor_fen": asked.floor_fen,
            "ended": dossier.traced.trace.stop.name.lower(),
        },
        nodes=_told(nodes, dossier, sight, language),
        edges=edges,
    )


def _edge(hop: TracedHop, nodes: _Nodes, sight: Sight) -> Edge:
    payer = nodes.of(hop.payer, UNSEEN, hop.payer_layers)
    payee = nodes.of(hop.payee, way_out(hop), hop.payee_layers)
    if hop.told and hop.told.id == hop.start:
        nodes.paid_first.add(payer)
    return Edge(
        source=payer,
        target=payee,
        data={
            "at": hop.at,
            "payer_at": hop.told.payer_at if hop.told else None,
            "payee_at": hop.told.payee_at if hop.told else None,
            "amount_fen": hop.amount_fen,
            "traced_fen": hop.fen,
            "start": hop.start,
            "became": hop.became,
            "exit": hop.exit,
            "movement": hop.told.id if hop.told else None,
            "inferred": hop.told is None,
            "order_contradicted": hop.order_contradicted,
            "night_cash": hop.is_night_cash,
            **_evidence(hop.evidence, sight),
        },
    )


def _evidence(places: tuple[Place, ...], sight: Sight) -> Data:
    if not places:
        return {}
    file, sheet = file_and_sheet(places[0].source.path)
    return {
        "file": sight.file(file),
        "sheet": sight.file(sheet),
        "row": places[0].row,
        "serial": places[0].serial,
        "sha256": places[0].sha256,
        "more_evidence": "; ".join(
            f"{sight.file(place.source.path)}:{place.row} sha256:{place.sha256}" for place in places[1:]
        ),
    }


def _told(nodes: _Nodes, dossier: Dossier, sight: Sight, language: Language) -> Iterator[tuple[str, Data]]:
    traced = dossier.traced
    names = {number: traced.ledger.name(node) for node, number in enumerate(traced.ledger.found.accounts.primary)}
    lying, cut = _lying(dossier), set(traced.cut())
    for (kind, account), node in nodes.ids.items():
        if kind != "account":
            word = "flow.graph.unseen" if kind == UNSEEN else f"words.exit.{kind}"
            yield node, {"label": text(language, word), "kind": kind}
            continue
        yield (
            node,
            {
                "label": sight.account(account),
                "kind": kind,
                "name": sight.holder(names[account]),
                "layer": next(iter(nodes.layers[node]), None),
                "layers": " ".join(map(str, nodes.layers[node])) or None,
                "paid_first": node in nodes.paid_first,
                "cut": account in cut,
                **lying[account],
            },
        )


def _lying(dossier: Dossier) -> Mapping[str, dict[str, int]]:
    """By account, what lies there, told as in `Lies`."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {f"{lies}_fen": 0 for lies in Lies})
    for each in dossier.traced.holdings():
        found[each.account][f"{each.lies}_fen"] += each.fen
    return found
