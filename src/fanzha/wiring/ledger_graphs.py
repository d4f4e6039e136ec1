"""A trace over a whole ledger as a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fanzha.adapters.documents.graphml import Data, Edge, Graph, Keys
from fanzha.adapters.documents.sight import Sight
from fanzha.tracing.follow.layers import layers
from fanzha.wiring.ledger_traces import LedgerHop, LedgerTrace

NOBODY = "nobody"

_KEYS: Keys = {
    "masked": "boolean",
    "method": "string",
    "direction": "string",
    "horizon_s": "long",
    "floor_fen": "long",
    "ended": "string",
}
_NODE_KEYS: Keys = {"label": "string", "kind": "string", "layer": "int", "cut": "boolean", "held_fen": "long"}
_EDGE_KEYS: Keys = {
    "at": "string",
    "amount_fen": "long",
    "traced_fen": "long",
    "start": "int",
    "became": "string",
    "file": "string",
    "row": "int",
}


def ledger_graph(found: LedgerTrace, sight: Sight) -> Graph:
    """The trace for one reader: accounts with their layers, hops with file and row; one node for all that nobody is."""
    asked, nodes = found.trace.question, dict[str, str]()
    edges = [_edge(hop, nodes) for hop in found.hops()]
    return Graph(
        keys=_KEYS,
        node_keys=_NODE_KEYS,
        edge_keys=_EDGE_KEYS,
        data={
            "masked": sight.masked,
            "method": asked.method.value,
            "direction": asked.direction.value,
            "horizon_s": asked.horizon_s,
            "floor_fen": asked.floor_fen,
            "ended": found.trace.stop.name.lower(),
        },
        nodes=_told(found, nodes, sight),
        edges=edges,
    )


def _edge(hop: LedgerHop, nodes: dict[str, str]) -> Edge:
    payer, payee = (nodes.setdefault(account, f"n{len(nodes) + 1}") for account in (hop.payer, hop.payee))
    return Edge(
        source=payer,
        target=payee,
        data={
            "at": hop.at,
            "amount_fen": hop.amount_fen,
            "traced_fen": hop.traced_fen,
            "start": hop.start,
            "became": hop.kind,
            "file": hop.file,
            "row": hop.row,
        },
    )


def _told(found: LedgerTrace, nodes: dict[str, str], sight: Sight) -> Iterator[tuple[str, Data]]:
    names = found.ledger.names
    layer = {names[account]: number for account, number in layers(found.ledger.index, found.trace).items()}
    cut = {names[account] for account in found.trace.cut.tolist()}
    held = Counter[str]()
    for account, _, fen in found.held():
        held[account] += fen
    for account, node in nodes.items():
        if account:
            told = {"kind": "account", "layer": layer.get(account), "cut": account in cut, "held_fen": held[account]}
            yield node, {"label": sight.account(account), **told}
        else:
            yield node, {"label": NOBODY, "kind": NOBODY}
