"""A picture as JSON (`docs/schemas/trace_picture.json`): accounts by their opaque keys, numbers masked."""

from __future__ import annotations

from collections.abc import Mapping

from fanzha.apps.web.views.picture import MarksView, MethodSums, PictureView
from fanzha.apps.web.views.shown import AccountRef, Masked
from fanzha.i18n import Language
from fanzha.kernel.clock import from_seconds, rfc3339
from fanzha.tracing.picture.drawing import Drawing, Edge, EdgeSide, Node, NodeSide
from fanzha.tracing.picture.marks import Mark, MarkKind
from fanzha.tracing.picture.seen import NOBODY
from fanzha.tracing.picture.unrolling import Kind, Place
from fanzha.workflows.case_patterns import NamedPattern

Line = dict[str, object]
HISTORY = 100
"""Entries of a picture's history that are told, the newest."""

PROOFS = 20
"""Movements that are told of each pattern; `fanzha trace --rows patterns` tells all."""


def picture_lines(ref: str, view: PictureView, marks: MarksView, language: Language) -> Line:
    """The whole answer."""
    drawing, asked = view.drawing, view.question.trace
    ids = [node_id(node.place, view.accounts) for node in drawing.nodes]
    return {
        "case": ref,
        "question": {
            "from": list(asked.starts),
            "of": asked.account or None,
            "way": asked.way or None,
            "direction": asked.direction.value,
            "horizon_s": asked.horizon_s,
            "floor_fen": asked.floor_fen,
            "dust_fen": view.question.dust_fen,
            "open": list(view.question.opened),
        },
        "methods": [method.value for method in drawing.methods],
        "totals": [_totals(each) for each in view.totals],
        "patterns_left_out": view.patterns_left_out,
        "patterns_cut": view.patterns_cut,
        "links": {
            "account": f"/cases/{ref}/accounts/{{account}}",
            "movement": f"/cases/{ref}/movements/{{movement}}",
            "marks": f"/cases/{ref}/trace/picture/marks?picture={marks.picture}",
        },
        "size": {
            "width": _px(drawing.width),
            "height": _px(drawing.height),
            "node_width": _px(drawing.node_width),
            "fen_per_px": drawing.fen_per_px,
        },
        "layers": _layers(drawing),
        "first_at": _at(drawing.first_s),
        "last_at": _at(drawing.last_s),
        "nodes": [
            {
                **_node(name, node, view.accounts),
                "patterns": [_pattern(each, language) for each in view.patterns.get(node.place.name, ())],
            }
            for name, node in zip(ids, drawing.nodes, strict=True)
        ],
        "edges": [_edge(each, ids) for each in drawing.edges],
        "merged": {"accounts": drawing.merged.accounts, "limits": list(drawing.merged.limits)},
        "marks": marks_lines(marks),
    }


def marks_lines(view: MarksView) -> Line:
    """What people put on the picture, as it stands."""
    marks = view.marks
    return {
        "picture": view.picture,
        "latest": marks.latest,
        "may_mark": view.may_mark,
        "pins": [{"node": node, "x": x, "y": y} for node, (x, y) in marks.pins.items()],
        "notes": [{"node": node, "text": each.made.text, **_made(each)} for node, each in marks.notes.items()],
        "groups": [
            {"nodes": list(nodes), "title": each.made.text, **_made(each)} for nodes, each in marks.groups.values()
        ],
        "hidden": sorted(marks.hidden),
        "history": [
            {
                **_made(each),
                "kind": each.made.kind.value,
                "nodes": len(each.made.nodes),
                "undone": each.entry in marks.undone,
                "undoes": each.made.of if each.made.kind is MarkKind.UNDO else None,
            }
            for each in reversed(marks.history[-HISTORY:])
        ],
    }


def _made(each: Mark) -> Line:
    return {"by": each.by, "at": rfc3339(each.at), "entry": each.entry}


def node_id(place: Place, accounts: Mapping[str, AccountRef]) -> str:
    """What a node is called in every picture of its case."""
    if place.kind is Kind.OTHERS:
        return f"others@{place.layer}"
    if place.kind is Kind.EXIT:
        return f"exit-{place.name}@{place.layer}"
    return f"{'nobody' if place.name == NOBODY else accounts[place.name].key}@{place.layer}"


def _totals(each: MethodSums) -> Line:
    sums = each.sums
    return {
        "method": each.method.value,
        "started_fen": sums.started_fen,
        "held_fen": sums.held_fen,
        "last_seen_fen": sums.last_seen_fen,
        "before_fen": sums.before_fen,
        "left_fen": dict(sums.left_fen),
        "below_floor_fen": sums.below_floor_fen,
        "disputed_fen": sums.disputed_fen,
        "ended": each.stop,
        "cut": [_account(account) for account in each.cut],
    }


def _layers(drawing: Drawing) -> list[Line]:
    accounts = dict.fromkeys((layer for layer, _ in drawing.layers), 0)
    for node in drawing.nodes:
        accounts[node.place.layer] += node.accounts
    return [{"layer": layer, "x": _px(x), "accounts": accounts[layer]} for layer, x in drawing.layers]


def _node(name: str, node: Node, accounts: Mapping[str, AccountRef]) -> Line:
    place = node.place
    key = name.partition("@")[0]
    return {
        "id": name,
        "kind": place.kind.name.lower(),
        "layer": place.layer,
        "account": _account(accounts.get(place.name)) if place.kind is Kind.ACCOUNT else None,
        "exit": place.name if place.kind is Kind.EXIT else None,
        "accounts": node.accounts,
        "members": [{"account": _account(accounts.get(number)), "through_fen": fen} for number, fen in node.members],
        "also": [f"{key}@{layer}" for layer in node.also],
        "conclusive": node.is_conclusive,
        "x": _px(node.x),
        "y": _px(node.y),
        "height": _px(node.height),
        "sides": [_side(each) for each in node.sides],
    }


def _pattern(each: NamedPattern, language: Language) -> Line:
    return {
        "id": each.id,
        "kind": each.kind,
        "title": each.title(language),
        "said": each.said(language),
        "conclusive": each.is_conclusive,
        "first_at": rfc3339(each.first_at),
        "first_precision": each.first_precision,
        "movements": list(each.movements[:PROOFS]),
        "movement_count": len(each.movements),
    }


def _side(each: NodeSide) -> Line:
    return {
        "in_fen": each.in_fen,
        "out_fen": each.out_fen,
        "held_fen": each.held_fen,
        "last_seen_fen": each.last_seen_fen,
        "before_fen": each.before_fen,
        "disputed_fen": each.disputed_fen,
        "state": each.standing.value,
        "first_at": _at(each.first_s),
        "last_at": _at(each.last_s),
    }


def _edge(each: Edge, ids: list[str]) -> Line:
    source, target = ids[each.source], ids[each.target]
    return {
        "id": f"{source}>{target}",
        "source": source,
        "target": target,
        "source_y": _px(each.source_y),
        "target_y": _px(each.target_y),
        "width": _px(each.width),
        "sides": [{"traced_fen": side.fen, "hops": _hops(side)} for side in each.sides],
    }


def _hops(side: EdgeSide) -> list[Line]:
    return [
        {
            "at": _at(step.at_s),
            "precision": step.precision,
            "traced_fen": step.fen,
            "movement": step.movement or None,
            "payments": joined,
        }
        for step, joined in zip(side.steps, side.joined, strict=True)
    ]


def _account(each: AccountRef | None) -> Line | None:
    if each is None:
        return None
    name = each.name or Masked("")
    return {
        "key": each.key,
        "number": each.number.shown,
        "number_ref": each.number.ref,
        "name": name.shown or None,
        "name_ref": name.ref,
        "has_statement": each.has_statement,
    }


def _at(second: int | None) -> str | None:
    return None if second is None else rfc3339(from_seconds(second))


def _px(length: float) -> float:
    return round(length, 2)
