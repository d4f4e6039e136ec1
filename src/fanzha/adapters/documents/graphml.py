"""A graph as GraphML (http://graphml.graphdrawing.org/specification.html), which Gephi, yEd and networkx open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from fanzha.kernel.clock import rfc3339

Type = Literal["string", "boolean", "int", "long"]
Keys = Mapping[str, Type]
Data = Mapping[str, object]

_OPENING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
UNWRITABLE = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
"""Characters that no XML may hold, and no other text should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one node's id to another's; several may join the same two."""

    source: str
    target: str
    data: Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A directed graph: what is known of it, of its nodes by id (letters, digits, `-`), and of its edges.

    Keys name every field with its type; a field that is None or absent is not written.
    """

    keys: Keys
    node_keys: Keys
    edge_keys: Keys
    data: Data
    nodes: Iterable[tuple[str, Data]]
    edges: Iterable[Edge]


def graphml(graph: Graph) -> Iterator[str]:
    """The lines of the file; money as whole fen (`long`), times as RFC 3339."""
    yield _OPENING
    for domain, keys in (("graph", graph.keys), ("node", graph.node_keys), ("edge", graph.edge_keys)):
        for name, kind in keys.items():
            yield f'<key id="{domain}-{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield f'<graph id="G" edgedefault="directed">{_data("graph", graph.keys, graph.data)}\n'
    for node, told in graph.nodes:
        yield f"<node id={quoteattr(node)}>{_data('node', graph.node_keys, told)}</node>\n"
    for number, edge in enumerate(graph.edges, start=1):
        ends = f"source={quoteattr(edge.source)} target={quoteattr(edge.target)}"
        yield f'<edge id="e{number}" {ends}>{_data("edge", graph.edge_keys, edge.data)}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _data(domain: str, keys: Keys, told: Data) -> str:
    parts = ((name, told.get(name)) for name in keys)
    return "".join(
        f'<data key="{domain}-{name}">{escape(_text(value))}</data>'
        for name, value in parts
        if value is not None and value != ""
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else str(value).translate(UNWRITABLE)
