"""Who signs what in whose place, from the house."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from fanzha.adapters.store.delegations import (
    LONGEST,
    REASON_CHARACTERS,
    GivenDelegation,
    delegations,
    signed_for,
)
from fanzha.adapters.store.people import find_person
from fanzha.adapters.store.roles import require
from fanzha.adapters.store.units import every_unit
from fanzha.apps.web.views.delegations import (
    CapacityLine,
    DelegationLine,
    DelegationsView,
    LendForm,
    SignedUnder,
    SignerLine,
    StandingIn,
    UnitSigning,
    UnsignedAct,
)
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.order_names import capacity_choice
from fanzha.kernel.errors import NotFound
from fanzha.kernel.ids import UserId
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.law import LawPack, Signing
from fanzha.orders.order import Capacity
from fanzha.wiring.delegating import Lent, give_delegation, lent_now, own_capacities, take_delegation_back
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at
from fanzha.wiring.signatories import UnitSigners, signing_today, who_may_stand_in

LISTED, SIGNED = 200, 500
Units = Mapping[UnitPath, Choice]
Names = Mapping[UserId, str]


class WiredDelegations(HouseParts):
    """Who may sign what, lend, take back."""

    def delegations(self, actor: Actor) -> DelegationsView:
        """Who may sign what today, and the delegations in sight."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            today, given = signing_today(desk), delegations(connection, LISTED)
            units = {each.path: _choice(each.path, each.name_zh, each.name_en) for each in every_unit(connection)}
            signed: dict[UUID, list[SignedUnder]] = defaultdict(list)
            for each in signed_for(connection, given, SIGNED):
                signed[each.delegation_id].append(SignedUnder(number=each.number, at=each.at))
            names = _names(desk, today, given)
        law = law_at(desk.now)
        return DelegationsView(
            units=tuple(_unit(each, law, units, names) for each in today),
            delegations=tuple(
                DelegationLine(
                    id=str(each.id),
                    from_name=names[each.held.from_user],
                    to_name=names[each.held.to_user],
                    capacity=capacity_choice(law, each.held.capacity.value),
                    unit=units.get(each.unit_path, _choice(each.unit_path, each.unit_path, each.unit_path)),
                    since=each.held.since,
                    until=each.held.until,
                    reason=each.reason,
                    state=_state(each, desk.now),
                    ended_at=each.ended_at,
                    may_end=_may_end(each, actor, desk.now),
                    signed=tuple(signed[each.id]),
                )
                for each in given
            ),
        )

    def lend_form(self, actor: Actor) -> LendForm:
        """What this person may lend and to whom."""
        if not actor.may("orders.delegate") or actor.user_id is None:
            return LendForm()
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            own = own_capacities(connection, actor, desk.now)
            people = who_may_stand_in(desk)
        return LendForm(
            capacities=[capacity_choice(law_at(desk.now), each.value) for each in Capacity if each in own],
            people=[_choice(each.login, each.name, each.name) for each in people],
            longest_days=LONGEST.days,
            reason_chars=REASON_CHARACTERS,
        )

    def standing_in(self, actor: Actor) -> Sequence[StandingIn]:
        """For whom this person signs now."""
        if actor.user_id is None or not actor.may("orders.see"):
            return []
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            lent = lent_now(desk, actor.scope)
            names = _people(desk, {each.from_user for each in lent})
        return [
            StandingIn(
                for_name=names[each.from_user],
                capacity=capacity_choice(law_at(desk.now), each.capacity.value),
                until=each.until,
            )
            for each in lent
        ]

    def lend(self, actor: Actor, lent: Lent) -> None:
        """Lend one's own capacity."""
        give_delegation(self.house, actor, lent)

    def end_delegation(self, actor: Actor, delegation: str) -> None:
        """Take a delegation back from now on."""
        require(actor, "orders.see")
        try:
            wanted = UUID(delegation)
        except ValueError:
            raise NotFound("orders.no_such_delegation") from None
        take_delegation_back(self.house, actor, wanted)


def _unit(told: UnitSigners, law: LawPack, units: Units, names: Names) -> UnitSigning:
    return UnitSigning(
        unit=units[told.unit.path],
        capacities=tuple(
            CapacityLine(
                capacity=capacity_choice(law, each.value),
                people=tuple(
                    SignerLine(
                        name=names[one.user_id],
                        for_name=names[one.stands_for] if one.stands_for else "",
                        until=one.until,
                    )
                    for one in told.signers
                    if one.capacity is each
                ),
            )
            for each in Capacity
            if each.value in law.capacities and law.capacities[each.value].levels
        ),
        unsigned=_acts(told.unsigned),
        alike=tuple(units[each.path] for each in told.alike),
    )


def _acts(unsigned: Sequence[Signing]) -> tuple[UnsignedAct, ...]:
    """Act by act; one that cannot be signed for an ordinary case is not told again for each other term."""
    terms: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for each in unsigned:
        terms[each.kind, each.act].append(each.term)
    return tuple(
        UnsignedAct(kind=kind, act=act, terms=() if None in told else tuple(one for one in told if one))
        for (kind, act), told in terms.items()
    )


def _names(desk: Desk, today: Sequence[UnitSigners], given: Sequence[GivenDelegation]) -> Names:
    signers = {one for each in today for signer in each.signers for one in signer.answers}
    return _people(desk, signers | {one for each in given for one in (each.held.from_user, each.held.to_user)})


def _people(desk: Desk, wanted: Collection[UserId]) -> Names:
    with desk.as_house() as connection:
        return {each: find_person(connection, each).name for each in wanted}


def _state(each: GivenDelegation, now: datetime) -> str:
    if each.ended_at is not None:
        return "taken_back"
    if now < each.held.since:
        return "to_come"
    return "holds" if each.held.holds(now) else "over"


def _may_end(each: GivenDelegation, actor: Actor, now: datetime) -> bool:
    mine = each.held.from_user == actor.user_id or actor.may("people.manage")
    return mine and each.ended_at is None and now < each.held.until


def _choice(code: str, zh: str, en: str) -> Choice:
    return Choice(code=code, zh=zh, en=en)
