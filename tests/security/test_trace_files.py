"""A trace leaves as a file masked, or in full for a purpose, for who may and on record."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from httpx import Response

from fanzha.apps.web.pages.case import LOG
from fanzha.apps.web.views.tables import read_query
from tests.adapters.documents.pdf_text import pages
from tests.conftest import COUNTY
from tests.security.conftest import CARD, OPERATOR, Place

KINDS = ("xlsx", "graphml", "ftm", "pdf")


def taken(place: Place, role: str, **form: str) -> Response:
    """What somebody of the county gets for the form."""
    token = place.token(place.people[role, COUNTY])
    path = f"/cases/{place.ref}/trace/files"
    data = {"csrf": place.csrf(token), **form}
    with place.client(token) as browser:
        return browser.post(path, params={"from": place.movement}, data=data)


def words(answer: Response) -> str:
    """The text of a file, unpacked."""
    if answer.content.startswith(b"%PDF"):
        return "".join("".join(pages(answer.content)).split())
    if not answer.content.startswith(b"PK"):
        return answer.text
    with ZipFile(io.BytesIO(answer.content)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_is_in_full_only_for_a_purpose(place: Place, kind: str) -> None:
    masked, whole = (
        taken(place, "analyst", kind=kind, purpose=""),
        taken(place, "analyst", kind=kind, purpose="evidence"),
    )
    assert (masked.status_code, whole.status_code) == (200, 200)
    assert CARD not in words(masked) and CARD in words(whole)
    name = whole.headers["content-disposition"]
    assert name.startswith("attachment") and place.ref in name and CARD not in name


def test_each_file_is_on_record_with_what_it_was_for(place: Place) -> None:
    taken(place, "analyst", kind="xlsx", purpose="evidence")
    lines = place.data.log(OPERATOR, place.ref, read_query(LOG, {})).rows
    assert [each for each in lines if "evidence" in str(each)]


@pytest.mark.parametrize(
    ("form", "code"),
    [({"kind": "docx", "purpose": ""}, 422), ({"kind": "xlsx", "purpose": "curiosity"}, 422), ({}, 422)],
)
def test_what_is_no_file_and_no_purpose_is_said(place: Place, form: dict[str, str], code: int) -> None:
    assert taken(place, "analyst", **form).status_code == code


@pytest.mark.parametrize("purpose", ["", "evidence"])
def test_a_reader_takes_nothing(place: Place, purpose: str) -> None:
    assert taken(place, "reader", kind="ftm", purpose=purpose).status_code == 403
