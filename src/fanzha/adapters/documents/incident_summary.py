"""The one-page summary of an incident as a document: the same bytes from the same data."""

from __future__ import annotations

from collections.abc import Iterator
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
from fanzha.i18n import text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.money import yuan_text
from fanzha.protocol.codes import meaning
from fanzha.workflows.incident_summary import IncidentSummary, SummaryAccount

MOST_LINES = 12
"""Lines of one table that still leave the rest of the page."""
NOTHING = "\u2014"


def summary_document(told: IncidentSummary) -> Document:
    """The page, in Chinese."""
    blocks = [*_head(told), *_payments(told), *_accounts(told), *_rest(told)]
    unseen = lacking(texts(blocks))
    if unseen:
        blocks.append(
            Paragraph(text=text("zh", "papers.unseen", characters=" ".join(map(code_point, unseen))), style="note")
        )
    return Document(
        language="zh",
        title=_say("title", number=told.number),
        head=_say("title", number=told.number),
        handling=text("zh", "report.handling"),
        mark=text("zh", "report.mark") if told.is_exercise else "",
        foot=_say("foot", at=_at(told.as_of)),
        pages=text("zh", "report.pages", page="{page}", pages="{pages}"),
        at=told.as_of,
        blocks=blocks,
    )


def set_summary(told: IncidentSummary) -> SetPaper:
    """The page set and hashed; its file name says nothing personal."""
    pdf = set_pdf(summary_document(told))
    return SetPaper(pdf=pdf, sha256=sha256(pdf).hexdigest(), file_name=f"{told.number}.pdf")


def _head(told: IncidentSummary) -> Iterator[Block]:
    yield Title(title=_say("name"), subtitle=told.unit, name=_say("of", number=told.number))
    facts = {
        "case": f"{told.case}（{text('zh', f'words.case_state.{told.case_state}')}）",
        "scam_type": text("zh", f"words.scam_type.{told.scam_type}") if told.scam_type else NOTHING,
        "victim": told.victim or NOTHING,
        "source": text("zh", f"words.report_source.{told.source}"),
        "reported_at": _at(told.reported_at),
        "taken_at": _at(told.taken_at),
        "first_order_at": _at(told.first_order_at),
        "first_hold_at": _at(told.first_hold_at),
        "last_hold_at": _at(told.last_hold_at),
        "handler": told.handler,
    }
    yield Facts(rows=[(_say(f"fact.{key}"), value) for key, value in facts.items()], paired=True)
    if told.is_masked:
        yield Paragraph(text=text("zh", "report.masked"), style="note")
    open_fen = max(0, told.lost_fen - told.held_fen - told.gone_fen)
    figures = [("lost", told.lost_fen), ("held", told.held_fen), ("gone", told.gone_fen), ("open", open_fen)]
    yield Figures(figures=[Figure(label=_say(f"figure.{key}"), value=yuan_text(fen)) for key, fen in figures])


def _payments(told: IncidentSummary) -> Iterator[Block]:
    yield Table(
        title=_say("payments"),
        columns=_columns("at", "account:2", "holder", "institution:2", ">fen"),
        rows=[
            (_at(each.at), each.account, each.holder or NOTHING, each.institution, yuan_text(each.fen))
            for each in told.payments[:MOST_LINES]
        ],
        note=_more(len(told.payments)),
    )


def _accounts(told: IncidentSummary) -> Iterator[Block]:
    if told.accounts:
        yield Table(
            title=_say("accounts"),
            columns=_columns("layer", "account:2", "holder", "institution:2", ">traced", ">held", "until:2"),
            rows=[
                (
                    str(each.layer),
                    each.account,
                    each.holder or NOTHING,
                    each.institution or NOTHING,
                    yuan_text(each.traced_fen),
                    yuan_text(each.held_fen),
                    (each.order, _stands(each)) if each.order else NOTHING,
                )
                for each in told.accounts[:MOST_LINES]
            ],
            note=_more(len(told.accounts)),
        )


def _stands(account: SummaryAccount) -> str:
    """Until when it is held; in words why it is not."""
    if account.until is not None or not account.effect:
        return _at(account.until)
    if not account.code:
        return text("zh", f"words.effect.{account.effect}")
    known = meaning(account.code).known_as or "unknown"
    return _say("refused", why=text("zh", f"words.result.{known}"), code=account.code)


def _rest(told: IncidentSummary) -> Iterator[Block]:
    yield Heading(text=_say("rest"), level=2)
    rows = [
        (_say("evidence"), _listed(told.evidence)),
        (_say("missing"), _listed(told.missing)),
        *((_say("follow_up", at=_at(at)), words) for at, words in told.follow_ups),
    ]
    yield Items(rows=[*rows, *([(_say("outcome"), told.outcome)] if told.outcome else [])])


def _listed(codes: object) -> str:
    return "；".join(text("zh", f"words.evidence.{each}") for each in codes) or NOTHING  # type: ignore[attr-defined]


def _columns(*told: str) -> list[Column]:
    found = []
    for each in told:
        name, _, width = each.lstrip(">").partition(":")
        align = "right" if each.startswith(">") else "left"
        found.append(Column(head=_say(f"column.{name}"), align=align, width=float(width or 0)))  # type: ignore[arg-type]
    return found


def _more(count: int) -> str:
    return _say("more", count=count - MOST_LINES) if count > MOST_LINES else ""


def _at(at: datetime | None) -> str:
    return NOTHING if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _say(key: str, **fields: object) -> str:
    return text("zh", f"incidents.summary.{key}", **fields)
