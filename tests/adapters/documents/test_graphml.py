"""A flow as GraphML: what the format asks for, and money, times and evidence on every edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fanzha.adapters.documents.flow_graph import case_graph
from fanzha.adapters.documents.graphml import Edge, Graph, graphml
from fanzha.adapters.documents.sight import Sight
from tests.adapters.documents.dossiers import LAST, MULE, SECOND, VICTIM, small

SPACE = "{http://graphml.graphdrawing.org/xmlns}"
TYPES: Mapping[str, Callable[[str], Any]] = {
    "string": str,
    "boolean": lambda told: {"true": True, "false": False}[told],
    "int": int,
    "long": int,
}
GOLDEN = Path(__file__).parent / "golden" / "small.graphml"
Read = dict[str, Any]


def read(lines: str) -> tuple[Read, dict[str, Read], list[tuple[str, str, Read]]]:
    """A graph's own data, its nodes by id and its edges, as any reader of GraphML takes them."""
    root = ElementTree.fromstring(lines)
    assert root.tag == f"{SPACE}graphml"
    keys = {key.attrib["id"]: key.attrib for key in root.iter(f"{SPACE}key")}
    (graph,) = root.findall(f"{SPACE}graph")
    assert graph.attrib["edgedefault"] == "directed"
    assert [child.tag for child in root] == [f"{SPACE}key"] * len(keys) + [f"{SPACE}graph"]

    def data(of: ElementTree.Element, domain: str) -> Read:
        told: Read = {}
        for each in of.findall(f"{SPACE}data"):
            key = keys[each.attrib["key"]]
            assert key["for"] == domain and key["attr.name"] not in told
            told[key["attr.name"]] = TYPES[key["attr.type"]](each.text or "")
        return told

    nodes = {node.attrib["id"]: data(node, "node") for node in graph.findall(f"{SPACE}node")}
    edges = [
        (edge.attrib["source"], edge.attrib["target"], data(edge, "edge")) for edge in graph.findall(f"{SPACE}edge")
    ]
    ids = [each.attrib["id"] for each in graph if "id" in each.attrib]
    assert len(ids) == len(set(ids)) and all({source, target} <= set(nodes) for source, target, _ in edges)
    return data(graph, "graph"), nodes, edges


def told(*, masked: bool = False) -> str:
    return "".join(graphml(case_graph(small(), Sight(masked=masked), "zh")))


def test_accounts_are_nodes_and_hops_are_edges_with_evidence() -> None:
    about, nodes, edges = read(told())
    assert (about["method"], about["exercise"], about["horizon_s"]) == ("fifo", True, 259_200)
    by_label = {node["label"]: node for node in nodes.values()}
    assert {VICTIM, MULE, SECOND} <= set(by_label)
    assert (by_label[MULE]["layer"], by_label[SECOND]["layer"]) == (1, 2)
    assert "layer" not in by_label[VICTIM] and by_label[VICTIM]["paid_first"]
    assert [edge["traced_fen"] for _, _, edge in edges] == small().traced.trace.hops.fen.tolist()
    assert all(len(edge["sha256"]) == 64 and edge["row"] and edge["file"] for _, _, edge in edges)
    assert all(datetime.fromisoformat(edge["at"]).utcoffset() for _, _, edge in edges)


def test_what_lies_in_accounts_can_be_added_up_from_the_edges() -> None:
    _, nodes, edges = read(told())
    lying: Counter[str] = Counter()
    for source, target, edge in edges:
        fen = edge["traced_fen"]
        lying[target] += fen if edge["became"] == "followed" else 0
        lying[source] -= 0 if edge["became"] == "after_horizon" or edge.get("movement") == edge["start"] else fen
    accounts = {node: known for node, known in nodes.items() if known["kind"] == "account"}
    assert {node: lying[node] for node in accounts} == {
        node: known["held_fen"] + known["last_seen_fen"] for node, known in accounts.items()
    }
    assert sum(lying.values())


def test_a_masked_graph_tells_no_number_and_no_name() -> None:
    masked = told(masked=True)
    assert not [secret for secret in (VICTIM, MULE, SECOND, LAST, "测试·甲", "HYPERLINK") if secret in masked]
    assert len(read(masked)[2]) == len(read(told())[2])


def test_it_is_the_golden_file() -> None:
    assert told() == GOLDEN.read_text("utf-8")


def test_whatever_stands_in_a_name_stays_well_formed() -> None:
    hostile = "<a b='c'>&amp;\x00\x0b\ufffe\ud800]]>\"测"
    graph = Graph(
        keys={"when": "string", "day": "string"},
        node_keys={"label": "string"},
        edge_keys={"fen": "long", "none": "string"},
        data={"when": datetime(2026, 3, 1, tzinfo=UTC), "day": date(2026, 3, 1)},
        nodes=[("n1", {"label": hostile})],
        edges=[Edge(source="n1", target="n1", data={"fen": 10**15, "none": None})],
    )
    about, nodes, edges = read("".join(graphml(graph)))
    assert nodes["n1"]["label"] == "<a b='c'>&amp;]]>\"测"
    assert edges == [("n1", "n1", {"fen": 10**15})]
    assert about == {"when": "2026-03-01T08:00:00+08:00", "day": "2026-03-01"}
