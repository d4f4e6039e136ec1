"""Imports, sheets and movements as the command line tells them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fanzha.apps.cli.language import say
from fanzha.cases.subjects import MASKS, SubjectKind
from fanzha.i18n import Language, text
from fanzha.i18n.sentences import error_text
from fanzha.records.statements.sheet import file_and_sheet
from fanzha.wiring.quality import SheetAccount
from fanzha.wiring.statements import Imported
from fanzha.workflows.case_ledger import Place, ToldMovement


def announce(done: Imported, language: Language) -> None:
    """Tell on standard error what did not come in, and what was here already."""
    for fault in done.faults:
        sys.stderr.write(error_text(language, fault.error()) + "\n")
    for each in done.sheets:
        if each.fault:
            fields = {"place": each.path, **each.fault_fields}
            sys.stderr.write(text(language, f"errors.{each.fault}", **fields) + "\n")
        elif "not_a_statement" in each.notes:
            sys.stderr.write(say("statements.import.not_a_statement", file=each.path) + "\n")
    for repeat in done.repeats:
        read = "repeat_excluded" if repeat.known.excluded else "repeat"
        key = read if repeat.known.understood else "repeat_unread"
        words = say(f"statements.import.{key}", file=repeat.path, known=repeat.known.path, id=repeat.known.import_id)
        sys.stderr.write(words + "\n")


def import_lines(done: Imported, sheets: Sequence[SheetAccount]) -> dict[str, object]:
    """One import as JSON."""
    return {
        "case": done.case.ref,
        "import": None if done.made is None else str(done.made.id),
        "files": [sheet_row(each) for each in sheets],
        "not_read": [{"file": each.place, "code": each.code} for each in done.faults if each.lost],
        "notes": [{"file": each.place, "code": each.code} for each in done.faults if not each.lost],
        "known_already": [{"file": each.path, "import": str(each.known.import_id)} for each in done.repeats],
    }


def sheet_row(each: SheetAccount) -> dict[str, object]:
    """One sheet's row account."""
    sheet = each.sheet
    file, name = file_and_sheet(sheet.path)
    return {
        "file": file,
        "sheet": name,
        "import": str(each.import_id),
        "sha256": sheet.leaf_sha256,
        "encoding": sheet.encoding,
        "format": sheet.format_id,
        "certainty": round(sheet.certainty, 3),
        **each.as_row(),
        "duplicate_entries": each.fates.duplicate_entries,
        "duplicate_tellings": each.fates.duplicate_tellings,
        "reasons": dict(sheet.reasons),
        "notes": dict(sheet.notes),
        "columns": dict(sheet.mapping),
        "fault": sheet.fault,
        "unread_rows": sheet.unread_rows,
    }


def movement_row(each: ToldMovement, *, plainly: bool) -> Mapping[str, object]:
    """One movement with its evidence; a party nobody names is null. `plainly` tells evidence as `file:row`."""
    if plainly:
        evidence: object = "; ".join(f"{place.source.path}:{place.row}" for place in each.evidence)
    else:
        evidence = [place_row(place) for place in each.evidence]
    return {
        "id": each.id,
        "payer_at": each.payer_at,
        "payee_at": each.payee_at,
        "payer": each.payer or None,
        "payee": each.payee or None,
        "amount_fen": each.amount_fen,
        "currency": each.currency or "CNY",
        "exit": each.exit,
        "evidence": evidence,
        "payer_identifiers": each.payer_identifiers,
        "payee_identifiers": each.payee_identifiers,
        "payer_name": each.payer_name or None,
        "payee_name": each.payee_name or None,
        "payer_precision": each.payer_precision or None,
        "payee_precision": each.payee_precision or None,
        "moving": each.moving,
        "doubts": each.doubts,
        "summary": each.summary,
    }


def place_row(place: Place) -> dict[str, object]:
    """A row of a file as JSON cites it."""
    file, sheet = file_and_sheet(place.source.path)
    fate = place.fate.name.lower()
    return {"file": file, "sheet": sheet, "row": place.row, "fate": fate, "sha256": place.sha256}


def masked_movement(each: ToldMovement) -> ToldMovement:
    """The movement as everybody may see it."""
    account, name = MASKS[SubjectKind.ACCOUNT], MASKS[SubjectKind.NAME]
    return replace(
        each,
        payer=each.payer and account(each.payer),
        payee=each.payee and account(each.payee),
        payer_identifiers=tuple(map(account, each.payer_identifiers)),
        payee_identifiers=tuple(map(account, each.payee_identifiers)),
        payer_name=each.payer_name and name(each.payer_name),
        payee_name=each.payee_name and name(each.payee_name),
    )
