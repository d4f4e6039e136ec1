"""Who may do what where: every route of the console, every role, at home and in another county.

The table is the expectation; a new route without an entry fails. People of another county must not be able to tell a
case that is not theirs from none at all, and nobody's personal data is in any answer but a reveal, or a file for a
purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.routing import BaseRoute

from fanzha.adapters.store.calls import Ringing, calls_of, raise_calls
from fanzha.adapters.store.roles import roles
from fanzha.adapters.store.work import Wanted, fail, take
from fanzha.apps.web.pages import events
from fanzha.apps.web.pages.case import PEOPLE
from fanzha.apps.web.uploads import Uploads
from fanzha.apps.web.views.cases import NewPerson
from fanzha.apps.web.views.imports import UploadedFile
from fanzha.apps.web.views.tables import read_query
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.calling import Called, Part
from fanzha.orders.order import Order
from fanzha.wiring.delegating import Lent, give_delegation
from fanzha.wiring.uploads import IMPORT_WORK
from tests.conftest import COUNTY, OTHER_COUNTY
from tests.registers.institutions import BANK
from tests.security.conftest import CARD, NAMES, OPERATOR, PAYER, STRANGER, THIRD_COUNTY, TITLE, Place

EVERYBODY = frozenset(roles())
SIGNERS = frozenset({"second_officer", "county_chief", "city_chief"})
CHIEFS = frozenset({"county_chief", "city_chief"})
WORKERS = frozenset({"analyst", "desk_officer", "commander"})
READERS = WORKERS | SIGNERS | {"reader", "data_protection"}
DRAFTERS = frozenset({"desk_officer", "commander"})
REVEALERS = WORKERS | SIGNERS
HOLDERS = frozenset({"commander", "data_protection"})
TRACES = ("", "/methods", "/hops", "/holdings", "/asking", "/accounts", "/disputes")
READS = ("", "/starts", "/hops", "/holdings", "/asking", "/accounts", "/disputes")
OF_INSTITUTION = ("", "/exchanges", "/messages", "/refusals", "/checks")
SAID = ("answers", "pushes", "reports")
RESIDENTS = frozenset({"resident"})
RETRIERS = frozenset({"commander", "administrator"})
WATCHERS = RETRIERS | {"desk_officer"}
ADMINISTRATORS = frozenset({"administrator"})
NOBODY = "nobody"
NEWCOMER = "newcomer"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one route answers: `done` to the roles in `to`, `refused` to the others, `elsewhere` in another county.

    `otherwise` is what it answers to single roles instead of `done`.
    """

    to: frozenset[str] = EVERYBODY
    done: int = 200
    elsewhere: int = 0
    open: bool = False
    sends: Callable[[Place, str, UnitPath], Mapping[str, Any]] = field(default=lambda place, role, unit: {})
    tokenless: bool = False
    otherwise: Mapping[str, int] = field(default_factory=dict)


def read(to: frozenset[str] = READERS) -> Rule:
    """A page of a case."""
    return Rule(to=to, elsewhere=404)


def form(fields: Mapping[str, str], to: frozenset[str] = WORKERS, done: int = 303, elsewhere: int = 404) -> Rule:
    """A form of a case."""
    return Rule(to=to, done=done, elsewhere=elsewhere, sends=lambda place, role, unit: {"data": dict(fields)})


def _exclusion(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """Whoever may brings back what was taken out before: everybody has something to do, and the import stays."""
    lines = {each.id: each for each in place.data.imports(OPERATOR, place.ref)}
    if role in WORKERS and unit == COUNTY and not lines[place.import_id].excluded:
        place.data.set_excluded(OPERATOR, place.ref, [place.import_id], True, "test")
    return {"data": {"imports": place.import_id, "excluded": "no", "reason": "test"}}


def _chosen(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The form that takes the one import the other way."""
    lines = {each.id: each for each in place.data.imports(OPERATOR, place.ref)}
    return {"params": {"import": place.import_id, "back": "yes" if lines[place.import_id].excluded else ""}}


def _link(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """Somebody whom a person added a moment ago."""
    place.data.add_person(OPERATOR, place.ref, NewPerson(text=f"测试·{role}", reason="test"))
    links = [each.link for each in place.data.people(OPERATOR, place.ref, read_query(PEOPLE, {})).rows]
    return {"data": {"reason": "test"}, "fills": {"link": next(each for each in links if each)}}


def _subject(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The key of the case's account."""
    return {"fills": {"subject": place.account}}


def _victim(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """Somebody whom a person added a moment ago, by their key."""
    reason = f"{role} of {unit}"
    place.data.add_person(OPERATOR, place.ref, NewPerson(text=f"测试·{reason}", reason=reason))
    lines = place.data.people(OPERATOR, place.ref, read_query(PEOPLE, {"role": "person"})).rows
    subject = next(each.victim for each in lines if reason in str(each.source))
    return {"data": {"reason": "test"}, "fills": {"subject": subject}}


def _state(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A state that the case may go into from where it stands."""
    return {"data": {"state": place.data.case(OPERATOR, place.ref).moves[0], "reason": "test"}}


def _trace(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """From the case's one payment on."""
    return {"params": {"from": place.movement}}


def _trace_in_full(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The same for a purpose."""
    return {**_trace(place, role, unit), "data": {"purpose": "evidence"}}


def _mark(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A note behind the last mark."""
    picture = "0123456789abcdef"
    after = place.data.marks(OPERATOR, place.ref, picture).marks.latest
    mark = {"after": after, "kind": "note", "node": "others@2", "text": "test"}
    return {"params": {"picture": picture}, "json": mark}


def _trace_file(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """Masked, in the one form whose text is not packed."""
    return {"params": {"from": place.movement}, "data": {"kind": "ftm", "purpose": ""}}


def _newcomer(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """An account in the one county, whoever asks."""
    login = f"new-{role[:9]}-{unit[-6:]}"
    return {"data": {"login": login, "name": "测试", "unit": COUNTY, "role": "reader"}}


def _stuck(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """An import that could not begin."""
    wanted = Wanted(kinds=(IMPORT_WORK,), lease=timedelta(hours=1))
    file = place.house.settings.home / "a.csv"
    file.write_text("x", "utf-8")
    told = UploadedFile(path=file, name=file.name, bytes=1)
    case = place.data.start_import(OPERATOR, place.ref, (told,))
    with place.house.act_as_house() as connection:
        for each in take(connection, wanted, place.house.now(), place.house.wall.now()):
            fail(connection, each, place.house.wall.now(), {"code": "files.scratch_full"}, None)
    return {"fills": {"import_id": case}}


def _stuck_work(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A row of work of the one county that needs a person: a fresh one for those who may do something about it."""
    if (role in WATCHERS and unit == COUNTY) or not place.stuck_id:
        place.stuck_id = _stuck(place, role, unit)["fills"]["import_id"]
    return {"data": {"reason": "test"}, "fills": {"work_id": place.stuck_id}}


def _hand_over(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """To the county's commander."""
    to = _login(place, "commander", COUNTY)
    return {**_stuck_work(place, role, unit), "data": {"reason": "test", "to": to}}


def _login(place: Place, role: str, unit: UnitPath) -> str:
    return f"{role}.{unit.rpartition('.')[2]}"[:32]


def _batch(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A batch of one's own for a case that may be somebody else's, as a changed role or a guess would have it."""
    uploads = Uploads(folder=place.uploads, file_bytes=1000, files=5)
    batch = uploads.open(_login(place, role, unit), place.ref)
    (place.uploads / batch / "0.name").write_text("a.csv", "utf-8")
    (place.uploads / batch / "0.data").write_text(f"{CARD},{role},{unit}", "utf-8")
    return {"fills": {"batch": batch}}


def _put(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    return {**_batch(place, role, unit), "content": b"1,2,3", "headers": {"x-file-name": "b.csv"}}


def _others_batch(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    return _put(place, "analyst" if role != "analyst" else "commander", COUNTY)


def _reveal(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    return {"json": {"asked": [f"s{place.account}", place.cell], "purpose": "evidence"}}


def _open_case(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    return {"data": {"title": f"{role}", "retention": "criminal", "unit": unit}}


def _hold(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The other way than it stands."""
    held = place.data.keeping(OPERATOR, place.ref).hold
    return {"data": {"held": "no" if held else "yes", "reason": "test"}}


def _share(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """With a county of which nobody asks here; withdrawn when it stands already."""
    known = [each.unit.code for each in place.data.keeping(OPERATOR, place.ref).shares]
    wish = {"unit": THIRD_COUNTY, "purpose": "case_work", "until": "2026-06-30", "reason": "test"}
    return {"data": wish | ({"end": "yes"} if THIRD_COUNTY in known else {})}


def _erasure(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """Of a case whose time of keeping is over: asked for, or refused when somebody did already."""
    asked = place.data.keeping(OPERATOR, place.ended_ref).asked
    return {"data": {"step": "refuse" if asked else "ask", "reason": "test"}, "fills": {"ref": place.ended_ref}}


def _order(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one order of the county."""
    return {"fills": {"number": place.order.number}}


def _evidence(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What the one order rests on."""
    return {**_order(place, role, unit), "data": {"purpose": "evidence"}}


def _call(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A call of a moment ago for anybody of the one county."""
    house, order = place.house, place.order
    ringing = Ringing(order_id=order.id, clock="alarm", weight="alarm", rang_at=house.now())
    anybody = Called(user_id=None, name="", part=Part.ANYBODY, level=COUNTY)
    with house.act(OPERATOR) as connection:
        raise_calls(connection, order, ringing, [anybody], OPERATOR, house.now())
        call = calls_of(connection, order.id)[-1]
    return {"fills": {"call": str(call.id)}}


def _new_order(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A query about an account of the one case, whoever asks."""
    told = {"case": place.ref, "kind": "query", "institution": "test-bank", "query_of": "holder", "reason": "test"}
    return {"data": {**told, "account": place.account}}


def _new_order_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The same as JSON, by everybody's own key."""
    return {"json": {**_new_order(place, role, unit)["data"], "key": f"{role}@{unit}"}}


def _lift(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What is not in force cannot be lifted."""
    return {"fills": {"number": place.order.number}, "json": {"key": role, "act": "lift", "reason": "test"}}


def _draft_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A draft of a moment ago, to be signed, sent back or taken back over JSON."""
    made = _fresh(place, role, unit, DRAFTERS | {"second_officer"})
    return {
        "fills": {"number": made.number, "instruction": str(made.instructions[-1].id)},
        "json": {"reason": "test"},
    }


def _fresh(place: Place, role: str, unit: UnitPath, roles: frozenset[str]) -> Order:
    """A draft of a moment ago for whoever may do something to it; the others are turned away from one that stands."""
    return place.drafted() if role in roles and unit == COUNTY else place.order


def _restricting(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one order of the county that restricts somebody now."""
    return {"fills": {"number": place.restricting.number}, "data": {"reason": "received", "channel": "visit"}}


def _objection_form(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The form about it."""
    return {"params": {"order": place.restricting.number}}


def _objection_to(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """To an order of a moment ago for whoever may: each has one open objection at a time."""
    order = place.stopped() if role in DRAFTERS and unit == COUNTY else place.restricting
    told = {"order": order.number, "channel": "visit", "standing": "holder", "says": "test"}
    return {"data": told}


def _objection(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one objection with a file that was shown."""
    number, sha256 = place.objection
    return {"fills": {"number": number, "sha256": sha256, "move": "check"}, "data": {"reason": "test"}}


def _judged_objection(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """An objection of a moment ago for whoever may do something about it."""
    told = _objection(place, role, unit)
    fresh = {"number": place.objected()[0]} if role in DRAFTERS and unit == COUNTY else {}
    return {**told, "fills": {**told["fills"], **fresh}}


def _notice(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The notice that was issued for the restricting order."""
    return {"fills": {"number": place.restricting.number, "paper": place.notice}, "data": {"purpose": "evidence"}}


def _incident(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one county's incident, about which somebody has something to say."""
    return {"fills": {"number": place.incident.number, "act": "identity"}, "data": {"reason": "test"}}


def _afterwards(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one county's incident, whose victim somebody told how things stand."""
    return {"fills": {"number": place.incident.number, "act": "told"}, "data": {"words": "test"}}


def _paid(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """One more payment of the one county's incident."""
    told = {"institution0": "test-bank", "payee0": CARD, "amount0": "10000", "at0": "2026-03-01T09:30"}
    return {"fills": {"number": place.incident.number}, "data": told}


def _halting(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one county's incident, whose chase somebody thinks of halting."""
    return {"fills": {"number": place.incident.number, "act": "halt"}}


def _block(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The number that the report of the one county's incident names."""
    return {"fills": {"number": place.incident.number, "at": "0"}}


def _report_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What a victim says, by everybody's own key, as a program tells it."""
    paid = {"institution": "test-bank", "payee": CARD, "amount_fen": 5_000_000, "at": "2026-03-01T09:00:00+08:00"}
    return {"json": {"key": f"{role}@{unit}.told", "payments": [paid], "source": "110"}}


def _report(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What a victim says, by everybody's own key."""
    told = {"institution0": "test-bank", "payee0": CARD, "amount0": "50000", "at0": "2026-03-01T09:00"}
    return {"data": {**told, "source": "110", "key": f"{role}@{unit}"}}


def _report_file(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A file of one report."""
    table = f"收款银行,收款账号,金额,付款时间\ntest-bank,{CARD},50000,2026-03-01 09:00\n"
    return {"files": {"file": ("reports.csv", table.encode())}}


def _authority(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """An authority that the one county's commander drafted, a moment ago for whoever may do something about it."""
    fresh = role in {"second_officer", "commander"} and unit == COUNTY
    return {"fills": {"number": place.drafted_authority() if fresh else place.authority}, "data": {"reason": "test"}}


def _joined_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one county's incident, to be joined with itself: nothing is left to join for who may."""
    number = place.incident.number
    return {"fills": {"number": number}, "json": {"incidents": [number], "reason": "test"}}


def _awaited_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """An account that somebody finds involved in the one county's incident."""
    told = {"institution": "test-bank", "account": CARD, "reason": "test"}
    return {"fills": {"number": place.incident.number}, "json": told}


def _narrowing_told(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The same authority for one account less."""
    return {"fills": _authority(place, role, unit)["fills"], "json": {"accounts": 4, "reason": "test"}}


def _narrower(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The same authority for fewer accounts and none of anybody's but people's."""
    sorts = {f"sort_{each}": "yes" for each in ("company", "merchant", "payroll", "public", "hospital", "payment_pool")}
    return {"fills": _authority(place, role, unit)["fills"], "data": {**ASKED_AUTHORITY, **sorts}}


ASKED_AUTHORITY = {
    "kind_stop": "yes", "layers": "1", "accounts": "5", "total": "10000", "least": "100", "least_share": "0",
    "hours": "1", "reason": "test",
}  # fmt: skip


def _draft_paper(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The paper of the one draft, for a purpose."""
    order = place.order
    return {
        "fills": {"number": order.number, "paper": str(order.instructions[-1].id)},
        "data": {"purpose": "case_work"},
    }


def _answer(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What a bank would have said by fax."""
    told = {"result": "0000", "by": "test", "way": "fax", "at": "2026-03-02T10:00", "evidence": "ab" * 32}
    return {**_draft_standing(place, role, unit), "data": told}


def _seat_paper(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The paper of the one draft, for a purpose."""
    return {**_draft_standing(place, role, unit), "data": {"purpose": "stop_payment"}}


def _seat_reply(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """What shows an answer to the one draft."""
    return {**_order(place, role, unit), "content": b"a receipt that is not real"}


def _draft_standing(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The instruction of the one draft."""
    return {"fills": {"number": place.order.number, "instruction": str(place.order.instructions[-1].id)}}


def _bank(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The one bank."""
    return {"fills": {"name": BANK.name}}


def _desk_number(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """The number of its desk."""
    return {**_bank(place, role, unit), "json": {"asked": ["d0"], "purpose": "stop_payment"}}


def _lent(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A capacity of one's own to a colleague of one's unit, for an hour."""
    now = place.house.now()
    times = {"since": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    told = {"to": _login(place, "reader", unit), "capacity": "county_chief", "reason": "test"}
    return {"data": told | times}


def _delegation(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A delegation of a moment ago: one's own where one may give one, else the chief's of the one county."""
    giver = role if role in CHIEFS and unit == COUNTY else "county_chief"
    chief = Actor(user_id=place.people[giver, COUNTY], name=giver, scope=COUNTY, permissions=roles()[giver].permissions)
    now = place.house.now()
    lent = Lent(
        to_login=_login(place, "reader", COUNTY),
        capacity="county_chief",
        since=now,
        until=now + timedelta(hours=1),
        reason="test",
    )
    return {"fills": {"delegation": str(give_delegation(place.house, chief, lent))}}


_OF = "/api/v1/orders/{number}/instructions/{instruction}"


def _draft(place: Place, role: str, unit: UnitPath) -> Mapping[str, Any]:
    """A draft of a moment ago, to be taken back."""
    made = _fresh(place, role, unit, DRAFTERS)
    instruction = str(made.instructions[-1].id)
    told = {"instruction": instruction, "reason": "test", "quick": "1"}
    return {"fills": {"number": made.number, "act": "cancel"}, "params": {"instruction": instruction}, "data": told}


MATRIX: Mapping[str, Rule] = {
    "GET /login": Rule(done=303, open=True),
    "POST /login": Rule(
        done=403, open=True, tokenless=True, sends=lambda *_: {"data": {"login": "x", "password": "y"}}
    ),
    "GET /enter/{link}": Rule(open=True),
    "POST /enter/{link}": Rule(done=403, open=True, tokenless=True),
    "POST /logout": Rule(done=303),
    "GET /password": Rule(),
    "POST /password": Rule(done=422, sends=lambda *_: {"data": {"old": "", "new": "a", "again": "b"}}),
    "POST /look": Rule(done=303, open=True, tokenless=True),
    "GET /": Rule(otherwise={"resident": 303}),
    "GET /seat": Rule(to=RESIDENTS),
    # The bank's own resident cannot tell a draft to it from no order at all.
    "GET /seat/{number}/{instruction}": Rule(to=RESIDENTS, done=404, elsewhere=404, sends=_draft_standing),
    "POST /seat/{number}/{instruction}": Rule(to=RESIDENTS, done=404, elsewhere=404, sends=_answer),
    "POST /seat/{number}/{instruction}/paper": Rule(to=RESIDENTS, done=404, elsewhere=404, sends=_seat_paper),
    "PUT /seat/{number}/reply": Rule(to=RESIDENTS, done=404, elsewhere=404, sends=_seat_reply),
    "GET /events": Rule(),
    "GET /cases": Rule(to=READERS),
    "GET /cases/new": Rule(to=WORKERS),
    "POST /cases/new": Rule(to=WORKERS, done=303, sends=_open_case),
    "GET /staff": Rule(to=ADMINISTRATORS),
    "POST /staff": Rule(to=ADMINISTRATORS, done=303, elsewhere=403, sends=_newcomer),
    "GET /staff/{person}": read(ADMINISTRATORS),
    "POST /staff/{person}/roles": form({"role": "reader", "unit": COUNTY}, ADMINISTRATORS),
    "POST /staff/{person}/disabled": form({"disabled": "no"}, ADMINISTRATORS),
    "POST /staff/{person}/link": form({}, ADMINISTRATORS, done=200),
    "GET /work": Rule(to=WATCHERS),
    "GET /work/{work_id}": Rule(to=WATCHERS, elsewhere=404, sends=_stuck_work),
    "POST /work/{work_id}/retry": Rule(to=RETRIERS, done=303, elsewhere=404, sends=_stuck_work),
    "POST /work/{work_id}/hand-over": Rule(to=RETRIERS, done=303, elsewhere=404, sends=_hand_over),
    "POST /work/{work_id}/cancel": Rule(to=frozenset({"commander"}), done=303, elsewhere=404, sends=_stuck_work),
    "GET /unit": Rule(),
    "POST /unit": Rule(done=303, sends=lambda place, role, unit: {"data": {"unit": unit}}),
    "GET /search": Rule(to=READERS),
    "POST /search": Rule(to=READERS, sends=lambda *_: {"data": {"text": CARD}}),
    "GET /cases/{ref}": read(),
    "GET /cases/{ref}/people": read(),
    "POST /cases/{ref}/people": form({"text": "测试·戊", "reason": "test"}),
    "GET /cases/{ref}/notes": read(),
    "POST /cases/{ref}/notes": form({"text": "a note"}),
    "GET /cases/{ref}/log": read(),
    "GET /cases/{ref}/people/{link}/removal": read(),
    "POST /cases/{ref}/people/{link}/removal": Rule(to=WORKERS, done=303, elsewhere=404, sends=_link),
    "GET /cases/{ref}/victims/{subject}": Rule(to=READERS, elsewhere=404, sends=_subject),
    "POST /cases/{ref}/victims/{subject}": Rule(to=WORKERS, done=303, elsewhere=404, sends=_victim),
    "GET /cases/{ref}/state": read(),
    "POST /cases/{ref}/state": Rule(to=WORKERS, done=303, elsewhere=404, sends=_state),
    "POST /cases/{ref}/imports/{import_id}/retry": Rule(to=WORKERS, done=303, elsewhere=404, sends=_stuck),
    "GET /cases/{ref}/settings": read(),
    "POST /cases/{ref}/hold": Rule(to=HOLDERS, done=303, elsewhere=404, sends=_hold),
    "POST /cases/{ref}/shares": Rule(to=frozenset({"commander"}), done=303, elsewhere=404, sends=_share),
    "POST /cases/{ref}/erasure": Rule(to=WORKERS | {"data_protection"}, done=303, elsewhere=404, sends=_erasure),
    "GET /cases/{ref}/retention": read(),
    "POST /cases/{ref}/retention": form({"retention": "administrative", "reason": "test"}),
    "GET /cases/{ref}/exclusion": Rule(to=READERS, elsewhere=404, sends=_chosen),
    "POST /cases/{ref}/exclusion": Rule(to=WORKERS, done=303, elsewhere=404, sends=_exclusion),
    "GET /cases/{ref}/imports/{strange_id}/mapping/{strange_source}": read(WORKERS),
    "POST /cases/{ref}/imports/{strange_id}/mapping/{strange_source}": form(
        {"column-0": "time", "column-1": "payer", "column-2": "amount", "column-3": "payee"}
    ),
    "GET /incidents": Rule(to=READERS),
    "GET /incidents/latest": Rule(to=READERS, done=303),
    "GET /incidents/latest/after": Rule(to=READERS, done=303),
    "GET /incidents/{number}/payments": Rule(to=DRAFTERS, elsewhere=404, sends=_incident),
    "POST /incidents/{number}/payments": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_paid),
    "GET /incidents/{number}/after": Rule(to=READERS, elsewhere=404, sends=_incident),
    "POST /incidents/{number}/after/{act}": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_afterwards),
    "POST /incidents/{number}/summary": Rule(to=WORKERS, elsewhere=404, sends=_incident),
    "GET /incidents/new": Rule(to=WORKERS),
    "POST /incidents/new": Rule(to=WORKERS, done=303, sends=_report),
    "GET /incidents/file": Rule(to=WORKERS),
    "POST /incidents/file": Rule(to=WORKERS, sends=_report_file),
    "POST /incidents/same": Rule(to=WORKERS, sends=lambda *_: {"data": {"payee0": STRANGER}}),
    "POST /incidents/read": Rule(to=WORKERS, sends=lambda *_: {"data": {"words": STRANGER}}),
    "GET /incidents/{number}": Rule(to=READERS, elsewhere=404, sends=_incident),
    "POST /incidents/{number}/do/{act}": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_incident),
    "GET /incidents/handover": Rule(to=DRAFTERS),
    "POST /incidents/handover": Rule(to=DRAFTERS, done=422, sends=lambda *_: {"data": {"to": STRANGER}}),
    "GET /incidents/{number}/do/{act}": Rule(to=DRAFTERS, elsewhere=404, sends=_halting),
    "GET /incidents/{number}/block/{at}": Rule(to=DRAFTERS, elsewhere=404, sends=_block),
    "GET /incidents/{number}/join": Rule(to=DRAFTERS, elsewhere=404, sends=_incident),
    "POST /incidents/{number}/join": Rule(to=DRAFTERS, done=422, elsewhere=404, sends=_incident),
    "GET /incidents/{number}/await": Rule(to=DRAFTERS, elsewhere=404, sends=_incident),
    "POST /incidents/{number}/await": Rule(to=DRAFTERS, done=422, elsewhere=404, sends=_incident),
    "POST /authorities/{number}/do/narrow": Rule(to=frozenset({"commander"}), done=303, elsewhere=404, sends=_narrower),
    "GET /authorities": Rule(to=READERS),
    "GET /authorities/new": Rule(to=DRAFTERS),
    "POST /authorities/new": Rule(to=DRAFTERS, done=303, sends=lambda *_: {"data": ASKED_AUTHORITY}),
    "POST /authorities/{number}/do/sign": Rule(
        to=frozenset({"second_officer"}), done=303, elsewhere=404, sends=_authority
    ),
    "POST /authorities/{number}/do/withdraw": Rule(
        to=frozenset({"commander"}), done=303, elsewhere=404, sends=_authority
    ),
    "GET /delegations": Rule(to=READERS),
    "GET /figures": Rule(to=READERS),
    "GET /figures/incidents": Rule(to=READERS),
    "GET /figures/orders": Rule(to=READERS),
    "POST /delegations": Rule(to=CHIEFS, done=303, sends=_lent),
    "POST /delegations/{delegation}/end": Rule(to=CHIEFS, done=303, elsewhere=404, sends=_delegation),
    "GET /orders": Rule(to=READERS),
    "GET /clocks": Rule(to=READERS),
    "POST /clocks/calls/{call}/seen": Rule(to=READERS, done=303, elsewhere=404, sends=_call),
    "GET /sign": Rule(to=READERS),
    "GET /cases/{ref}/orders": read(),
    "GET /orders/new": Rule(to=DRAFTERS, elsewhere=404, sends=lambda place, *_: {"params": {"case": place.ref}}),
    "POST /orders/new": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_new_order),
    "PUT /cases/{ref}/snapshots": Rule(to=DRAFTERS, elsewhere=404, sends=lambda *_: {"content": b"a page"}),
    "GET /orders/{number}": Rule(to=READERS, elsewhere=404, sends=_order),
    # The county's one order has no evidence, which is told to whoever might see it.
    "POST /orders/{number}/evidence": Rule(to=WORKERS | SIGNERS, done=404, elsewhere=404, sends=_evidence),
    "GET /orders/{number}/do/{act}": Rule(to=DRAFTERS, elsewhere=404, sends=_draft),
    "POST /orders/{number}/do/{act}": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_draft),
    "GET /objections": Rule(to=READERS),
    "GET /objections/new": Rule(to=DRAFTERS, elsewhere=404, sends=_objection_form),
    "POST /objections/find": Rule(to=DRAFTERS, sends=lambda *_: {"data": {"text": "9999990000000000099"}}),
    "POST /objections/new": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_objection_to),
    "GET /objections/{number}": Rule(to=READERS, elsewhere=404, sends=_objection),
    "GET /objections/{number}/do/{move}": Rule(to=DRAFTERS, elsewhere=404, sends=_objection),
    "POST /objections/{number}/do/{move}": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_judged_objection),
    "POST /objections/{number}/evidence/{sha256}": Rule(
        to=READERS - {"reader", "data_protection"}, elsewhere=404, sends=_objection
    ),
    "GET /orders/{number}/notice": Rule(to=READERS, elsewhere=404, sends=_restricting),
    "POST /orders/{number}/notice": Rule(to=DRAFTERS, done=303, elsewhere=404, sends=_restricting),
    "POST /orders/{number}/notices/{paper}": Rule(to=DRAFTERS, elsewhere=404, sends=_notice),
    "POST /orders/{number}/papers/{paper}": Rule(to=WORKERS | SIGNERS, elsewhere=404, sends=_draft_paper),
    # Nothing was sent, so no answer is awaited; who may not tell one is turned away before that is said.
    "GET /orders/{number}/answers/{instruction}": Rule(to=DRAFTERS, done=409, elsewhere=404, sends=_draft_standing),
    "POST /orders/{number}/answers/{instruction}": Rule(to=DRAFTERS, done=409, elsewhere=404, sends=_answer),
    # Whom the centre may ask is no secret in the house; what they did is told of the orders in sight.
    "GET /institutions": Rule(to=READERS),
    **{f"GET /institutions/{{name}}{part}": Rule(to=READERS, sends=_bank) for part in OF_INSTITUTION},
    "POST /institutions/{name}/check": Rule(to=frozenset({"commander"}), done=303, sends=_bank),
    "POST /institutions/{name}/reveal": Rule(to=WORKERS | SIGNERS, sends=_desk_number),
    "GET /api/v1/institutions": Rule(to=READERS),
    **{f"GET /api/v1/institutions/{{name}}{part}": Rule(to=READERS, sends=_bank) for part in OF_INSTITUTION[:-1]},
    "GET /cases/{ref}/quality": read(),
    "GET /cases/{ref}/rejected": read(),
    "GET /cases/{ref}/duplicates": read(),
    "GET /cases/{ref}/movements": read(),
    "GET /cases/{ref}/movements/{movement}": read(),
    "POST /cases/{ref}/find-account": form({"text": CARD}, READERS),
    "GET /cases/{ref}/accounts": read(),
    "GET /cases/{ref}/accounts/{account}": read(),
    **{f"GET /cases/{{ref}}/trace{part}": Rule(to=READERS, elsewhere=404, sends=_trace) for part in TRACES},
    "POST /cases/{ref}/trace/files": Rule(to=WORKERS, elsewhere=404, sends=_trace_file),
    "GET /cases/{ref}/trace/picture": Rule(to=READERS, elsewhere=404, sends=_trace),
    "GET /cases/{ref}/trace/picture.json": Rule(to=READERS, elsewhere=404, sends=_trace),
    "GET /cases/{ref}/trace/picture.svg": Rule(to=WORKERS, elsewhere=404, sends=_trace),
    "POST /cases/{ref}/trace/picture.svg": Rule(to=WORKERS, elsewhere=404, sends=_trace_in_full),
    "POST /cases/{ref}/trace/picture/marks": Rule(to=WORKERS, elsewhere=404, sends=_mark),
    "POST /cases/{ref}/trace/picture/taken": Rule(to=WORKERS, elsewhere=404, sends=_trace),
    "POST /cases/{ref}/reveal": Rule(to=WORKERS | SIGNERS, elsewhere=404, sends=_reveal),
    "POST /cases/{ref}/uploads": form({}, done=200),
    # Into a batch of one's own; whether the case is in sight is judged where a batch is opened and where it starts.
    "PUT /cases/{ref}/uploads/{batch}": Rule(to=WORKERS, sends=_put),
    "POST /cases/{ref}/uploads/{batch}": Rule(to=WORKERS, elsewhere=404, sends=_batch),
    # Signed by institutions: no session opens them, none is needed, and a page of another site is turned away.
    **{f"POST /institutions/v1/{said}": Rule(done=401, open=True, tokenless=True) for said in SAID},
    "GET /institutions/v1/clock": Rule(done=401, open=True),
    "GET /api/v1/openapi.json": Rule(),
    "GET /api/v1/incidents": Rule(to=READERS),
    "POST /api/v1/incidents": Rule(to=WORKERS, done=201, sends=_report_told),
    "GET /api/v1/incidents/{number}": Rule(to=READERS, elsewhere=404, sends=_incident),
    "POST /api/v1/incidents/{number}/joined": Rule(to=DRAFTERS, done=422, elsewhere=404, sends=_joined_told),
    "POST /api/v1/incidents/{number}/awaited": Rule(to=DRAFTERS, elsewhere=404, sends=_awaited_told),
    "GET /api/v1/authorities": Rule(to=READERS),
    "POST /api/v1/authorities/{number}/narrowing": Rule(
        to=frozenset({"commander"}), elsewhere=404, sends=_narrowing_told
    ),
    "GET /api/v1/orders": Rule(to=READERS),
    "POST /api/v1/orders": Rule(to=DRAFTERS, done=201, elsewhere=404, sends=_new_order_told),
    "GET /api/v1/orders/{number}": Rule(to=READERS, elsewhere=404, sends=_order),
    "POST /api/v1/orders/{number}/instructions": Rule(to=DRAFTERS, done=409, elsewhere=404, sends=_lift),
    "GET /api/v1/objections": Rule(to=READERS),
    "GET /api/v1/delegations": Rule(to=READERS),
    "GET /api/v1/figures/hour": Rule(to=READERS),
    "GET /api/v1/objections/{number}": Rule(to=READERS, elsewhere=404, sends=_objection),
    f"POST {_OF}/signature": Rule(to=frozenset({"second_officer"}), elsewhere=404, sends=_draft_told),
    f"POST {_OF}/rejection": Rule(to=frozenset({"second_officer"}), elsewhere=404, sends=_draft_told),
    f"POST {_OF}/cancellation": Rule(to=DRAFTERS, elsewhere=404, sends=_draft_told),
    "GET /api/v1/cases": Rule(to=READERS),
    "GET /api/v1/imports": Rule(),
    "GET /api/v1/work": Rule(to=WATCHERS),
    "GET /api/v1/work/{work_id}": Rule(to=WATCHERS, elsewhere=404, sends=_stuck_work),
    "GET /api/v1/cases/{ref}": read(),
    "GET /api/v1/cases/{ref}/imports": read(),
    "GET /api/v1/cases/{ref}/quality": read(),
    "GET /api/v1/cases/{ref}/rejected": read(),
    "GET /api/v1/cases/{ref}/duplicates": read(),
    "GET /api/v1/cases/{ref}/movements": read(),
    "GET /api/v1/cases/{ref}/movements/{movement}": read(),
    "GET /api/v1/cases/{ref}/accounts": read(),
    "GET /api/v1/cases/{ref}/accounts/{account}": read(),
    **{f"GET /api/v1/cases/{{ref}}/trace{part}": Rule(to=READERS, elsewhere=404, sends=_trace) for part in READS},
    "GET /api/v1/cases/{ref}/people": read(),
    "GET /api/v1/cases/{ref}/victims": read(),
    "GET /api/v1/cases/{ref}/log": read(),
}

_ALIASES = {"{import_id}/mapping/{source}": "{strange_id}/mapping/{strange_source}"}


def routes_of(routes: list[BaseRoute]) -> Iterator[str]:
    """`METHOD /path` of every route of the application; a mounted folder is none."""
    for each in routes:
        inner = getattr(each, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes)
        for method in getattr(each, "methods", None) or ():
            path = each.path  # type: ignore[attr-defined]
            for plain, ours in _ALIASES.items():
                path = path.replace(plain, ours)
            yield f"{method} {path}"


def ask(
    place: Place,
    route: str,
    role: str,
    unit: UnitPath,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    csrf: bool = True,
) -> Response:
    """The answer to somebody of a role and county who asks this route about the one case."""
    method, _, path = route.partition(" ")
    sent = dict(MATRIX[route].sends(place, role, unit))
    fills = {"link": "no-such-link", **sent.pop("fills", {})}
    known = {name: getattr(place, name) for name in _IDS} | {"person": place.people["reader", COUNTY]}
    token = "" if role == NOBODY else place.token(place.people[role, unit], fresh=route == "POST /logout")
    sent["headers"] = {**sent.get("headers", {}), **headers}
    if csrf and token:
        sent["headers"]["x-csrf"] = place.csrf(token)
    with place.client(token) as client:
        answer: Response = client.request(method, path.format(**{"batch": "0" * 32, **known, **fills}), **sent)
    return answer


_IDS = ("ref", "import_id", "strange_id", "strange_source", "movement", "account")


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look, then the stream ends."""
    monkeypatch.setattr(events, "STREAM_LOOKS", 1)
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.0)


def test_every_route_has_a_line_and_every_line_a_route(place: Place) -> None:
    app: FastAPI = place.app
    assert set(routes_of(app.routes)) == set(MATRIX)


def area_of(route: str) -> str:
    """In which part of the matrix a route is asked: parts are tests of their own, in houses of their own."""
    _, _, path = route.partition(" /")
    first = path.split("/", 1)[0]
    return first if first in {"api", "cases", "incidents", "orders"} else "others"


@pytest.mark.parametrize("area", sorted({area_of(each) for each in MATRIX}))
def test_every_role_gets_exactly_what_the_table_says(place: Place, area: str) -> None:
    wrong = []
    for route, rule in MATRIX.items():
        if area_of(route) != area:
            continue
        for unit in (COUNTY, OTHER_COUNTY):
            for role in sorted(EVERYBODY):
                answer, expected = ask(place, route, role, unit), expect(rule, role, unit)
                if answer.status_code not in expected:
                    wrong.append(f"{route} {role}@{unit}: {answer.status_code}, not {expected}")
                wrong += [f"{route} {role}@{unit}: tells {told}" for told in _told(route, unit, answer)]
    assert not wrong, "\n".join(wrong)


def expect(rule: Rule, role: str, unit: UnitPath) -> set[int]:
    """The statuses that the table allows; whether the role or the county refuses first is all the same.

    From a resident the database hides what the role would not be let do, so that there is nothing to be let do it to.
    """
    far = unit == OTHER_COUNTY and rule.elsewhere
    if role not in rule.to:
        return {403, 404} if far or role in RESIDENTS else {403}
    return {rule.elsewhere if far else rule.otherwise.get(role, rule.done)}


IN_FULL = ("POST /cases/{ref}/reveal", "POST /cases/{ref}/trace/picture.svg")
"""What tells personal data to who may see it and says what for."""


def _told(route: str, unit: UnitPath, answer: Response) -> Iterator[str]:
    """What an answer must not carry: personal data anywhere but in a reveal, a case's title in another county."""
    text = answer.text + repr(dict(answer.headers))
    if route not in IN_FULL or unit != COUNTY:
        clear = (PAYER, STRANGER, *NAMES) if route == "POST /search" else (CARD, PAYER, STRANGER, *NAMES)
        yield from (each for each in clear if each in text)
    if unit == OTHER_COUNTY and TITLE in text:
        yield TITLE


def test_who_is_nobody_or_has_a_first_password_gets_no_further_than_the_door(place: Place) -> None:
    at_the_door = {"GET /password", "POST /password", "POST /logout"}
    wrong = []
    for route, rule in MATRIX.items():
        if rule.open:
            continue
        for role, door in ((NOBODY, "/login"), (NEWCOMER, "/password")):
            if role == NEWCOMER and route in at_the_door:
                continue
            answer = ask(place, route, role, COUNTY)
            turned_away = answer.status_code in (401, 403) or (
                answer.status_code == 303 and answer.headers["location"] == door
            )
            if not turned_away or TITLE in answer.text:
                wrong.append(f"{route} {role}: {answer.status_code} {answer.headers.get('location')}")
    assert not wrong, "\n".join(wrong)


def test_no_effect_without_the_forms_token_or_from_another_page(place: Place) -> None:
    wrong = []
    for route, rule in MATRIX.items():
        if route.startswith("GET "):
            continue
        foreign = ({"origin": "http://evil.example"}, {"sec-fetch-site": "same-site"}, {"origin": "null"})
        for headers in foreign:
            if ask(place, route, "analyst", COUNTY, headers).status_code != 403:
                wrong.append(f"{route} with {headers}")
        for name, given in (("no token", {}), ("a wrong token", {"x-csrf": "x"})):
            if not rule.tokenless and ask(place, route, "analyst", COUNTY, given, csrf=False).status_code != 403:
                wrong.append(f"{route} with {name}")
    assert not wrong, "\n".join(wrong)


def test_a_batch_is_its_owners_alone(place: Place) -> None:
    theirs = _put(place, "analyst", COUNTY)["fills"]["batch"]
    for role, unit in (("commander", COUNTY), ("analyst", OTHER_COUNTY), ("reader", COUNTY)):
        token = place.token(place.people[role, unit])
        headers = {"x-csrf": place.csrf(token), "x-file-name": "x"}
        with place.client(token) as client:
            for method in ("PUT", "POST"):
                answer = client.request(method, f"/cases/{place.ref}/uploads/{theirs}", headers=headers)
                assert answer.status_code == (403 if role == "reader" and method == "PUT" else 404)


def test_what_is_refused_leaves_no_file_behind(place: Place) -> None:
    for role, unit in (("reader", COUNTY), ("analyst", OTHER_COUNTY), ("administrator", COUNTY)):
        assert ask(place, "POST /cases/{ref}/uploads/{batch}", role, unit).status_code in (403, 404)
    assert place.left_in_uploads() == []
