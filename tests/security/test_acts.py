"""Every act on orders, incidents and authorities by everybody who may not: refused before any effect.

Who may is in the matrix. What is refused changes nothing, so that one order, one incident and one authority serve all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import text

from fanzha.apps.web.wired.incidents import _DONE, _JUDGED
from fanzha.apps.web.wired.orders import OWN_ACTS
from fanzha.kernel.units import UnitPath
from fanzha.orders.effects import Act
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.security.conftest import OPERATOR, Place
from tests.security.test_matrix import DRAFTERS, EVERYBODY, SIGNERS

OF_INCIDENTS = ("identity", "halt", "resume", "exclude", "include", "confirm", "close", "hand_over", "draft")
OF_ORDERS = (*OWN_ACTS, *(each.value for each in Act))
OF_AUTHORITIES = ("sign", "withdraw")
TABLES = ("order_file", "order_entry", "incident_entry", "authority_entry", "case_entry")


def addresses(place: Place, authority: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each act's address, what it is, and the roles that may do it or are told why not now."""
    for act in OF_INCIDENTS:
        yield f"/incidents/{place.incident.number}/do/{act}", act, DRAFTERS
    for act in OF_ORDERS:
        yield f"/orders/{place.order.number}/do/{act}", act, SIGNERS if act in {"sign", "reject"} else DRAFTERS
    for act in OF_AUTHORITIES:
        yield f"/authorities/{authority}/do/{act}", act, SIGNERS if act == "sign" else DRAFTERS


def rows(place: Place) -> Mapping[str, int]:
    with place.house.act(OPERATOR) as connection:
        return {each: connection.scalar(text(f"SELECT count(*) FROM {each}")) or 0 for each in TABLES}


def refused(place: Place, authority: str, role: str, unit: UnitPath) -> Iterator[str]:
    """What somebody could do who may not, by its address and the answer."""
    token = place.token(place.people[role, unit])
    told = {
        "instruction": str(place.order.instructions[-1].id),
        "account": place.account,
        "kind": "stop",
        "reason": "test",
        "quick": "1",
    }
    with place.client(token) as client:
        for address, act, able in addresses(place, authority):
            if unit == COUNTY and role in able:
                continue
            status = client.post(address, data=told, headers={"x-csrf": place.csrf(token)}).status_code
            hides = unit != COUNTY or role == "resident"  # from a resident the database itself hides it
            if status not in ({403, 404} if hides else {403}):
                yield f"{act} {address} {role}@{unit}: {status}"


def test_whoever_may_not_changes_nothing_by_any_act(place: Place) -> None:
    assert set(OF_INCIDENTS) == {*_DONE, *_JUDGED, "draft", "hand_over"}
    authority, _ = place.authority, (place.incident, place.order)
    before = rows(place)
    wrong = [
        each
        for unit in (COUNTY, OTHER_COUNTY)
        for role in sorted(EVERYBODY)
        for each in refused(place, authority, role, unit)
    ]
    assert not wrong, "\n".join(wrong)
    assert rows(place) == before
