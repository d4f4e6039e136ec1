"""Fetching what institutions say that do not call the centre: folders, and services that are asked.

What was fetched is kept before the institution is told so; whatever fails between is fetched again, and kept once.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fanzha.adapters.connectors.port import Connector, Reply
from fanzha.adapters.store.institution_messages import MessageKind, NewMessage, Refused, keep_message, record_refusal
from fanzha.adapters.store.institutions import Profile, every_institution
from fanzha.kernel.errors import Conflict, FanzhaError
from fanzha.protocol.answer import Answer
from fanzha.protocol.messages import BankReport, Collected, Push
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.registers.institutions import ConnectorKind, Institution
from fanzha.wiring.house import House

MOST_ROUNDS = 20
"""How often one institution is asked in a row; the rest waits for the next time, and others get their turn."""

Said = Answer | Push | BankReport


def collect_waiting(house: House, connectors: Callable[[Institution], Connector]) -> int:
    """Fetch from every institution that has to be asked; how many messages were new."""
    with house.act_as_house() as connection:
        profiles = every_institution(connection)
    exercise = house.instance.birth == "exercise"
    asked = [each for each in profiles if is_asked(each.institution) and each.institution.exercise == exercise]
    return sum(_collect(house, connectors(each.institution), each) for each in asked)


def is_asked(institution: Institution) -> bool:
    """Whether it never calls the centre, so that the centre has to ask."""
    return institution.connector is ConnectorKind.FOLDER or (
        institution.collects and institution.connector is ConnectorKind.HTTP
    )


def _collect(house: House, connector: Connector, profile: Profile) -> int:
    new = 0
    taken: tuple[str, ...] = ()
    for _ in range(MOST_ROUNDS):
        try:
            reply = connector.collect(taken)
        except FanzhaError:  # told in the log by the connector; others get their turn, and the next time comes soon
            return new
        if not isinstance(reply.message, Collected):
            return new
        said: tuple[Said, ...] = (*reply.message.answers, *reply.message.pushes, *reply.message.reports)
        if not said:
            return new
        new += sum(_keep(house, profile, reply, each) for each in said)
        taken = tuple(_named(each)[1] for each in said)
    return new


def _keep(house: House, profile: Profile, reply: Reply[object], said: Said) -> bool:
    """Whether the message is new; its seal is that of the whole reply. One that may not be taken leaves a mark."""
    kind, message_id = _named(said)
    body = canonical(said)
    with house.act_as_house() as connection:
        try:
            if said.exercise != profile.institution.exercise:
                raise Conflict("protocol.exercise", path="exercise")
            new = NewMessage(
                institution_id=profile.id,
                kind=kind,
                message_id=message_id,
                application_id=None if isinstance(said, BankReport) else UUID(said.application_id),
                key_id=reply.key_id,
                fingerprint=fingerprint(said),
                body=body,
                seal=reply.seal,
            )
            return keep_message(connection, house.keys, new, house.now(), profile.unit_path)
        except Conflict as error:
            place = str(error.fields.get("path", ""))
            refused = Refused(institution_id=profile.id, address="collect", code=error.code, place=place, body=body)
            record_refusal(connection, refused, house.now())
            return False


def _named(said: Said) -> tuple[MessageKind, str]:
    match said:
        case Answer():
            return "answer", said.answer_id
        case Push():
            return "push", said.push_id
    return "report", said.report_id
