"""A small centre for tests of evidence: a tree of units, cases in it, imports with a few rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, insert

from fanzha.adapters.ledger.writing import ImportDigest
from fanzha.adapters.store.imports import Import, ImportedFile, ImportResult, begin_import, finish_import
from fanzha.adapters.store.keys import Keys
from fanzha.adapters.store.mentions import note_mentions
from fanzha.adapters.store.schema.place import unit
from fanzha.cases.case import Case
from fanzha.cases.retention import Classes, retention_classes
from fanzha.cases.subjects import Mention, Role, SubjectKind
from fanzha.kernel.units import Actor
from fanzha.records.statements.cleaning import RowCounts
from fanzha.rulebook import load_retention
from fanzha.workflows.import_statements import SheetOutcome
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION

CLASSES: Classes = retention_classes(load_retention())
CARD = "9999990000000000011"
OTHER_CARD = "9999990000000000029"
NAME = "测试·甲"
MENTIONS = [
    Mention(SubjectKind.ACCOUNT, CARD, Role.HOLDER),
    Mention(SubjectKind.NAME, NAME, Role.HOLDER),
    Mention(SubjectKind.ACCOUNT, OTHER_CARD, Role.COUNTERPARTY),
]

Open = Callable[..., Case]


def plant(engine: Engine, now: datetime) -> None:
    """Put the tree of units into the database."""
    levels = {CITY: "city", COUNTY: "county", STATION: "station", OTHER_COUNTY: "county"}
    with engine.begin() as connection:
        connection.execute(
            insert(unit),
            [
                {
                    "path": path,
                    "level": level,
                    "name_zh": f"测试{path}",
                    "name_en": f"Test {path}",
                    "contact": "12345",
                    "created_at": now,
                }
                for path, level in levels.items()
            ],
        )


def sheet(path: str = "feedback.zip/detail.csv", leaf: str = "a" * 64, **more: object) -> SheetOutcome:
    """An understood sheet of five rows."""
    known: dict[str, object] = {
        "key": f"{leaf}:{path}",
        "path": path,
        "leaf_sha256": leaf,
        "encoding": "gb18030",
        "format_id": "query_feedback_transactions",
        "certainty": 0.98,
        "mapping": {"own_card": "交易卡号"},
        "counts": RowCounts(preamble=1, header=1, blank=2, total=1, accepted=4, rejected=1),
        "reasons": {"failed": 1},
        "notes": {"account_incomplete": 1},
    }
    return SheetOutcome(**{**known, **more})  # type: ignore[arg-type]  # fields by name


def imported(
    connection: Connection, keys: Keys, case: Case, actor: Actor, now: datetime, *sheets: SheetOutcome
) -> Import:
    """A finished import that mentions `MENTIONS`."""
    begun = begin_import(connection, keys, case.id, actor, now)
    note_mentions(connection, keys, begun.id, MENTIONS, now)
    result = ImportResult(
        digest=ImportDigest(rows=5, sha256="b" * 64, size=1234),
        files=[ImportedFile(name="feedback.zip", sha256="c" * 64, size=999)],
        sheets=sheets or (sheet(),),
    )
    return finish_import(connection, begun.id, result, actor, now)
