"""The picture of a trace as an SVG file: composed for paper, legible without colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fanzha.adapters.documents.svg_marks import mark, shortened, width, words
from fanzha.adapters.documents.trace_labels import DOUBT, Party, Words, segments
from fanzha.i18n import Language, text
from fanzha.i18n.sums import short_money
from fanzha.tracing.picture.drawing import Drawing, Edge, Node, Standing
from fanzha.tracing.picture.unrolling import Kind

FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
SIZE, SMALL, LARGE = 12.0, 11.0, 18.0
LINE = 18.0
MARGIN = 20.0
LEAST_WIDTH = 760.0
INK, QUIET, PAPER, BAND, LOST = "#1f2328", "#59636e", "#ffffff", "#8c959f", "#c4675f"
FILLS = {
    Standing.ORIGIN: INK,
    Standing.PASSED: "#cfe0fc",
    Standing.HELD: "#1a7f37",
    Standing.LAST_SEEN: "url(#seen)",
    Standing.BEFORE: "url(#seen)",
    Standing.DISPUTED: "url(#disputed)",
    Standing.REACHED: "#eef1f4",
    Standing.GONE: "url(#gone)",
    Standing.NOT_FOLLOWED: PAPER,
}
PATTERNS = {
    "gone": '<path d="M0 0L6 6M6 0L0 6" stroke="#b3261e" stroke-width="1.2"/>',
    "seen": '<path d="M0 6L6 0" stroke="#59636e" stroke-width="1.6"/>',
    "disputed": '<circle cx="3" cy="3" r="1.2" fill="#59636e"/>',
}
HALO = {"stroke": PAPER, "stroke_width": 3.0, "stroke_linejoin": "round", "paint_order": "stroke"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """What stands above a picture that is a file of its own."""

    title: str
    lines: Sequence[str] = ()


def drawn_svg(drawing: Drawing, language: Language, party: Callable[[str], Party], titled: Titled | None = None) -> str:
    """The first method of a picture as a file that needs no other: headings, bands, nodes, legend, what was merged.

    `party` says how an account, by its number, is shown. Every text is escaped; the same drawing gives the same bytes.
    """
    said = Words(drawing=drawing, language=language, party=party)
    head = list(_titles(titled))
    top = MARGIN + LINE * (len(head) + 1) + (LARGE if head else 0.0)
    below = top + drawing.height + LINE
    notes = list(said.notes())
    foot = [words(note, MARGIN, below + LINE * (at + 2), {"fill": QUIET}) for at, note in enumerate(notes)]
    longest = max((width(line, SIZE) for line in titled.lines), default=0.0) if titled else 0.0
    wide = max(drawing.width + 2 * MARGIN, LEAST_WIDTH, longest + 2 * MARGIN)
    high = below + LINE * (len(notes) + 1) + MARGIN
    body = [*_headings(said), *_bands(drawing), *_boxes(drawing), *_labels(said)]
    return mark(
        "svg",
        "\n".join(
            [
                mark("rect", width=wide, height=high, fill=PAPER),
                mark("defs", "".join(_patterns())),
                *head,
                mark("g", "\n".join(body) or " ", transform=f"translate({MARGIN:g} {top:g})"),
                _legend(said, below + LINE),
                *foot,
            ]
        ),
        xmlns="http://www.w3.org/2000/svg",
        width=wide,
        height=high,
        viewBox=f"0 0 {wide:g} {high:g}",
        font_family=FONTS,
        font_size=SIZE,
        fill=INK,
    )


def _patterns() -> Iterator[str]:
    for name, drawn in PATTERNS.items():
        ground = mark("rect", width=6.0, height=6.0, fill=PAPER)
        yield mark("pattern", ground + drawn, id=name, width=6.0, height=6.0, patternUnits="userSpaceOnUse")


def _titles(titled: Titled | None) -> Iterator[str]:
    if titled is not None:
        yield words(titled.title, MARGIN, MARGIN + SIZE, {"font_size": LARGE, "font_weight": "bold"})
        for at, line in enumerate(titled.lines):
            yield words(line, MARGIN, MARGIN + LARGE + LINE * (at + 1), {"fill": QUIET})


def _headings(said: Words) -> Iterator[str]:
    accounts = dict.fromkeys((layer for layer, _ in said.drawing.layers), 0)
    for node in said.drawing.nodes:
        accounts[node.place.layer] += node.accounts if node.place.kind is not Kind.EXIT else 0
    for layer, x in said.drawing.layers:
        yield words(said.layer(layer, accounts[layer]), x, -SIZE, {"fill": QUIET, "font_weight": "bold"})


def _bands(drawing: Drawing) -> Iterator[str]:
    """Wide ones first, so that a narrow one is never hidden."""
    for edge in sorted(drawing.edges, key=lambda edge: (-edge.width, edge.source, edge.target)):
        fen = edge.sides[0].fen
        if fen:
            lost = Standing.GONE in (drawing.nodes[end].sides[0].standing for end in (edge.source, edge.target))
            yield mark(
                "path",
                d=band_path(drawing, edge, max(fen / drawing.fen_per_px, 0.75)),
                fill=LOST if lost else BAND,
                fill_opacity=0.45,
            )


def band_path(drawing: Drawing, edge: Edge, wide: float) -> str:
    """The outline of a band of money from one node to another, so many pixels wide."""
    left, right = drawing.nodes[edge.source].x + drawing.node_width, drawing.nodes[edge.target].x
    middle = (left + right) / 2
    y, to = edge.source_y - wide / 2, edge.target_y - wide / 2
    return (
        f"M{left:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to:.1f} {right:.1f} {to:.1f}"
        f"V{to + wide:.1f}C{middle:.1f} {to + wide:.1f} {middle:.1f} {y + wide:.1f} {left:.1f} {y + wide:.1f}Z"
    )


def _boxes(drawing: Drawing) -> Iterator[str]:
    for node in _present(drawing):
        side, y = node.sides[0], node.y
        scale = node.height / max(side.fen, 1)
        if len(node.sides) > 1:
            scale = min(scale, 1 / drawing.fen_per_px)
        for standing, fen in segments(side):
            if fen:
                high = fen * scale
                yield mark("rect", x=node.x, y=y, width=drawing.node_width, height=high, fill=FILLS[standing])
                y += high
        yield mark(
            "rect",
            x=node.x,
            y=node.y,
            width=drawing.node_width,
            height=y - node.y,
            fill="none",
            stroke=INK,
            stroke_width=1.6 if node.place.kind is Kind.OTHERS else 0.8,
            **({"stroke_dasharray": "2 2"} if node.place.kind is Kind.OTHERS else {}),
        )


def _present(drawing: Drawing) -> Iterator[Node]:
    return (node for node in drawing.nodes if node.sides[0].standing is not Standing.ABSENT)


def _labels(said: Words) -> Iterator[str]:
    """Two lines beside each node: who, and how much since when; what does not fit gives way, the time first."""
    room = _room(said.drawing)
    for node in _present(said.drawing):
        x, side, who = node.x + said.drawing.node_width + 5, node.sides[0], said.title(node)
        doubt = "" if node.is_conclusive else f" {DOUBT}"
        both = f"{who.number} {who.name}".rstrip()
        has_room = width(f"{both}{doubt}", SIZE) <= room
        first = shortened(both if has_room else who.number, SIZE, room - width(doubt, SIZE))
        yield words(first + doubt, x, node.y + SIZE, {**HALO, "font_weight": "bold"})
        name = [who.name] if who.name and not has_room else []
        lines = [[*name, said.amounts(side), said.since(side)], [*name, said.amounts(side)]]
        fitting = (line for line in map(" · ".join, lines) if width(line, SMALL) <= room)
        second = next(fitting, shortened(" · ".join(lines[1]), SMALL, room))
        yield words(second, x, node.y + SIZE + 15, {**HALO, "font_size": SMALL, "fill": QUIET})


def _room(drawing: Drawing) -> float:
    """From a node to the next column."""
    columns = [x for _, x in drawing.layers]
    step = columns[1] - columns[0] if len(columns) > 1 else drawing.width
    return step - drawing.node_width - 12


def _legend(said: Words, y: float) -> str:
    """What the boxes' fillings mean, as far as they occur, and the scale."""
    drawn, x = [], MARGIN
    used = {standing for node in _present(said.drawing) for standing, fen in segments(node.sides[0]) if fen}
    for standing in FILLS:
        if standing in used:
            drawn.append(
                mark("rect", x=x, y=y - 10, width=12.0, height=12.0, fill=FILLS[standing], stroke=INK, stroke_width=0.8)
            )
            drawn.append(words(said.state(standing), x + 17, y))
            x += 17 + width(said.state(standing), SIZE) + 18
    amount, long = _round_amount(said.drawing.fen_per_px)
    drawn.append(mark("path", d=f"M{x:.1f} {y - 4 - long / 2:.1f}v{long:.1f}", stroke=INK, stroke_width=3.0))
    told = text(said.language, "picture.note.scale", amount=short_money(said.language, amount))
    return "".join([*drawn, words(told, x + 8, y, {"fill": QUIET})])


def _round_amount(fen_per_px: float) -> tuple[int, float]:
    """A round amount of fen and its length in pixels, between 6 and 15."""
    amount = 1
    steps = (2, 5, 10)
    while amount / fen_per_px < 6:
        amount = next(amount * step for step in steps if amount * step / fen_per_px >= 6 or step == 10)
    return amount, amount / fen_per_px
