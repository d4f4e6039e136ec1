"""The picture of a chase from the house: laid out like any trace, coloured by what orders hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fanzha.adapters.documents.trace_svg import band_path
from fanzha.apps.web.views.chase_graph import Box, ChaseGraph, Segment
from fanzha.kernel.identifiers import account
from fanzha.kernel.ids import SubjectId
from fanzha.tracing.picture.drawing import Drawing, Node, Standing
from fanzha.tracing.picture.unrolling import Kind
from fanzha.wiring.chase import holds_all
from fanzha.wiring.chase_look import Look
from fanzha.wiring.desk import Desk
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.draw_chase import draw_chase

LIKELY_PPM = 200_000
"""Below so much of a million that money still lies there, a page calls it probably gone."""


def graph_of(desk: Desk, look: Look) -> ChaseGraph | None:
    """The picture of an incident's chase; None while nothing was told."""
    ledger = case_ledger(desk.house, desk.connection, look.chased.case)
    drawing = draw_chase(ledger, ledger.flow, look.known.trace, look.known.not_found)
    if not drawing.nodes:
        return None
    subjects = {number: subject for subject, facts in look.facts.items() for number in facts.identifiers}
    holds: dict[SubjectId, int] = {
        subject: sum(each.holding_fen for each in some) for subject, some in look.orders.items()
    }
    return ChaseGraph(
        width=drawing.width,
        height=drawing.height,
        box_width=drawing.node_width,
        layers=drawing.layers,
        bands=list(_bands(drawing)),
        boxes=[_box(each, subjects.get(each.place.name), look, holds) for each in drawing.nodes],
        left_out=drawing.merged.accounts,
    )


def _bands(drawing: Drawing) -> Iterator[tuple[str, bool]]:
    for edge in sorted(drawing.edges, key=lambda each: (-each.width, each.source, each.target)):
        gone = drawing.nodes[edge.target].sides[0].standing is Standing.GONE
        yield band_path(drawing, edge, max(edge.sides[0].fen / drawing.fen_per_px, 0.75)), gone


def _box(node: Node, subject: SubjectId | None, look: Look, holds: dict[SubjectId, int]) -> Box:
    kind, name = node.place.kind, node.place.name
    return Box(
        x=node.x,
        y=node.y,
        number=account.mask(name) if kind is Kind.ACCOUNT and name else "",
        exit=name if kind is Kind.EXIT else "",
        others=node.accounts if kind is Kind.OTHERS else 0,
        fen=node.sides[0].fen,
        key="" if subject is None else f"{subject:016x}",
        segments=list(_segments(node, _parts(node, subject, look, holds))),
    )


def _parts(node: Node, subject: SubjectId | None, look: Look, holds: dict[SubjectId, int]) -> Mapping[str, int]:
    """Fen of a node by state, from the top; what an order holds is taken from `holds`, so that no fen is held twice."""
    side = node.sides[0]
    if side.standing in (Standing.ORIGIN, Standing.GONE, Standing.NOT_FOLLOWED):
        return {"origin" if side.standing is Standing.ORIGIN else "gone": side.fen}
    there = max(0, side.held_fen) + max(0, side.last_seen_fen)
    held = 0
    if subject is not None:
        held = min(there, holds.get(subject, 0))
        holds[subject] = holds.get(subject, 0) - held
    return {"passed": max(0, side.fen - there), "held": held, _free(subject, look): there - held}


def _free(subject: SubjectId | None, look: Look) -> str:
    """How what no order holds in an account is shown."""
    if subject is None:
        return "moving"
    facts = look.facts[subject]
    likely = facts.lead.there_ppm >= LIKELY_PPM and not holds_all(look.orders.get(subject, ()))
    return "absent" if facts.is_absent else "moving" if likely else "doubtful"


def _segments(node: Node, parts: Mapping[str, int]) -> Iterator[Segment]:
    y, scale = node.y, node.height / max(sum(parts.values()), 1)
    for state, fen in parts.items():
        if fen:
            yield Segment(state=state, y=y, height=fen * scale, fen=fen)
            y += fen * scale
