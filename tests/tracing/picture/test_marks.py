"""Marks come to what people see; undo is an entry, and undoing an undo brings back what it took."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.kernel.errors import Conflict, Invalid, NotFound
from fanzha.tracing.picture.marks import (
    CASE_MARKS,
    MARKED_NODES,
    MARKS,
    NODES,
    NOTE_CHARACTERS,
    Mark,
    MarkKind,
    Marks,
    marks_of,
    picture_name,
    read_mark,
    require_fitting,
    require_room,
)

A, B, C = "0123456789abcdef@1", "others@2", "exit-cash@3"
AT = datetime(2026, 3, 1, tzinfo=UTC)

PIN = {"kind": "pin", "places": [{"node": A, "x": 1, "y": 2.5}]}
NOTE = {"kind": "note", "node": A, "text": " 车手 "}
GROUP = {"kind": "group", "nodes": [A, B], "text": "水房"}
HIDE = {"kind": "hide", "nodes": [A, C]}


def marked(*told: Mapping[str, object]) -> Marks:
    """Entries 1, 2, 3 …, each made after the one before, as the program lets people make them."""
    made: list[Mark] = []
    for number, each in enumerate(told):
        new = read_mark({**each, "after": number})
        require_fitting(marks_of(made), new)
        made.append(Mark(entry=number + 1, by="analyst", at=AT, made=new))
    return marks_of(made)


def test_marks_come_to_what_is_seen() -> None:
    found = marked(PIN, NOTE, GROUP, HIDE)
    assert found.pins == {A: (1.0, 2.5)}
    assert {node: each.made.text for node, each in found.notes.items()} == {A: "车手"}
    assert [(group.nodes, group.mark.made.text) for group in found.groups.values()] == [((A, B), "水房")]
    assert found.hidden == {A, C} and found.latest == 4


def test_what_is_taken_back_is_gone() -> None:
    found = marked(
        PIN,
        NOTE,
        GROUP,
        HIDE,
        {"kind": "unpin", "nodes": [A]},
        {"kind": "note", "node": A, "text": ""},
        {"kind": "ungroup", "entry": 3},
        {"kind": "show", "nodes": [C]},
    )
    assert not found.pins and not found.notes and not found.groups
    assert found.hidden == {A}


def test_an_undo_is_an_entry_and_can_be_undone() -> None:
    undone = marked(PIN, HIDE, {"kind": "undo", "entry": 2})
    assert undone.hidden == frozenset() and undone.undone == {2} and undone.pins
    again = marked(PIN, HIDE, {"kind": "undo", "entry": 2}, {"kind": "undo", "entry": 3})
    assert again.hidden == {A, C} and again.undone == {3}
    for entry in (2, 4, 0):
        with pytest.raises(NotFound):
            marked(PIN, HIDE, {"kind": "undo", "entry": 2}, {"kind": "undo", "entry": entry})


def test_a_node_is_in_the_last_group_it_was_put_in() -> None:
    found = marked(GROUP, {"kind": "group", "nodes": [B, C], "text": ""})
    assert [group.nodes for group in found.groups.values()] == [(B, C)]
    with pytest.raises(NotFound):
        marked(GROUP, {"kind": "ungroup", "entry": 7})


def test_who_has_not_seen_the_last_mark_marks_nothing() -> None:
    found = marked(PIN)
    with pytest.raises(Conflict):
        require_fitting(found, read_mark({**HIDE, "after": 0}))
    require_fitting(found, read_mark({**HIDE, "after": 1}))


def test_a_picture_keeps_so_many_marks() -> None:
    made = read_mark({**HIDE, "after": MARKS})
    full = marks_of([Mark(entry=number + 1, by="a", at=AT, made=made) for number in range(MARKS)])
    with pytest.raises(Invalid, match="too_many_marks"):
        require_fitting(full, made)


def test_the_marks_of_a_picture_touch_so_many_nodes_together() -> None:
    everywhere = {"kind": "pin", "places": [{"node": f"{each:016x}@1", "x": 1, "y": 2} for each in range(NODES)]}
    full = marked(*[everywhere] * (MARKED_NODES // NODES))
    with pytest.raises(Invalid, match="too_many_marked_nodes"):
        require_fitting(full, read_mark({**PIN, "after": full.latest}))
    require_fitting(full, read_mark({"kind": "undo", "entry": 1, "after": full.latest}))


def test_all_pictures_of_a_case_keep_so_many_marks() -> None:
    require_room(CASE_MARKS - 1)
    with pytest.raises(Invalid, match="case_too_many_marks"):
        require_room(CASE_MARKS)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {**HIDE, "kind": "paint"},
        {**HIDE, "nodes": []},
        {**HIDE, "nodes": ["9999990000000000017@1"]},
        {**HIDE, "nodes": ["others@2"] * 2_001},
        {**HIDE, "nodes": "others@2"},
        {**GROUP, "nodes": [A, A]},
        {**GROUP, "text": None},
        {**NOTE, "text": "x" * (NOTE_CHARACTERS + 1)},
        {**NOTE, "text": "\0"},
        {**NOTE, "node": "<b>@1"},
        {**PIN, "places": [{"node": A, "x": float("nan"), "y": 0}]},
        {**PIN, "places": [{"node": A, "x": True, "y": 0}]},
        {**PIN, "places": [{"node": A, "x": 10**9, "y": 0}]},
        {**PIN, "places": [A]},
        {"kind": "undo", "entry": "1"},
        {"kind": "undo", "entry": -1},
    ],
)
def test_what_is_no_mark_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        read_mark({"after": 0, **told})
    with pytest.raises(Invalid):
        read_mark({**HIDE, "after": True})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([A, B]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["node", "x", "y"]), inner),
)


@settings(deadline=None)
@given(st.sampled_from(MarkKind), st.dictionaries(st.sampled_from(["nodes", "places", "node", "text", "entry"]), JSON))
def test_anything_sent_is_a_mark_or_invalid(kind: MarkKind, told: dict[str, object]) -> None:
    try:
        made = read_mark({**told, "kind": kind.value, "after": 0})
    except Invalid:
        return
    assert made.kind is kind and len(made.places) in (0, len(made.nodes))


def test_a_pictures_name_is_no_number_of_somebody() -> None:
    assert picture_name("0123456789abcdef")
    for told in (None, "", "9999990000000000017", "0123456789ABCDEF"):
        with pytest.raises(Invalid):
            picture_name(told)
