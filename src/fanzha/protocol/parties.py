"""Who and what a message names: payer, target, organ, officers, documents, a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from fanzha.kernel.errors import Invalid
from fanzha.protocol.fields import (
    MAX_DOCUMENT_BYTES,
    Address,
    Blob,
    DocumentType,
    FileName,
    InstitutionCode,
    MediaType,
    Name,
    Number,
    OrganCode,
    Sha256,
)


class TargetKind(StrEnum):
    """What kind of thing is to be restricted or asked about."""

    ACCOUNT = "account"
    PHONE = "phone"
    SITE = "site"
    APP = "app"


class HolderClass(StrEnum):
    """Whether a person or a company holds it: 01 and 02 of the national catalogue."""

    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whence the victim's money came: institution, name and account as reported."""

    institution_code: InstitutionCode | None = None
    institution_name: Name | None = None
    name: Name | None = None
    number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the order is about, at one institution: an account, a phone number, a site or an app."""

    kind: TargetKind
    institution_code: InstitutionCode
    institution_name: Name
    number: Address
    holder_name: Name | None = None
    holder_class: HolderClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """A public security organ: twelve characters of code, and its name."""

    code: OrganCode
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Somebody who answers for a message: identity document, name, telephone."""

    document_type: DocumentType
    document_number: Number
    name: Name
    phone: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A legal document that goes along; `Invalid` when its content is not what its hash says."""

    name: FileName
    media_type: MediaType
    sha256: Sha256
    content: Annotated[bytes, Blob(MAX_DOCUMENT_BYTES)]

    def __post_init__(self) -> None:
        """Refuse content that is not the hash's."""
        if sha256(self.content).hexdigest() != self.sha256:
            raise Invalid("protocol.other_hash", path="sha256")


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant, included, until another, not included; where that is ahead, what has happened by the answer."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.until <= self.since:
            raise Invalid("protocol.backwards", path="until")
