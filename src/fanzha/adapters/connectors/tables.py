"""A message as a table of two columns, a field and its value: what a person at a bank opens, fills in and saves.

`target.number`, `transactions[0].serial`: the path of each field as the schema has it. Documents lie beside, by hash.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.shape import schema_of
from fanzha.protocol.wire import as_json, from_json

M = TypeVar("M")
Rows = list[tuple[str, str]]

HEAD = ("field", "value")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""A spreadsheet takes text that begins so for a formula, or hides the mark; in CSV it gets an apostrophe before it."""
_NOTHING: Mapping[type, str] = {dict: "{}", list: "[]"}
"""How a table says that an object or a list is there and empty."""
_ESCAPED = tuple(f"'{mark}" for mark in FORMULA)
LARGEST_UNPACKED = 4 * MAX_MESSAGE_BYTES
LARGEST_EXACT = 2**53
_STEP = re.compile(r"([a-z_0-9]+)|\[([0-9]{1,4})\]")
_PATH = re.compile(r"[a-z_0-9]+(\[[0-9]{1,4}\])?(\.[a-z_0-9]+(\[[0-9]{1,4}\])?)*")


def rows_of(message: object) -> Rows:
    """The fields of a message that are known, in the order of its schema; contents of documents stay out."""
    return list(_flat(as_json(message), ""))


def from_rows(kind: type[M], rows: Iterable[tuple[str, str]], contents: Mapping[str, str]) -> M:
    """The message that rows describe; `contents` are documents in base64 by their hash. `Invalid` with the field."""
    told: dict[str, Any] = {}
    schema = schema_of(kind)
    for path, text in rows:
        if not _PATH.fullmatch(path):
            raise Invalid("protocol.unknown_field", path="?")
        _set(told, path, _typed(schema, path, text))
    for each in told.get("documents", []):
        if isinstance(each, dict) and str(each.get("sha256")) in contents:
            each["content"] = contents[str(each["sha256"])]
    return from_json(kind, told)


def csv_bytes(rows: Rows) -> bytes:
    """The table as CSV that a spreadsheet opens as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows((path, f"'{text}" if text.startswith(FORMULA) else text) for path, text in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: Rows) -> bytes:
    """The table as a workbook whose cells are all text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, plain = book.add_worksheet("message"), book.add_format({"num_format": "@"})
    sheet.set_column(0, 0, 36, plain)
    sheet.set_column(1, 1, 60, plain)
    for place, (path, text) in enumerate([HEAD, *rows]):
        sheet.write_string(place, 0, path, plain)
        sheet.write_string(place, 1, text, plain)
    book.close()
    return out.getvalue()


def read_table(data: bytes, suffix: str) -> Rows:
    """The rows of a CSV or XLSX file; `Invalid` for what is none, or is too large. Empty values are not known."""
    if len(data) > MAX_MESSAGE_BYTES:
        raise Invalid("protocol.too_large", path="", limit_bytes=MAX_MESSAGE_BYTES)
    cells = _cells_of_csv(data) if suffix == ".csv" else _cells_of_xlsx(data)
    rows = [(line[0].strip(), line[1]) for line in cells if len(line) > 1 and line[0].strip()]
    if not rows or (rows[0][0].lower(), rows[0][1].strip().lower()) != HEAD:
        raise Invalid("connectors.no_table", path="")
    known = [(path, text) for path, text in rows[1:] if text.strip()]
    if len({path for path, _ in known}) != len(known):
        raise Invalid("connectors.field_twice", path="")
    return known


def _flat(value: object, path: str) -> Iterator[tuple[str, str]]:
    if value in ({}, []):
        yield path, _NOTHING[type(value)]
    elif isinstance(value, dict):
        for name, each in value.items():
            if not (path.startswith("documents[") and name == "content"):
                yield from _flat(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _flat(each, f"{path}[{place}]")
    else:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _typed(schema: Mapping[str, Any], path: str, text: str) -> object:
    """A cell as the schema's type wants it; what does not fit stays text and is refused by its reader."""
    told: Mapping[str, Any] = schema
    for name, _ in _STEP.findall(path):
        told = told.get("properties", {}).get(name, {}) if name else told.get("items", {})
        reference = told.get("$ref", "").removeprefix("#/$defs/")
        told = schema["$defs"][reference] if reference else told
    if text in _NOTHING.values() and told.get("type") in {"object", "array"}:
        return {} if text == "{}" else []
    if told.get("type") == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
        return int(text)
    if told.get("type") == "boolean" and text.strip().lower() in {"true", "false"}:
        return text.strip().lower() == "true"
    return text


def _set(told: dict[str, Any], path: str, value: object) -> None:
    """Put a value where its path says, making objects and lists on the way; lists have no gaps."""
    steps: list[str | int] = [name or int(place) for name, place in _STEP.findall(path)]
    here: Any = told
    for step, ahead in zip(steps, [*steps[1:], None], strict=True):
        fresh: Any = value if ahead is None else [] if isinstance(ahead, int) else {}
        if isinstance(step, int):
            if not isinstance(here, list) or step > len(here):
                raise Invalid("protocol.wrong_form", path=path)
            if step == len(here):
                here.append(fresh)
        elif not isinstance(here, dict) or (ahead is None and step in here):
            raise Invalid("protocol.wrong_form", path=path)
        else:
            here.setdefault(step, fresh)
        here = here[step]


def _cells_of_csv(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
        return [[each[1:] if each.startswith(_ESCAPED) else each for each in row] for row in rows]
    raise Invalid("connectors.no_table", path="")


def _cells_of_xlsx(data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
                raise Invalid("protocol.too_large", path="", limit_bytes=LARGEST_UNPACKED)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [[_cell(each) for each in row] for row in sheet.to_python(skip_empty_area=False)]
    except (zipfile.BadZipFile, CalamineError, ValueError, IndexError):
        raise Invalid("connectors.no_table", path="") from None


def _cell(value: object) -> str:
    """A cell's text; a number that a spreadsheet could have rounded is refused with its row."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if value != int(value) or abs(value) >= LARGEST_EXACT:
            raise Invalid("connectors.rounded", path="")
        return str(int(value))
    return str(value)
