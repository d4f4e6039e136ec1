"""Cells found in the XML of a plain worksheet, and laid out column by column; whatever is not plain is refused.

Behind every text given here come PADDING NUL bytes: no loop runs over one, so none runs beyond the text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.files.cell_kernels import digits, may_be_trimmed, reference, run_of_text, shows_itself
from fanzha.kernel.compiled import compiled

ROW, COLUMN, START, END, KIND, VALUE = range(6)
"""What is kept of a cell: place of its row in the block, column from 0, where its text lies, how to read it."""

TEXT, SHARED, NUMBER, TYPED_NUMBER, TRIMMED, KEPT, FORMULA, TRUTH, ERROR, MOMENT = range(10)
"""How a cell is read: as it stands (TEXT), from the table of strings (at VALUE), or as calamine reads it.

VALUE of a number is its style counted from 1, and 0 without one.
"""

LAST_ROW, WIDEST = range(2)
"""What is carried from block to block: the last row seen and the width of all references, empty cells' too."""

NOT_PLAIN = -1
PADDING = 8
"""NUL bytes behind every text."""

_INLINE = 100

_OPEN_ROW = np.frombuffer(b"<row", np.uint8)
_CLOSE_ROW = np.frombuffer(b"</row>", np.uint8)
_OPEN_CELL = np.frombuffer(b"<c", np.uint8)
_CLOSE_CELL = np.frombuffer(b"</c>", np.uint8)
_OPEN_FORMULA = np.frombuffer(b"<f", np.uint8)
_CLOSE_FORMULA = np.frombuffer(b"</f>", np.uint8)
_VALUE = np.frombuffer(b"<v", np.uint8)
_OPEN_VALUE = np.frombuffer(b"<v>", np.uint8)
_CLOSE_VALUE = np.frombuffer(b"</v>", np.uint8)
_OPEN_INLINE = np.frombuffer(b"<is>", np.uint8)
_CLOSE_INLINE = np.frombuffer(b"</is>", np.uint8)
_TEXT = np.frombuffer(b"<t", np.uint8)
_OPEN_TEXT = np.frombuffer(b"<t>", np.uint8)
_OPEN_KEPT_TEXT = np.frombuffer(b'<t xml:space="preserve">', np.uint8)
_CLOSE_TEXT = np.frombuffer(b"</t>", np.uint8)
_NAME_INLINE = np.frombuffer(b'inlineStr"', np.uint8)
_NAME_FORMULA = np.frombuffer(b'str"', np.uint8)


@compiled
def find_cells(
    text: NDArray[np.uint8],
    as_numbers: NDArray[np.bool_],
    strings: int,
    carried: NDArray[np.int64],
    cells: NDArray[np.int32],
    numbers: NDArray[np.int64],
) -> int:
    """Fill `cells` with those of whole rows that have a value, and `numbers` with their rows'; how many cells, or -1.

    `as_numbers` tells which styles show a number as a number; `strings` is the length of the table of strings.
    """
    at, count, rows = _skip_space(text, 0), 0, 0
    while text[at] != 0:
        after, named, is_empty = _row_tag(text, at)
        if after < 0:
            return NOT_PLAIN
        at = _skip_space(text, after)
        column, first = -1, count
        while not is_empty and text[at] == 60 and text[at + 1] == 99:
            at, number, next_column = _cell(text, at, as_numbers, strings, cells[count])
            if at < 0 or next_column <= column or (named >= 0 and number != named):
                return NOT_PLAIN
            if column < 0 and number <= carried[LAST_ROW]:
                return NOT_PLAIN
            if column >= 0 and number != carried[LAST_ROW]:
                return NOT_PLAIN
            column = next_column
            carried[LAST_ROW] = number
            carried[WIDEST] = max(carried[WIDEST], column + 1)
            if cells[count, KIND] >= 0:
                cells[count, ROW], cells[count, COLUMN] = rows, column
                count += 1
            at = _skip_space(text, at)
        if count > first:
            numbers[rows] = carried[LAST_ROW]
            rows += 1
        if not is_empty:
            if not _is(text, at, _CLOSE_ROW):
                return NOT_PLAIN
            at += len(_CLOSE_ROW)
        at = _skip_space(text, at)
    return count if at == len(text) - PADDING else NOT_PLAIN


@compiled
def _is(text: NDArray[np.uint8], at: int, word: NDArray[np.uint8]) -> bool:
    place = 0
    while place < len(word) and text[at + place] == word[place]:
        place += 1
    return place == len(word)


@compiled
def _skip_space(text: NDArray[np.uint8], at: int) -> int:
    while text[at] == 32 or text[at] == 10 or text[at] == 13 or text[at] == 9:
        at += 1
    return at


@compiled
def _attribute(text: NDArray[np.uint8], at: int) -> tuple[int, int, int]:
    """Where the attribute that follows has its name, its value and its closing quote; -1 where there is none."""
    start = at + 1
    if text[at] != 32:
        return -1, 0, 0
    at = start
    while 97 <= (text[at] | 32) <= 122 or 48 <= text[at] <= 58:
        at += 1
    if at == start or text[at] != 61 or text[at + 1] != 34:
        return -1, 0, 0
    value = at + 2
    at = value
    while text[at] != 34:
        if text[at] == 0 or text[at] == 60 or text[at] == 38:
            return -1, 0, 0
        at += 1
    return start, value, at


@compiled
def _tag_end(text: NDArray[np.uint8], at: int) -> tuple[int, bool]:
    """Behind the end of an opening tag, and whether the tag closes itself; -1 where no tag ends."""
    at += text[at] == 32 and text[at + 1] == 47
    if text[at] == 62:
        return at + 1, False
    if text[at] == 47 and text[at + 1] == 62:
        return at + 2, True
    return -1, False


@compiled
def _behind_empty(text: NDArray[np.uint8], at: int, tag: NDArray[np.uint8]) -> int:
    """Behind a tag without attributes that closes itself, or -1."""
    if not _is(text, at, tag):
        return -1
    after, is_empty = _tag_end(text, at + len(tag))
    return after if is_empty else -1


@compiled
def _row_tag(text: NDArray[np.uint8], at: int) -> tuple[int, int, bool]:
    """Behind the opening tag of a row, the row's number (-1 when not told), whether it has no cells."""
    if not _is(text, at, _OPEN_ROW):
        return -1, 0, False
    at, number = at + len(_OPEN_ROW), -1
    while text[at] == 32 and text[at + 1] != 47:
        name, value, end = _attribute(text, at)
        if name < 0:
            return -1, 0, False
        if text[name] == 114 and text[name + 1] == 61:
            if number >= 0:
                return -1, 0, False
            number = digits(text, value, end)
            if number < 1:
                return -1, 0, False
        at = end + 1
    after, is_empty = _tag_end(text, at)
    return after, number, is_empty


@compiled
def _type(text: NDArray[np.uint8], at: int, end: int) -> int:
    """How cells of the named type are read, or -1."""
    if end - at == 1:
        letter = text[at]
        if letter == 115:
            return SHARED
        if letter == 110:
            return TYPED_NUMBER
        if letter == 98:
            return TRUTH
        if letter == 101:
            return ERROR
        if letter == 100:
            return MOMENT
    if _is(text, at, _NAME_INLINE):
        return _INLINE
    return FORMULA if _is(text, at, _NAME_FORMULA) else -1


@compiled
def _cell(
    text: NDArray[np.uint8], at: int, as_numbers: NDArray[np.bool_], strings: int, cell: NDArray[np.int32]
) -> tuple[int, int, int]:
    """Behind the cell, its row and its column; its text and kind go to `cell`, kind -1 when it has no value."""
    at, row, column, style, kind, named = at + len(_OPEN_CELL), -1, 0, 0, NUMBER, 0
    while text[at] == 32 and text[at + 1] != 47:
        name, value, end = _attribute(text, at)
        if name < 0 or value - name != 3:
            return -1, 0, 0
        letter = text[name]
        if letter == 114 and named & 1 == 0:
            named |= 1
            row, column = reference(text, value, end)
        elif letter == 115 and named & 2 == 0:
            named |= 2
            style = digits(text, value, end) + 1
            if not 1 <= style <= len(as_numbers):
                return -1, 0, 0
        elif letter == 116 and named & 4 == 0:
            named |= 4
            kind = _type(text, value, end)
        else:
            return -1, 0, 0
        at = end + 1
    if row < 1 or kind < 0:
        return -1, 0, 0
    at, is_empty = _tag_end(text, at)
    if at < 0:
        return -1, 0, 0
    cell[KIND], cell[VALUE] = -1, style
    if not is_empty:
        at = _content(text, _skip_space(text, at), kind, as_numbers, strings, cell)
    return at, row, column


@compiled
def _content(
    text: NDArray[np.uint8], at: int, kind: int, as_numbers: NDArray[np.bool_], strings: int, cell: NDArray[np.int32]
) -> int:
    """Behind the closing tag of a cell whose text and kind go to `cell`; -1 when what it holds is not plain."""
    if _is(text, at, _OPEN_FORMULA):
        at = _skip_space(text, _formula(text, at))
    if at < 0:
        return -1
    if _is(text, at, _OPEN_INLINE):
        at = _inline(text, at, cell) if kind == _INLINE else -1
    elif _behind_empty(text, at, _VALUE) > 0:
        if kind == MOMENT:
            return -1  # calamine sees a cell in an empty moment
        at = _behind_empty(text, at, _VALUE)
        cell[START], cell[END], cell[KIND] = at, at, TEXT if kind == FORMULA else -1
    elif _is(text, at, _OPEN_VALUE):
        start = at + len(_OPEN_VALUE)
        at, as_it_stands = run_of_text(text, start)
        if kind == _INLINE or not _is(text, at, _CLOSE_VALUE) or (kind == MOMENT and at == start):
            return -1
        cell[START], cell[END], cell[KIND] = start, at, TEXT
        if (kind != FORMULA or not as_it_stands) and not _decide(text, kind, as_numbers, strings, cell):
            return -1
        at += len(_CLOSE_VALUE)
    if at < 0:
        return -1
    at = _skip_space(text, at)
    return at + len(_CLOSE_CELL) if _is(text, at, _CLOSE_CELL) else -1


@compiled
def _formula(text: NDArray[np.uint8], at: int) -> int:
    """Behind a cell's formula, which nobody runs."""
    at += len(_OPEN_FORMULA)
    while text[at] == 32 and text[at + 1] != 47:
        name, _, end = _attribute(text, at)
        if name < 0:
            return -1
        at = end + 1
    at, is_empty = _tag_end(text, at)
    if at < 0 or is_empty:
        return at
    while text[at] != 60 and text[at] != 0:
        at += 1
    return at + len(_CLOSE_FORMULA) if _is(text, at, _CLOSE_FORMULA) else -1


@compiled
def _inline(text: NDArray[np.uint8], at: int, cell: NDArray[np.int32]) -> int:
    """Behind the text that lies in the cell itself."""
    at, kept = _skip_space(text, at + len(_OPEN_INLINE)), False
    if _behind_empty(text, at, _TEXT) > 0:
        cell[START], cell[END], cell[KIND] = at, at, TEXT
        at = _behind_empty(text, at, _TEXT)
    else:
        kept = _is(text, at, _OPEN_KEPT_TEXT)
        if not kept and not _is(text, at, _OPEN_TEXT):
            return -1
        at += len(_OPEN_KEPT_TEXT) if kept else len(_OPEN_TEXT)
        start = at
        at, as_it_stands = run_of_text(text, start)
        if not _is(text, at, _CLOSE_TEXT):
            return -1
        as_it_stands &= kept or start == at or not may_be_trimmed(text, start, at)
        cell[START], cell[END], cell[KIND] = start, at, TEXT if as_it_stands else KEPT if kept else TRIMMED
        at += len(_CLOSE_TEXT)
    at = _skip_space(text, at)
    return at + len(_CLOSE_INLINE) if _is(text, at, _CLOSE_INLINE) else -1


@compiled
def _decide(
    text: NDArray[np.uint8], kind: int, as_numbers: NDArray[np.bool_], strings: int, cell: NDArray[np.int32]
) -> bool:
    """How the value is read; False when nobody can tell but calamine with the whole book."""
    start, end = cell[START], cell[END]
    cell[KIND] = kind
    if start == end:
        cell[KIND] = -1
    elif kind == SHARED:
        place = digits(text, start, end)
        cell[VALUE] = place
        return 0 <= place < strings
    elif kind in (NUMBER, TYPED_NUMBER):
        style = cell[VALUE]
        if (style == 0 or as_numbers[style - 1]) and shows_itself(text, start, end):
            cell[KIND] = TEXT
    return True


@compiled
def lay_out(
    text: NDArray[np.uint8], cells: NDArray[np.int32], offsets: NDArray[np.int32], laid: NDArray[np.uint8]
) -> None:
    """Copy all cells column after column into `laid`, where `offsets` (columns × rows + 1, zeros first) finds them."""
    for place in range(len(cells)):
        offsets[cells[place, COLUMN], cells[place, ROW]] = cells[place, END] - cells[place, START]
    at = 0
    for column in range(offsets.shape[0]):
        for row in range(offsets.shape[1]):
            length = offsets[column, row]
            offsets[column, row] = at
            at += length
    for place in range(len(cells)):
        to = offsets[cells[place, COLUMN], cells[place, ROW]]
        for source in range(cells[place, START], cells[place, END]):
            laid[to] = text[source]
            to += 1
