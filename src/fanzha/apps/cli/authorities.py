"""`fanzha authorities list|narrow`: what standing authority there is, and narrower limits for it."""

from __future__ import annotations

from typing import Annotated

from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.orders import As, Form, Reason
from fanzha.apps.cli.output import Format, give, give_one, worded
from fanzha.apps.web.views.incidents import AuthorityLine, Narrowing
from fanzha.apps.web.wired.authorities import WiredAuthorities
from fanzha.orders.authority import AccountSort
from fanzha.wiring.house import operator
from fanzha.wiring.standing_in import standing_in_for

app = noun("authorities")

LINE = (
    "number", "reach", "state", "kinds", "layers", "accounts", "accounts_used", "total_fen", "used_fen", "least_fen",
    "least_share", "excluded", "since", "until", "drafted_by", "signed_by", "reason",
)  # fmt: skip
IN_TABLE = ("number", "reach", "state", "kinds", "layers", "accounts", "total_fen", "used_fen", "until")
SECTIONS = {"reach": "authority_reach", "state": "authority_state", "kinds": "order_kind", "excluded": "account_sort"}
Whole = int | None


@command(app, "authorities.list")
def list_(form: Form = Format.TABLE) -> None:
    """Standing authorities, newest first, ended ones too."""
    with opened_house() as house:
        rows = [_row(each) for each in WiredAuthorities(house).authorities(operator())]
    give(worded(rows, form, **SECTIONS), IN_TABLE if form is Format.TABLE else LINE, form)


@command(app, "authorities.narrow")
def narrow(  # noqa: PLR0913  # every parameter is an option of the command
    number: Annotated[str, argument("authorities.number", metavar="NUMBER")],
    reason: Reason,
    layers: Annotated[Whole, option("authorities.narrow.layers", "--layers", metavar="N")] = None,
    accounts: Annotated[Whole, option("authorities.narrow.accounts", "--accounts", metavar="N")] = None,
    total_fen: Annotated[Whole, option("authorities.narrow.total_fen", "--total-fen", metavar="FEN")] = None,
    least_fen: Annotated[Whole, option("authorities.narrow.least_fen", "--least-fen", metavar="FEN")] = None,
    least_share: Annotated[Whole, option("authorities.narrow.least_share", "--least-share", metavar="PERCENT")] = None,
    excluded: Annotated[list[AccountSort] | None, option("authorities.narrow.excluded", "--excluded")] = None,
    login: As = "",
    form: Form = Format.TABLE,
) -> None:
    """Narrower limits from now on; what is not given stays as it is."""
    asked = Narrowing(
        reason=reason,
        layers=layers,
        accounts=accounts,
        total_fen=total_fen,
        least_fen=least_fen,
        least_share=least_share,
        excluded=None if not excluded else [each.value for each in excluded],
    )
    with opened_house() as house:
        told = WiredAuthorities(house).narrow_authority(standing_in_for(house, login), number, asked)
    give_one(next(iter(worded([_row(told)], form, **SECTIONS))), form)


def _row(line: AuthorityLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in LINE}
