"""What people put on a picture: each mark is an entry, an undo is one too, and the picture is what they come to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from fanzha.kernel.errors import Conflict, Invalid, NotFound

NODES = 2_000
"""Nodes that one mark may touch: as many as one picture draws."""
NOTE_CHARACTERS = 1_000
TITLE_CHARACTERS = 100
FARTHEST_PX = 1_000_000
MARKS = 5_000
"""Marks of one picture: a person who drags for a day makes hundreds."""
MARKED_NODES = 20_000
"""Nodes that all marks of one picture touch together, each as often as it is touched: ten times a full picture."""
CASE_MARKS = 20_000
"""Marks of all pictures of one case."""

_PICTURE = re.compile(r"[0-9a-f]{16}")
_NODE = re.compile(r"([0-9a-f]{16}|nobody|others|exit-[a-z_]{1,32})@[0-9]{1,4}")


class MarkKind(StrEnum):
    """What a mark does."""

    PIN = "pin"
    UNPIN = "unpin"
    NOTE = "note"
    GROUP = "group"
    UNGROUP = "ungroup"
    HIDE = "hide"
    SHOW = "show"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMark:
    """A mark that somebody makes who saw the picture after the entry `after`.

    `places` are those of `nodes` for a pin; `of` is an entry, for ungroup and undo.
    """

    kind: MarkKind
    after: int
    nodes: tuple[str, ...] = ()
    places: tuple[tuple[float, float], ...] = ()
    text: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark that was made; entries of one picture count from 1."""

    entry: int
    by: str
    at: datetime
    made: NewMark


class Group(NamedTuple):
    """Nodes that are drawn as one, and the mark that made them so."""

    nodes: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What all marks of a picture come to; `undone` are the entries that no longer count."""

    pins: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: Mapping[str, Mark] = field(default_factory=dict)
    groups: Mapping[int, Group] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    history: tuple[Mark, ...] = ()
    undone: frozenset[int] = frozenset()

    @property
    def latest(self) -> int:
        """The last entry's number, 0 without any."""
        return self.history[-1].entry if self.history else 0


def marks_of(history: Sequence[Mark]) -> Marks:
    """What marks, oldest first, come to: an undone one counts for nothing, an undone undo brings back what it took."""
    undone: set[int] = set()
    for each in reversed(history):
        if each.made.kind is MarkKind.UNDO and each.entry not in undone and each.made.of is not None:
            undone.add(each.made.of)
    pins: dict[str, tuple[float, float]] = {}
    notes: dict[str, Mark] = {}
    groups: dict[int, Group] = {}
    hidden: set[str] = set()
    for each in history:
        if each.entry in undone:
            continue
        made = each.made
        if made.kind is MarkKind.PIN:
            pins.update(zip(made.nodes, made.places, strict=True))
        elif made.kind is MarkKind.UNPIN:
            for node in made.nodes:
                pins.pop(node, None)
        elif made.kind is MarkKind.NOTE:
            notes.pop(made.nodes[0], None)
            notes |= {made.nodes[0]: each} if made.text else {}
        elif made.kind in (MarkKind.GROUP, MarkKind.UNGROUP):
            groups = _regrouped(groups, each)
        elif made.kind is MarkKind.HIDE:
            hidden.update(made.nodes)
        elif made.kind is MarkKind.SHOW:
            hidden.difference_update(made.nodes)
    return Marks(
        pins=pins,
        notes=notes,
        groups=groups,
        hidden=frozenset(hidden),
        history=tuple(history),
        undone=frozenset(undone),
    )


def _regrouped(groups: Mapping[int, Group], each: Mark) -> dict[int, Group]:
    """A node is in one group only, the last it was put in; a group of one is none."""
    if each.made.kind is MarkKind.UNGROUP:
        return {entry: group for entry, group in groups.items() if entry != each.made.of}
    taken = set(each.made.nodes)
    rest = {
        entry: Group(tuple(node for node in group.nodes if node not in taken), group.mark)
        for entry, group in groups.items()
    }
    found = {entry: group for entry, group in rest.items() if len(group.nodes) > 1}
    return found | {each.entry: Group(each.made.nodes, each)}


def require_fitting(marks: Marks, made: NewMark) -> None:
    """`Conflict` when others have marked meanwhile, `NotFound` for what does not stand, `Invalid` beyond a limit."""
    if marks.latest != made.after:
        raise Conflict("picture.marked_since", by=marks.history[-1].by if marks.history else "")
    if len(marks.history) >= MARKS:
        raise Invalid("picture.too_many_marks", most=MARKS)
    if made.nodes and len(made.nodes) + sum(len(each.made.nodes) for each in marks.history) > MARKED_NODES:
        raise Invalid("picture.too_many_marked_nodes", most=MARKED_NODES)
    stands = {each.entry for each in marks.history} - marks.undone
    if made.kind is MarkKind.UNDO and made.of not in stands:
        raise NotFound("picture.no_such_mark")
    if made.kind is MarkKind.UNGROUP and made.of not in marks.groups:
        raise NotFound("picture.no_such_mark")


def require_room(in_case: int) -> None:
    """`Invalid` when all pictures of a case together have as many marks as a case keeps."""
    if in_case >= CASE_MARKS:
        raise Invalid("picture.case_too_many_marks", most=CASE_MARKS)


def picture_name(told: object) -> str:
    """The name of a picture as a URL carries it; `Invalid` for what is none."""
    if isinstance(told, str) and _PICTURE.fullmatch(told):
        return told
    raise Invalid("picture.bad_mark", field="picture")


def read_mark(told: Mapping[str, object]) -> NewMark:
    """A mark as a browser sends it; `Invalid` names the field that cannot be understood."""
    try:
        kind = MarkKind(str(told.get("kind")))
    except ValueError:
        raise Invalid("picture.bad_mark", field="kind") from None
    after = _whole(told, "after")
    if kind is MarkKind.PIN:
        places = _list(told, "places")
        nodes = tuple(_node(each.get("node") if isinstance(each, Mapping) else None) for each in places)
        return NewMark(
            kind=kind, after=after, nodes=nodes, places=tuple((_px(each, "x"), _px(each, "y")) for each in places)
        )
    if kind is MarkKind.NOTE:
        return NewMark(kind=kind, after=after, nodes=(_node(told.get("node")),), text=_text(told, NOTE_CHARACTERS))
    if kind in (MarkKind.UNDO, MarkKind.UNGROUP):
        return NewMark(kind=kind, after=after, of=_whole(told, "entry"))
    nodes = tuple(dict.fromkeys(_node(each) for each in _list(told, "nodes")))
    if kind is not MarkKind.GROUP:
        return NewMark(kind=kind, after=after, nodes=nodes)
    if len(nodes) < 2:
        raise Invalid("picture.bad_mark", field="nodes")
    return NewMark(kind=kind, after=after, nodes=nodes, text=_text(told, TITLE_CHARACTERS))


def _whole(told: Mapping[str, object], name: str) -> int:
    found = told.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= 2**31:
        raise Invalid("picture.bad_mark", field=name)
    return found


def _list(told: Mapping[str, object], name: str) -> list[object]:
    found = told.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= NODES:
        raise Invalid("picture.bad_mark", field=name)
    return found


def _node(told: object) -> str:
    if not isinstance(told, str) or not _NODE.fullmatch(told):
        raise Invalid("picture.bad_mark", field="node")
    return told


def _px(told: object, name: str) -> float:
    found = told.get(name) if isinstance(told, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float) or not -FARTHEST_PX <= found <= FARTHEST_PX:
        raise Invalid("picture.bad_mark", field=name)
    return round(float(found), 2)


def _text(told: Mapping[str, object], most: int) -> str:
    found = told.get("text")
    if not isinstance(found, str) or len(found.strip()) > most or "\0" in found:
        raise Invalid("picture.bad_mark", field="text")
    return found.strip()
