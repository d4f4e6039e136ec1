"""The one-page summary of an incident as a document: the same bytes from the same data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from fanzha.adapters.documents.blocks import (
    Block,
    Column,
    Document,
    Facts,
    Figure,
    Figures,
    Heading,
    Items,
    Paragraph,
    Table,
    Title,
    texts,
)
from fanzha.adapters.documents.fonts import code_point, lacking
from fanzha.adapters.documents.order_letter import SetPaper
from fanzha.adapters.documents.setting import set_pdf
from fanzha.i18n import Language, text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.money import yuan_text
from fanzha.protocol.codes import meaning
from fanzha.workflows.incident_summary import IncidentSummary, SummaryAccount

MOST_LINES = 12
"""Lines of one table that still leave the rest of the page."""
NOTHING = "\u2014"


def summary_document(told: IncidentSummary, language: Language = "zh") -> Document:
    """The page, in the language of whoever takes it."""
    return _Page(told=told, language=language).document()


def set_summary(told: IncidentSummary, language: Language = "zh") -> SetPaper:
    """The page set and hashed; its file name says nothing personal."""
    pdf = set_pdf(summary_document(told, language))
    return SetPaper(pdf=pdf, sha256=sha256(pdf).hexdigest(), file_name=f"{told.number}.pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    told: IncidentSummary
    language: Language

    def document(self) -> Document:
        told = self.told
        blocks = [*self._head(), *self._payments(), *self._accounts(), *self._rest()]
        unseen = lacking(texts(blocks))
        if unseen:
            words = self._text("papers.unseen", characters=" ".join(map(code_point, unseen)))
            blocks.append(Paragraph(text=words, style="note"))
        return Document(
            language=self.language,
            title=self._say("title", number=told.number),
            head=self._say("title", number=told.number),
            handling=self._text("report.handling"),
            mark=self._text("report.mark") if told.is_exercise else "",
            foot=self._say("foot", at=_at(told.as_of)),
            pages=self._text("report.pages", page="{page}", pages="{pages}"),
            at=told.as_of,
            blocks=blocks,
        )

    def _head(self) -> Iterator[Block]:
        told = self.told
        yield Title(title=self._say("name"), subtitle=told.unit, name=self._say("of", number=told.number))
        state = self._text(f"words.case_state.{told.case_state}")
        facts = {
            "case": self._say("case_in", case=told.case, state=state),
            "scam_type": self._text(f"words.scam_type.{told.scam_type}") if told.scam_type else NOTHING,
            "victim": told.victim or NOTHING,
            "source": self._text(f"words.report_source.{told.source}"),
            "reported_at": _at(told.reported_at),
            "taken_at": _at(told.taken_at),
            "first_order_at": _at(told.first_order_at),
            "first_hold_at": _at(told.first_hold_at),
            "last_hold_at": _at(told.last_hold_at),
            "handler": told.handler,
        }
        yield Facts(rows=[(self._say(f"fact.{key}"), value) for key, value in facts.items()], paired=True)
        if told.is_masked:
            yield Paragraph(text=self._text("report.masked"), style="note")
        open_fen = max(0, told.lost_fen - told.held_fen - told.gone_fen)
        figures = [("lost", told.lost_fen), ("held", told.held_fen), ("gone", told.gone_fen), ("open", open_fen)]
        yield Figures(figures=[Figure(label=self._say(f"figure.{key}"), value=yuan_text(fen)) for key, fen in figures])

    def _payments(self) -> Iterator[Block]:
        some = self.told.payments
        yield Table(
            title=self._say("payments"),
            columns=self._columns("at", "account:2", "holder", "institution:2", ">fen"),
            rows=[
                (_at(each.at), each.account, each.holder or NOTHING, each.institution, yuan_text(each.fen))
                for each in some[:MOST_LINES]
            ],
            note=self._more(len(some)),
        )

    def _accounts(self) -> Iterator[Block]:
        some = self.told.accounts
        if some:
            yield Table(
                title=self._say("accounts"),
                columns=self._columns("layer", "account:2", "holder", "institution:2", ">traced", ">held", "until:2"),
                rows=[
                    (
                        str(each.layer),
                        each.account,
                        each.holder or NOTHING,
                        each.institution or NOTHING,
                        yuan_text(each.traced_fen),
                        yuan_text(each.held_fen),
                        (each.order, self._stands(each)) if each.order else NOTHING,
                    )
                    for each in some[:MOST_LINES]
                ],
                note=self._more(len(some)),
            )

    def _stands(self, account: SummaryAccount) -> str:
        """Until when it is held; in words why it is not."""
        if account.until is not None or not account.effect:
            return _at(account.until)
        if not account.code:
            return self._text(f"words.effect.{account.effect}")
        known = meaning(account.code).known_as or "unknown"
        return self._say("refused", why=self._text(f"words.result.{known}"), code=account.code)

    def _rest(self) -> Iterator[Block]:
        told = self.told
        yield Heading(text=self._say("rest"), level=2)
        rows = [
            (self._say("evidence"), self._listed(told.evidence)),
            (self._say("missing"), self._listed(told.missing)),
            *((self._say("follow_up", at=_at(at)), words) for at, words in told.follow_ups),
        ]
        yield Items(rows=[*rows, *([(self._say("outcome"), told.outcome)] if told.outcome else [])])

    def _listed(self, codes: Sequence[str]) -> str:
        return self._say("and").join(self._text(f"words.evidence.{each}") for each in codes) or NOTHING

    def _columns(self, *told: str) -> list[Column]:
        found = []
        for each in told:
            name, _, width = each.lstrip(">").partition(":")
            align = "right" if each.startswith(">") else "left"
            head = self._say(f"column.{name}")
            found.append(Column(head=head, align=align, width=float(width or 0)))  # type: ignore[arg-type]
        return found

    def _more(self, count: int) -> str:
        return self._say("more", count=count - MOST_LINES) if count > MOST_LINES else ""

    def _say(self, key: str, **fields: object) -> str:
        return self._text(f"incidents.summary.{key}", **fields)

    def _text(self, key: str, **fields: object) -> str:
        return text(self.language, key, **fields)


def _at(at: datetime | None) -> str:
    return NOTHING if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
