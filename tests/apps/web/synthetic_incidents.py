"""A house in which nobody has reported anything yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.apps.web.views.after_hour import AfterAct, AfterView
from fanzha.apps.web.views.incidents import (
    AskedAuthority,
    AskedAwaited,
    AskedPayment,
    AskedReport,
    AuthorityDraft,
    AuthorityLine,
    Handover,
    IncidentAct,
    IncidentLine,
    IncidentView,
    Joining,
    Narrowing,
    ToldContact,
)
from fanzha.apps.web.views.report_files import TakenFile
from fanzha.apps.web.views.report_words import ReadWords
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.views.tables import Page, Query
from fanzha.i18n import Language
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.units import Actor


class SyntheticIncidents:
    """No incidents; what they look like when there are some is looked at in a real house."""

    def incidents(self, actor: Actor, query: Query) -> Page[IncidentLine]:
        return Page(rows=(), total=0)

    def report_institutions(self, actor: Actor) -> Sequence[Choice]:
        return ()

    def same_reports(self, actor: Actor, payees: Sequence[str]) -> Sequence[IncidentLine]:
        return ()

    def read_report(self, actor: Actor, text: str, told_at: datetime | None) -> ReadWords:
        return ReadWords(pieces=(), payments=(), contacts=(), types=(), victim={}, doubts=())

    def take_report(self, actor: Actor, asked: AskedReport) -> str:
        raise NotFound("incidents.not_found")

    def take_file(self, actor: Actor, name: str, content: bytes, most_rows: int) -> TakenFile:
        raise Invalid("reports.no_rows", place=name)

    def latest_incident(self, actor: Actor) -> str:
        return ""

    def incident(self, actor: Actor, number: str) -> IncidentView:
        raise NotFound("incidents.not_found")

    def act_on_incident(self, actor: Actor, number: str, told: IncidentAct) -> str:
        raise NotFound("incidents.not_found")

    def add_told_payment(self, actor: Actor, number: str, told: AskedPayment) -> None:
        raise NotFound("incidents.not_found")

    def after_hour(self, actor: Actor, number: str) -> AfterView:
        raise NotFound("incidents.not_found")

    def do_after(self, actor: Actor, number: str, told: AfterAct) -> None:
        raise NotFound("incidents.not_found")

    def incident_summary(self, actor: Actor, number: str, purpose: str, language: Language) -> SetPaper:
        raise NotFound("incidents.not_found")

    def handover(self, actor: Actor) -> Handover:
        return Handover(incidents=(), mine="", people=())

    def hand_over(self, actor: Actor, numbers: Sequence[str], to: str, note: str) -> None:
        raise NotFound("incidents.not_found")

    def told_contact(self, actor: Actor, number: str, at: int) -> tuple[str, ToldContact]:
        raise NotFound("incidents.not_found")

    def alike(self, actor: Actor, number: str) -> Joining:
        raise NotFound("incidents.not_found")

    def gangs(self, actor: Actor) -> Sequence[Sequence[str]]:
        return ()

    def join_incidents(self, actor: Actor, number: str, others: Sequence[str], reason: str) -> None:
        raise NotFound("incidents.not_found")

    def await_money(self, actor: Actor, number: str, asked: AskedAwaited) -> None:
        raise NotFound("incidents.not_found")

    def narrow_authority(self, actor: Actor, number: str, asked: Narrowing) -> AuthorityLine:
        raise NotFound("authority.not_found")

    def authorities(self, actor: Actor) -> Sequence[AuthorityLine]:
        return ()

    def authority_draft(self, actor: Actor, incident: str) -> AuthorityDraft:
        raise NotFound("incidents.not_found")

    def draft_authority(self, actor: Actor, asked: AskedAuthority) -> str:
        raise NotFound("incidents.not_found")

    def sign_authority(self, actor: Actor, number: str) -> None:
        raise NotFound("authority.not_found")

    def withdraw_authority(self, actor: Actor, number: str, reason: str) -> None:
        raise NotFound("authority.not_found")
