"""What the tool answered, read from its JSON whatever it calls things exactly."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = tuple[str, int]
Json = Any


@dataclass(slots=True, kw_only=True)
class Answer:
    """One movement as answered."""

    id: str
    payer: frozenset[str]
    payee: frozenset[str]
    fen: int
    payer_at_s: float | None
    payee_at_s: float | None
    exit: str
    evidence: frozenset[Row]


@dataclass(slots=True, kw_only=True)
class FileAnswer:
    """The row account of one file as answered."""

    file: str
    data: int
    accepted: int
    duplicates: int
    rejected: int


@dataclass(slots=True)
class Paths:
    """Maps the tool's file names to the truth's by their endings."""

    known: list[str]
    cache: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def find(self, name: str) -> str:
        """The truth's name, or the tool's own where none fits."""
        if name not in self.cache:
            plain, _, _ = name.partition("#") if ".xls" in name else (name, "", "")
            plain = re.sub(r"[!>:|＞]+", "/", plain).replace(" ", "").replace("//", "/")
            fits = [file for file in self.known if plain.endswith(file.replace(" ", ""))]
            fits = fits or [file for file in self.known if file.replace(" ", "").endswith("/" + plain)]
            if not fits:
                self.unknown.add(name)
            self.cache[name] = max(fits, key=len) if fits else name
        return self.cache[name]


def _first(item: Json, *names: str) -> Json:
    for name in names:
        if isinstance(item, dict) and item.get(name) is not None:
            return item[name]
    return None


def listed(answer: Json, *names: str) -> list[Json]:
    """The list inside an answer."""
    if isinstance(answer, list):
        return answer
    found = _first(answer, *names, "items", "results", "rows")
    return found if isinstance(found, list) else []


def _words(value: Json) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("bank", "institution", "knowledge", "id", "kind", "state"):
                yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif value is not None and str(value).strip():
        yield str(value)


def _seconds(value: Json) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value)
    if len(text) == 10:
        text += "T00:00:00+08:00"
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.timestamp()


def movements(answer: Json, paths: Paths) -> list[Answer]:
    """Every movement of `statements movements --format json`."""
    found = []
    for item in listed(answer, "movements"):
        if item.get("moving") is False or item.get("currency") not in (None, "", "CNY"):
            continue  # shown, and said to move nothing that is traced
        evidence = frozenset(
            (paths.find(str(_first(proof, "file", "path", "name"))), int(_first(proof, "row", "line", "row_number")))
            for proof in _first(item, "evidence", "rows", "sources") or ()
        )
        found.append(
            Answer(
                id=str(_first(item, "id", "movement_id")),
                payer=frozenset([*_words(_first(item, "payer")), *_words(item.get("payer_identifiers"))]),
                payee=frozenset([*_words(_first(item, "payee")), *_words(item.get("payee_identifiers"))]),
                fen=int(_first(item, "amount_fen", "fen")),
                payer_at_s=_seconds(_first(item, "payer_at")),
                payee_at_s=_seconds(_first(item, "payee_at")),
                exit=str(_first(item, "exit", "exit_kind") or ""),
                evidence=evidence,
            )
        )
    return found


def files(answer: Json, paths: Paths) -> list[FileAnswer]:
    """Every row account of `statements quality --format json`."""
    found = []
    for item in listed(answer, "files", "sheets", "imports"):
        name = _first(item, "file", "path", "name")
        if name is None:
            found += files(item, paths)
            continue
        counts = _first(item, "rows", "counts") if isinstance(_first(item, "rows", "counts"), dict) else item
        data, accepted, duplicates, rejected = (
            int(_first(counts, *names) or 0)
            for names in (
                ("data", "data_rows", "rows_in", "rows"),
                ("accepted",),
                ("duplicates", "duplicate"),
                ("rejected", "rejections"),
            )
        )
        found.append(
            FileAnswer(
                file=paths.find(str(name)), data=data, accepted=accepted, duplicates=duplicates, rejected=rejected
            )
        )
    return found
