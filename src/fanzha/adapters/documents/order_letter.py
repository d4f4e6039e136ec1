"""The paper of an order as PDF: the same bytes from the same facts, small enough to be attached to a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from fanzha.adapters.documents.blocks import texts
from fanzha.adapters.documents.fonts import code_point, lacking
from fanzha.adapters.documents.setting import set_pdf
from fanzha.i18n import text
from fanzha.kernel.errors import Invalid
from fanzha.workflows.order_paper import OrderPaper

MOST_BYTES = 1 << 20
"""What the national message takes as an attached document (`domain.md` 2.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPaper:
    """The bytes of a paper, their SHA-256, and a file name without personal data."""

    pdf: bytes
    sha256: str
    file_name: str


def set_paper(paper: OrderPaper) -> SetPaper:
    """The paper set and hashed; `Invalid` when it is larger than a message takes."""
    unseen = lacking(texts(paper))
    if unseen:
        characters = " ".join(map(code_point, unseen))
        paper = replace(paper, unseen=text(paper.language, "papers.unseen", characters=characters))
    pdf = set_pdf(paper, "order")
    if len(pdf) > MOST_BYTES:
        raise Invalid("papers.too_large", bytes=len(pdf), most=MOST_BYTES)
    return SetPaper(pdf=pdf, sha256=sha256(pdf).hexdigest(), file_name=paper.file_name)
