"""What the console needs of incidents and standing authorities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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
from fanzha.kernel.units import Actor


class IncidentData(Protocol):
    """Incidents: board, take, show, act. What is not the actor's to see is `NotFound`."""

    def incidents(self, actor: Actor, query: Query) -> Page[IncidentLine]:
        """Incidents in sight, the most that can still be had first."""
        ...

    def report_institutions(self, actor: Actor) -> Sequence[Choice]:
        """The institutions at which a payee's account may be; `Forbidden` for who takes no reports."""
        ...

    def same_reports(self, actor: Actor, payees: Sequence[str]) -> Sequence[IncidentLine]:
        """Incidents that name one of these accounts already."""
        ...

    def read_report(self, actor: Actor, text: str, told_at: datetime | None) -> ReadWords:
        """What a report's words tell, as suggestions with their places; nothing is kept."""
        ...

    def take_report(self, actor: Actor, asked: AskedReport) -> str:
        """The number of the incident; the same key again is the same incident."""
        ...

    def take_file(self, actor: Actor, name: str, content: bytes, most_rows: int) -> TakenFile:
        """What became of each row of a file of reports; `Invalid`, and none is taken, for what is no such file."""
        ...

    def latest_incident(self, actor: Actor) -> str:
        """The number of the open incident that was reported last; empty without one."""
        ...

    def incident(self, actor: Actor, number: str) -> IncidentView:
        """One incident with its chase."""
        ...

    def act_on_incident(self, actor: Actor, number: str, told: IncidentAct) -> str:
        """The page that shows what came of it."""
        ...

    def add_told_payment(self, actor: Actor, number: str, told: AskedPayment) -> None:
        """One more payment that the victim remembers, or the right one instead of a told one."""
        ...

    def after_hour(self, actor: Actor, number: str) -> AfterView:
        """What is held and until when, what is gathered, what the victim was told."""
        ...

    def do_after(self, actor: Actor, number: str, told: AfterAct) -> None:
        """File and freeze, note evidence, or tell the victim."""
        ...

    def incident_summary(self, actor: Actor, number: str, purpose: str, language: Language) -> SetPaper:
        """The incident on a page in a language, in full for a purpose, masked without one."""
        ...

    def handover(self, actor: Actor) -> Handover:
        """Open incidents in sight, and the people to whom one may hand them over."""
        ...

    def hand_over(self, actor: Actor, numbers: Sequence[str], to: str, note: str) -> None:
        """Somebody else answers for all of these from now on."""
        ...

    def told_contact(self, actor: Actor, number: str, at: int) -> tuple[str, ToldContact]:
        """The case of an incident and one of the contacts that its report names."""
        ...

    def alike(self, actor: Actor, number: str) -> Joining:
        """An incident, and the others in sight that name an account, app, site or number of it."""
        ...

    def gangs(self, actor: Actor) -> Sequence[Sequence[str]]:
        """Numbers of open incidents in sight that name one account and are not joined, the largest set first."""
        ...

    def join_incidents(self, actor: Actor, number: str, others: Sequence[str], reason: str) -> None:
        """Join these into the case of that one."""
        ...

    def await_money(self, actor: Actor, number: str, asked: AskedAwaited) -> None:
        """An account is involved before money was seen to come."""
        ...

    def narrow_authority(self, actor: Actor, number: str, asked: Narrowing) -> AuthorityLine:
        """Narrower limits from now on; `Illegal` for any that is wider."""
        ...

    def authorities(self, actor: Actor) -> Sequence[AuthorityLine]:
        """Standing authorities in sight, newest first."""
        ...

    def authority_draft(self, actor: Actor, incident: str) -> AuthorityDraft:
        """What the form proposes, for a shift or for an incident."""
        ...

    def draft_authority(self, actor: Actor, asked: AskedAuthority) -> str:
        """The number of the authority that waits for signatures now."""
        ...

    def sign_authority(self, actor: Actor, number: str) -> None:
        """Sign it in a capacity of one's own."""
        ...

    def withdraw_authority(self, actor: Actor, number: str, reason: str) -> None:
        """From now on nothing leaves under it."""
        ...
