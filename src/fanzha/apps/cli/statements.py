"""`fanzha statements …`: files into a case, the row account, movements with their evidence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fanzha.adapters.store.cases import case_by_ref
from fanzha.adapters.store.imports import list_imports, set_excluded
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, Row, give, give_one, progress, worded
from fanzha.apps.cli.statement_words import announce, import_lines, masked_movement, movement_row, sheet_row
from fanzha.i18n import text
from fanzha.kernel.errors import Invalid
from fanzha.kernel.ids import ImportId
from fanzha.wiring.exports import export_movements
from fanzha.wiring.house import operator
from fanzha.wiring.mapping import confirmed_mapping, drafted_mapping
from fanzha.wiring.quality import case_quality, listed_rows
from fanzha.wiring.statements import import_files

app = noun("statements")

Form = Annotated[Format, option("format.help", "--format")]
Case = Annotated[str, option("words.case", "--case", metavar="CASE")]

MOVEMENT = (
    "id", "payer_at", "payee_at", "payer", "payee", "amount_fen", "currency", "exit", "evidence",
    "payer_identifiers", "payee_identifiers", "payer_name", "payee_name", "payer_precision", "payee_precision",
    "moving", "doubts", "summary",
)  # fmt: skip
MOVEMENT_IN_TABLE = ("payer_at", "payee_at", "payer", "payee", "amount_fen", "exit", "evidence")
SHEET = (
    "file", "sheet", "format", "certainty", "encoding", "data", "accepted", "duplicates", "rejected",
    "preamble", "header", "blank", "total", "fault",
)  # fmt: skip
IMPORT = ("id", "at", "actor", "state", "excluded", "rows", "fault")
LISTED = ("file", "sheet", "row", "column", "reason", "same_as_file", "same_as_row")


@command(app, "statements.import")
def import_(
    files: Annotated[list[Path], argument("statements.import.files", metavar="FILE…")],
    case: Case,
    mapping: Annotated[Path | None, option("statements.import.mapping", "--mapping")] = None,
    form: Form = Format.TABLE,
) -> None:
    """Import files and packages; prints how every sheet was understood and its row account."""
    fixed = confirmed_mapping(mapping) if mapping else None
    with opened_house() as house, progress(say("statements.import.label")) as line:
        done = import_files(
            house,
            operator(),
            case,
            files,
            mapping=fixed,
            progress=lambda at: line.show(at.done_bytes, at.whole_bytes or None, at.path),
        )
        quality = case_quality(house, operator(), case)
    announce(done, chosen())
    mine = [each for each in quality.sheets if done.made is not None and each.import_id == done.made.id]
    if form is Format.JSON:
        give_one(import_lines(done, mine), form)
    else:
        give([sheet_row(each) for each in mine], SHEET, form)
    understood = any(each.sheet.counts.data or each.sheet.counts.header for each in mine)
    if not understood and not any(each.known.understood for each in done.repeats):
        raise Invalid("statements.nothing_understood", count=len(mine) + len(done.repeats))


@command(app, "statements.quality")
def quality_(
    case: Case,
    rows: Annotated[str, option("statements.quality.rows", "--rows", metavar="rejected|duplicates")] = "",
    form: Form = Format.TABLE,
) -> None:
    """The row account: data rows = accepted + duplicates + rejected, sheet by sheet; or the rows themselves."""
    with opened_house() as house:
        if rows:
            give(listed_rows(house, operator(), case, rows), LISTED, form)
            return
        found = case_quality(house, operator(), case)
    if form is Format.JSON:
        give_one({"case": case, "total": found.totals(), "files": [sheet_row(each) for each in found.sheets]}, form)
    else:
        give([*(sheet_row(each) for each in found.sheets), {"file": say("words.sum"), **found.totals()}], SHEET, form)


@command(app, "statements.movements")
def movements(
    case: Case,
    purpose: Annotated[str, option("statements.movements.purpose", "--purpose")] = "case_work",
    mask: Annotated[bool, option("statements.movements.mask", "--mask")] = False,
    everything: Annotated[bool, option("statements.movements.all", "--all")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Every movement of a case with its evidence; on a terminal masked, in files in full and on record."""
    hidden = mask or form is Format.TABLE or not purpose

    def told() -> Iterator[Row]:
        with opened_house() as house:
            exported = export_movements(house, operator(), case, "" if hidden else purpose, everything=everything)
            for each in exported:
                yield movement_row(masked_movement(each) if hidden else each, plainly=form is not Format.JSON)

    give(worded(told(), form, exit="exit"), MOVEMENT_IN_TABLE if form is Format.TABLE else MOVEMENT, form)


@command(app, "statements.list")
def list_(case: Case, form: Form = Format.TABLE) -> None:
    """The imports of a case, oldest first."""
    with opened_house() as house, house.act(operator()) as connection:
        found = list_imports(connection, case_by_ref(connection, case).id)
    give(
        [
            {
                "id": each.id,
                "at": each.at,
                "actor": each.actor_name,
                "state": each.state,
                "excluded": each.excluded,
                "rows": each.rows,
                "fault": text(chosen(), f"errors.{each.fault}", **each.fault_fields) if each.fault else "",
            }
            for each in found
        ],
        IMPORT,
        form,
    )


@command(app, "statements.exclude")
def exclude(
    import_id: Annotated[str, argument("statements.exclude.import_id", metavar="IMPORT")],
    reason: Annotated[str, option("words.reason", "--reason")],
) -> None:
    """Take an import out of its case's reckoning; nothing is deleted."""
    _set_excluded(import_id, True, reason)


@command(app, "statements.include")
def include(
    import_id: Annotated[str, argument("statements.exclude.import_id", metavar="IMPORT")],
    reason: Annotated[str, option("words.reason", "--reason")],
) -> None:
    """Bring an excluded import back."""
    _set_excluded(import_id, False, reason)


def _set_excluded(import_id: str, excluded: bool, reason: str) -> None:
    try:
        wanted = ImportId(UUID(import_id))
    except ValueError:
        raise Invalid("statements.bad_import_id") from None
    with opened_house() as house, house.act(operator()) as connection:
        set_excluded(connection, wanted, excluded, reason, operator(), house.now())


@command(app, "statements.draft")
def draft(
    file: Annotated[Path, argument("statements.draft.file", metavar="FILE")],
) -> None:
    """Draft the mapping of a file that no format understands, as TOML to correct and confirm."""
    sys.stdout.write(drafted_mapping(file))
