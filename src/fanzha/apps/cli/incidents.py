"""`fanzha incidents list|join|await`: reports that are chased, several of them as one, accounts before money came."""

from __future__ import annotations

from typing import Annotated

from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.orders import Account, As, At, Form, Holder, Reason
from fanzha.apps.cli.output import Format, Row, give, give_one, worded
from fanzha.apps.web.views.incidents import AskedAwaited, IncidentLine, IncidentView
from fanzha.apps.web.views.tables import Query
from fanzha.apps.web.wired.incidents import WiredIncidents
from fanzha.apps.web.wired.joining import WiredJoining
from fanzha.cases.incident import IncidentState
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House, operator
from fanzha.wiring.standing_in import standing_in_for

app = noun("incidents")

MOST = 200
LINE = (
    "number", "taken_at", "scam_type", "lost_fen", "holding_fen", "recoverable_fen", "doubtful_fen", "gone_fen",
    "waiting", "state", "handler", "unit",
)  # fmt: skip
SECTIONS = {"state": "incident_state", "scam_type": "scam_type"}
Number = Annotated[str, argument("incidents.number", metavar="NUMBER")]


@command(app, "incidents.list")
def list_(
    state: Annotated[IncidentState | None, option("incidents.list.state", "--state")] = None,
    form: Form = Format.TABLE,
) -> None:
    """Incidents, the most that can still be had first."""
    filters = {} if state is None else {"incident_state": state.value}
    asked = Query(filters=filters, sort="recoverable_fen", descending=True, size=MOST)
    with opened_house() as house:
        rows = [_row(each) for each in WiredIncidents(house).incidents(operator(), asked).rows]
    give(worded(rows, form, **SECTIONS), LINE, form)


@command(app, "incidents.join")
def join(
    number: Number,
    others: Annotated[list[str], argument("incidents.join.others", metavar="NUMBER…")],
    reason: Reason,
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Let these incidents be chased in the case of the first."""
    with opened_house() as house:
        actor = standing_in_for(house, login)
        WiredJoining(house).join_incidents(actor, number, others, reason)
        told = _told(house, actor, number)
    give_one(next(iter(worded([told], form, **SECTIONS))), form)


@command(app, "incidents.await")
def await_(  # noqa: PLR0913  # every parameter is an option of the command
    number: Number,
    institution: At,
    account: Account,
    reason: Reason,
    holder: Holder = "",
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Find an account involved before money was seen to come: authority may stop it from now on."""
    asked = AskedAwaited(institution=institution, account=account, holder=holder, reason=reason)
    with opened_house() as house:
        actor = standing_in_for(house, login)
        WiredJoining(house).await_money(actor, number, asked)
        told = _told(house, actor, number)
    give_one(next(iter(worded([told], form, **SECTIONS))), form)


def _told(house: House, actor: Actor, number: str) -> Row:
    """An incident with what it is chased with, and the accounts of the chase, masked."""
    view: IncidentView = WiredIncidents(house).incident(actor, number)
    accounts = [
        {"account": each.account.shown, "confirmed": each.confirmed, "traced_fen": each.fen} for each in view.accounts
    ]
    return {
        **_row(view.line), "case": view.case, "chased_with": [each.number for each in view.same], "accounts": accounts,
    }  # fmt: skip


def _row(line: IncidentLine) -> dict[str, object]:
    return {name: line.unit.code if name == "unit" else getattr(line, name) for name in LINE}
