"""Institutions as the console shows and checks them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.institution_mail import MOST_LISTED, Heard, messages_of, numbers_of
from fanzha.adapters.store.institution_messages import open_message, refusals
from fanzha.adapters.store.institutions import institution_called
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.unit_of_work import for_a_moment_as_house
from fanzha.apps.web.views.institutions import (
    DoubtLine,
    ExchangeLine,
    InstitutionLine,
    InstitutionView,
    MessageLine,
    RefusalLine,
    TroubleLine,
    VersionLine,
)
from fanzha.apps.web.views.tables import Page, Query, page_of
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.institution_lines import (
    check_line,
    contact_lines,
    institution_line,
    key_line,
    times_line,
    title_of,
)
from fanzha.apps.web.wired.opening import unit_choice
from fanzha.apps.web.wired.order_record import result_of
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.units import Actor, covers
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind
from fanzha.registers.reach import Reach
from fanzha.wiring.institution_trials import is_checked_now, wish_check
from fanzha.wiring.institution_watch import (
    LATELY,
    Known,
    exchanges,
    in_trouble,
    known,
    outcome_of,
    trade_asked,
    watched,
)

LARGEST_READ = 64 * 1024
"""Bytes of a message beyond which its result code is not looked up for a list: a whole year of transactions."""
_RANK = {each.value: place for place, each in enumerate(Reach)}


class WiredInstitutions(HouseParts):
    """Institutions, what went to them and what came."""

    def institutions(self, actor: Actor, query: Query) -> Page[InstitutionLine]:
        """Every institution, those first that cannot be used."""
        require(actor, "orders.see")
        lines = sorted(map(institution_line, watched(self.house, actor)), key=lambda each: _RANK[each.standing])
        fitting = [each for each in lines if _fits(each, query)]
        return _ranked(fitting, query) if query.sort == "standing" else page_of(fitting, query)

    def institution(self, actor: Actor, name: str) -> InstitutionView:
        """One institution with everything that is not a list of its own."""
        require(actor, "orders.see")
        found = known(self.house, actor, name)
        profile = found.watched.profile
        with self.house.act(actor) as connection:
            unit = unit_choice(connection, profile.unit_path)
        told, hours = profile.institution, profile.institution.hours
        return InstitutionView(
            line=institution_line(found.watched),
            doubts=tuple(DoubtLine(order_number=each.order, at=each.at, code=each.code) for each in found.doubts),
            code=told.code,
            exercise=told.exercise,
            unit=unit,
            endpoint=told.endpoint or "",
            days=hours.days if hours else (),
            opens=hours.opens if hours else "",
            closes=hours.closes if hours else "",
            out_of_hours=told.out_of_hours.value,
            tolerance_s=told.tolerance_seconds,
            batch=told.batch,
            papers_later=told.papers_later,
            contacts=contact_lines(told),
            keys=tuple(key_line(each, self.house.wall.now()) for each in told.keys),
            times=tuple(times_line(told, trade, found.watched.measured) for trade in _trades(found)),
            versions=tuple(
                VersionLine(version=each.version, at=each.at, by=each.actor_name, reason=each.reason)
                for each in found.versions
            ),
            checks=tuple(check_line(told, each) for each in found.checks),
            checking=is_checked_now(self.house, actor, profile.id),
            may_check=told.connector is ConnectorKind.HTTP and actor.may("institutions.manage"),
            lately_days=LATELY.days,
        )

    def exchanges(self, actor: Actor, name: str, query: Query) -> Page[ExchangeLine]:
        """What went out to it lately."""
        require(actor, "orders.see")
        lines = []
        for each in exchanges(self.house, actor, name):
            sent_at, answered_at, code = each.exchange
            lines.append(
                ExchangeLine(
                    order_number=each.order,
                    trade=trade_asked(each).value,
                    sent_at=sent_at,
                    answered_at=answered_at,
                    took_s=None if answered_at is None else max(0, round((answered_at - sent_at).total_seconds())),
                    outcome=outcome_of(each),
                    result=result_of(code or ""),
                    code=code or "",
                    failure=each.failure if code is None else "",
                )
            )
        trade, outcome = query.word("trade"), query.word("outcome")
        fitting = [each for each in lines if trade in ("", each.trade) and outcome in ("", each.outcome)]
        return page_of(fitting, query)

    def messages(self, actor: Actor, name: str, query: Query) -> Page[MessageLine]:
        """What it said, about orders in sight; what is about no order is for the unit that keeps the institution."""
        require(actor, "orders.see")
        kind = query.word("message_kind")
        with self.house.act(actor) as connection:
            profile = institution_called(connection, name)
            with for_a_moment_as_house(connection, self.house.now()):
                heard = [each for each in messages_of(connection, profile.id) if kind in ("", each.kind)]
                told = {each.id: self._told(connection, each) for each in heard}
            about = {each: told[each].application for each in told}
            numbers = numbers_of(connection, [each for each in about.values() if each is not None])
        keeps = covers(actor.scope, profile.unit_path)
        seen = [each for each in heard if keeps or about[each.id] in numbers]
        lines = [_message(each, told[each.id], numbers) for each in seen]
        return page_of(lines, query)

    def refusals(self, actor: Actor, name: str, query: Query) -> Page[RefusalLine]:
        """Calls that were turned away."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            known_as = institution_called(connection, name).institution.name if name else ""
            with for_a_moment_as_house(connection, self.house.now()):
                found = refusals(connection, MOST_LISTED, known_as)
        lines = [
            RefusalLine(
                at=each.at,
                refusal=each.code,
                address=each.address,
                place=each.place,
                bytes=each.size,
                sha256=each.sha256,
            )
            for each in found
        ]
        return page_of(lines, query)

    def check_institution(self, actor: Actor, name: str) -> None:
        """Wish for a run of the contract kit."""
        wish_check(self.house, actor, name)

    def reveal_contacts(self, actor: Actor, name: str, asked: Sequence[str], purpose: str) -> Mapping[str, str]:
        """The numbers of desks in full."""
        require(actor, "orders.see")
        require(actor, "statements.reveal")
        with self.house.act(actor) as connection:
            profile = institution_called(connection, name)
            known_desks = {f"d{number}": each.phone for number, each in enumerate(profile.institution.contacts)}
            found = {each: known_desks[each] for each in asked if each in known_desks}
            act = Act(
                action="institution.contact_revealed",
                object_kind="institution",
                object_id=str(profile.id),
                unit_path=actor.scope,
                purpose=purpose_code(purpose),
                detail={"desks": sorted(found)},
            )
            record(connection, act, actor, self.house.now())
        return found

    def troubled_institutions(self, actor: Actor) -> Sequence[TroubleLine]:
        """Those that cannot be used now."""
        if not actor.may("orders.see"):
            return ()
        return [
            TroubleLine(
                name=each.institution.name,
                title=title_of(each.institution),
                standing=how.reach.value,
                since=how.since,
                failure=how.failure,
            )
            for each, how in in_trouble(self.house, actor)
        ]

    def _told(self, connection: Connection, each: Heard) -> _Told:
        """What a list tells of a message's content, nothing of one that is destroyed or too large to be read for it."""
        if each.destroyed or each.size > LARGEST_READ:
            return _Told()
        body = json.loads(open_message(connection, self.house.keys, each.id).body)
        answer = (body.get("answers") or [{}])[-1] if each.kind == "status" else body
        application = body.get("application_id")
        return _Told(
            application=UUID(application) if application else None,
            code=answer.get("result", ""),
            part=answer.get("part", 0),
            final=answer.get("final", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Of a message: the application it is about, and of an answer its result code and which part it is."""

    application: UUID | None = None
    code: str = ""
    part: int = 0
    final: bool = False


def _message(each: Heard, told: _Told, numbers: Mapping[UUID, str]) -> MessageLine:
    error = dict(each.error) if each.state in ("stuck", "waiting") else {}
    return MessageLine(
        message_kind=each.kind,
        received_at=each.received_at,
        order_number=numbers.get(told.application, "") if told.application else "",
        result=result_of(told.code),
        code=told.code,
        part=told.part,
        final=told.final,
        state=each.state or ("destroyed" if each.destroyed else ""),
        key_id=each.key_id,
        bytes=each.size,
        error=str(error.pop("code", "")),
        error_fields=error,
    )


def _trades(found: Known) -> list[Trade]:
    """The trades that it can, and those that it was asked for all the same."""
    told = found.watched.profile.institution
    return [each for each in Trade if told.can(each) or each in found.watched.measured]


def _fits(line: InstitutionLine, query: Query) -> bool:
    wanted = {name: query.word(name) for name in ("kind", "connector", "standing", "can")}
    plain = all(wanted[name] in ("", getattr(line, name)) for name in ("kind", "connector", "standing"))
    return plain and (not wanted["can"] or wanted["can"] in line.can)


def _ranked(lines: list[InstitutionLine], query: Query) -> Page[InstitutionLine]:
    """By how much they need a person."""
    return page_of(lines, query, lambda each: _RANK[each.standing])
