"""`fanzha cases hold|release|share|unshare|erase|keeping`: how long a case stays, who else reads it, how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fanzha.adapters.store.sharing import NewShare
from fanzha.apps.cli.cases import Form, Ref, app
from fanzha.apps.cli.commands import argument, command, option
from fanzha.apps.cli.language import chosen
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give_one
from fanzha.cases.purposes import CASE_WORK
from fanzha.i18n import text
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import unit_path
from fanzha.wiring import keeping
from fanzha.wiring.house import operator

MOST_DAYS = 366
Reason = Annotated[str, option("words.reason", "--reason")]
Unit = Annotated[str, argument("cases.share.unit", metavar="UNIT")]


@command(app, "cases.keeping")
def keeping_(ref: Ref, form: Form = Format.TABLE) -> None:
    """How a case is kept."""
    with opened_house() as house:
        found = keeping.keeping_of(house, operator(), ref)
    because = found.kept_because
    told: dict[str, object] = {
        "ref": found.case.ref,
        "state": found.case.state.value,
        "retention": found.case.retention,
        "kept_until": found.kept_until,
        "held": found.case.held,
        "shared_with": [
            {"unit": each.to_unit, "purpose": each.purpose, "until": each.until, "given_by": each.given_by}
            for each in found.shares
        ],
        "erasure_asked_by": found.asked.actor_name if found.asked else None,
        "kept_because": text(chosen(), f"errors.{because.code}", **because.fields) if because else None,
    }
    if form is not Format.JSON:
        told["shared_with"] = [each.to_unit for each in found.shares]
    give_one(told, form)


@command(app, "cases.hold")
def hold(ref: Ref, reason: Reason) -> None:
    """Put a case under a legal hold."""
    with opened_house() as house:
        keeping.hold(house, operator(), ref, True, reason)


@command(app, "cases.release")
def release(ref: Ref, reason: Reason) -> None:
    """Release a legal hold."""
    with opened_house() as house:
        keeping.hold(house, operator(), ref, False, reason)


@command(app, "cases.share")
def share(
    ref: Ref,
    unit: Unit,
    reason: Reason,
    days: Annotated[int, option("cases.share.days", "--days")] = 30,
    purpose: Annotated[str, option("cases.share.purpose", "--purpose")] = CASE_WORK,
) -> None:
    """Let another unit read a case until the end of a day."""
    if not 0 <= days < MOST_DAYS:
        raise Invalid("cases.share_until", days=MOST_DAYS - 1)
    with opened_house() as house:
        last_day = (house.now().astimezone(SHANGHAI) + timedelta(days=days)).date()
        until = keeping.end_of_day(last_day.isoformat())
        new = NewShare(to_unit=unit_path(unit), purpose=purpose, until=until, reason=reason)
        keeping.share(house, operator(), ref, new)


@command(app, "cases.unshare")
def unshare(ref: Ref, unit: Unit, reason: Reason) -> None:
    """Withdraw that before its day."""
    with opened_house() as house:
        keeping.unshare(house, operator(), ref, unit_path(unit), reason)


@command(app, "cases.erase")
def erase(
    ref: Ref,
    reason: Annotated[str, option("cases.erase.reason", "--reason")] = "",
    confirm: Annotated[bool, option("cases.erase.confirm", "--confirm")] = False,
    refuse: Annotated[bool, option("cases.erase.refuse", "--refuse")] = False,
) -> None:
    """Ask that a case be erased; confirm or refuse what somebody else asked."""
    if confirm and refuse:
        raise Invalid("cli.confirm_or_refuse")
    with opened_house() as house:
        if confirm:
            keeping.erase(house, operator(), ref)
        elif refuse:
            keeping.refuse(house, operator(), ref, reason)
        else:
            keeping.ask(house, operator(), ref, reason)
