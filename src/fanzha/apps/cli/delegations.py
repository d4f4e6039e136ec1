"""`fanzha delegations …`: who signs for whom while they are away."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fanzha.adapters.store.delegations import GivenDelegation
from fanzha.adapters.store.people import find_person
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.order_words import moment
from fanzha.apps.cli.orders import As, Reason
from fanzha.apps.cli.output import Format, give, worded
from fanzha.kernel.errors import NotFound
from fanzha.wiring.delegating import Lent, give_delegation, given_delegations, take_delegation_back
from fanzha.wiring.house import House, operator
from fanzha.wiring.standing_in import standing_in_for

app = noun("delegations")

MOST = 500
LINE = ("id", "given_by", "to", "capacity", "since", "until", "unit", "ended_at", "reason")
Form = Annotated[Format, option("format.help", "--format")]


@command(app, "delegations.list")
def list_(form: Form = Format.TABLE) -> None:
    """Delegations, newest first, ended ones too."""
    with opened_house() as house:
        _give(house, form)


@command(app, "delegations.give")
def give_(  # noqa: PLR0913  # every parameter is an option of the command
    to: Annotated[str, argument("people.login", metavar="LOGIN")],
    capacity: Annotated[str, argument("delegations.give.capacity", metavar="CAPACITY")],
    since: Annotated[str, option("delegations.give.since", "--since", metavar="TIME")],
    until: Annotated[str, option("delegations.give.until", "--until", metavar="TIME")],
    reason: Reason,
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Let a colleague sign in one's own capacity for a while."""
    lent = Lent(
        to_login=to,
        capacity=capacity,
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        reason=reason,
    )
    with opened_house() as house:
        given = give_delegation(house, standing_in_for(house, login), lent)
        _give(house, form, given)


@command(app, "delegations.end")
def end(
    delegation: Annotated[str, argument("delegations.end.delegation", metavar="ID")],
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Take a delegation back from now on; what was signed under it stays signed."""
    try:
        wanted = UUID(delegation)
    except ValueError:
        raise NotFound("orders.no_such_delegation") from None
    with opened_house() as house:
        take_delegation_back(house, standing_in_for(house, login), wanted)
        _give(house, form, wanted)


def _give(house: House, form: Format, only: UUID | None = None) -> None:
    found = given_delegations(house, operator(), MOST)
    rows = [_row(house, each) for each in found if only in (None, each.id)]
    give(worded(rows, form, capacity="capacity"), LINE, form)


def _row(house: House, each: GivenDelegation) -> dict[str, object]:
    with house.act_as_house() as connection:
        to = find_person(connection, each.held.to_user).login
    return {
        "id": str(each.id),
        "given_by": each.given_by,
        "to": to,
        "capacity": each.held.capacity.value,
        "since": each.held.since,
        "until": each.held.until,
        "unit": each.unit_path,
        "ended_at": each.ended_at,
        "reason": each.reason,
    }
