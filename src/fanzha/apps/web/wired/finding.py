"""Finding cases by what is in them, and revealing what is masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.ledger.reading import read_evidence
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import CaseQuery, list_cases
from fanzha.adapters.store.elsewhere import find_elsewhere
from fanzha.adapters.store.imports import import_of
from fanzha.adapters.store.institutions import Profile, every_institution
from fanzha.adapters.store.mentions import Hit, find_cases
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.subjects import Identifier, Reveal, masked, reveal, subject_id
from fanzha.apps.web.views.cases import Elsewhere, SearchHit, SearchView
from fanzha.apps.web.views.shown import Choice, Masked
from fanzha.apps.web.wired.case_names import case_names
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.institution_lines import title_of
from fanzha.apps.web.wired.masks import DEVICE_FIELDS, subject_of
from fanzha.apps.web.wired.opening import opened, sealed_import
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.cases.case import Case
from fanzha.cases.purposes import CASE_WORK
from fanzha.cases.subjects import SubjectKind, guesses
from fanzha.kernel.errors import Invalid
from fanzha.kernel.identifiers import account, citizen_id, phone
from fanzha.kernel.ids import ImportId
from fanzha.kernel.units import Actor
from fanzha.wiring.ledgers import case_ledger
from fanzha.workflows.case_ledger import value_at

TITLES = 20
"""63 bits, as `subject_ref` writes them."""
_SHOWS = {SubjectKind.ACCOUNT: account.show, SubjectKind.DOCUMENT: citizen_id.show, SubjectKind.PHONE: phone.show}


class WiredFinding(HouseParts):
    """Search and reveal."""

    def search(self, actor: Actor, text: str, purpose: str = CASE_WORK) -> SearchView:
        """Where a reference, a title word, an account, number, name or ID occurs; on record with what it is for."""
        require(actor, "cases.read")
        kinds = {subject_id(self.house.keys, Identifier(kind, clean)): kind for kind, clean in guesses(text)}
        with self.house.act(actor) as connection:
            _, titled = list_cases(connection, CaseQuery(words=text, limit=TITLES))
            hits = find_cases(connection, self.house.keys, text)
            shown = masked(connection, self.house.keys, {each.subject_id for each in hits})
            found = every_institution(connection)
            elsewhere = find_elsewhere(connection, self.house.keys, text, actor, self.house.now(), purpose)
        by_title = [SearchHit(case=c.ref, title=c.title, kind="case", matched=Masked(c.ref)) for c in titled]
        by_subject = [_hit(each, kinds[each.subject_id], shown.get(each.subject_id, "")) for each in hits]
        return SearchView(
            institutions=_named(found, text) if actor.may("orders.see") else (),
            hits=(*by_subject, *by_title),
            elsewhere=tuple(
                Elsewhere(unit=Choice(code=u.path, zh=u.name_zh, en=u.name_en), contact=u.contact) for u in elsewhere
            ),
            kinds=tuple(dict.fromkeys(kind.value for kind in kinds.values())),
        )

    def reveal(self, actor: Actor, ref: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        """The clear values of refs of a case; what no longer exists is left out."""
        with opened(self.house, actor, ref, "statements.reveal") as (connection, case):
            found = self._subjects(connection, case, [each for each in asked if each[:1] == "s"], purpose, actor)
            places = [each for each in asked if each[:1] in ("c", "v")]
            if places:
                shown = self.shown(case_ledger(self.house, connection, case))
                found |= {each: self._lying(connection, shown, each) for each in places}
                self._record(connection, case, "evidence.revealed", places, purpose, actor)
            if names := [each for each in asked if each[:1] == "n"]:
                known = case_names(self.house, connection, case)
                found |= {each: known[each] for each in names if each in known}
                self._record(connection, case, "file_name.revealed", names, purpose, actor)
        return found

    def _subjects(
        self, connection: Connection, case: Case, asked: Sequence[str], purpose: str, actor: Actor
    ) -> dict[str, str]:
        if not asked:
            return {}
        ids = {subject_of(each[1:]): each for each in asked}
        wanted = Reveal(ids=tuple(ids), case=case, purpose=purpose)
        clear = reveal(connection, self.house.keys, wanted, actor, self.house.now())
        return {ids[each]: _SHOWS.get(told.kind, str)(told.text) for each, told in clear.items()}

    def _lying(self, connection: Connection, shown: ShownLedger, ref: str) -> str:
        """A cell of a row as it lay (`c`), or what a device's column tells in a row (`v`)."""
        mark, _, rest = ref[1:].partition("-")
        row, _, which = rest.partition("-")
        if not row.isdecimal():
            raise Invalid("web.bad_ref")
        at = shown.row_at(mark, int(row))
        if ref[0] == "v":
            if which not in DEVICE_FIELDS:
                raise Invalid("web.bad_ref")
            return value_at(getattr(shown.ledger.rows, which), at)
        place = shown.ledger.place(at)
        sealed = sealed_import(self.house, connection, import_of(connection, ImportId(UUID(place.source.import_id))))
        cells = read_evidence(sealed, [(place.source.key, place.row)])[0].cells
        if not (which.isdecimal() and int(which) < len(cells)):
            raise Invalid("web.bad_ref")
        return cells[int(which)][1]

    def _record(  # the two reveals above differ in nothing else
        self, connection: Connection, case: Case, action: str, places: Sequence[str], purpose: str, actor: Actor
    ) -> None:
        act = Act(
            action=action,
            object_kind="case",
            object_id=str(case.id),
            unit_path=case.unit_path,
            purpose=purpose,
            detail={"cells": list(places)},
        )
        record(connection, act, actor, self.house.now())


def _named(found: Iterable[Profile], typed: str) -> tuple[Choice, ...]:
    """The institutions whose names hold the text, or whose code it is."""
    told, wanted = [each.institution for each in found], typed.strip().lower()
    return tuple(
        title_of(each)
        for each in told
        if wanted
        and (any(wanted in name.lower() for name in (each.name, each.name_zh, each.name_en)) or wanted == each.code)
    )[:TITLES]


def _hit(each: Hit, kind: SubjectKind, shown: str) -> SearchHit:
    key = f"{each.subject_id:016x}"
    return SearchHit(
        case=each.case.ref,
        title=each.case.title,
        kind=kind.value,
        matched=Masked(shown, f"s{key}"),
        role=each.roles[0].value if each.roles else "",
        account=key if kind is SubjectKind.ACCOUNT else None,
    )
