"""Standing authorities as the console shows and gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from fanzha.adapters.store.authorities import authorities, authority_for_change, unexpired_authorities, uses_of
from fanzha.adapters.store.roles import require
from fanzha.apps.web.views.incidents import AskedAuthority, AuthorityDraft, AuthorityLine, Narrowing
from fanzha.apps.web.views.shown import Choice
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.kernel.errors import Invalid
from fanzha.kernel.money import fen
from fanzha.kernel.units import Actor
from fanzha.orders.authority import SHARE_PPM, AccountSort, Authority, AuthorityState, Limits
from fanzha.orders.effects import OrderKind
from fanzha.wiring.authorities import (
    NewAuthority,
    draft_authority,
    narrow_authority,
    proposed,
    sign_authority,
    withdraw_authority,
)
from fanzha.wiring.delegating import own_now
from fanzha.wiring.desk import Desk
from fanzha.wiring.law import law_at
from fanzha.workflows.chase_funds import Standing

CHASING = (OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR)
PER_CENT = SHARE_PPM // 100
K = TypeVar("K", OrderKind, AccountSort)


class WiredAuthorities(HouseParts):
    """Standing authorities: list, draft, sign, take back."""

    def authorities(self, actor: Actor) -> Sequence[AuthorityLine]:
        """Standing authorities in sight, newest first."""
        require(actor, "orders.see")
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            found = authorities(connection)
            used = uses_of(connection, [each.id for each in found])
            return [authority_line(desk, Standing(authority=each, used=used[each.id])) for each in found]

    def authority_draft(self, actor: Actor, incident: str) -> AuthorityDraft:
        """What the form proposes, for a shift or for an incident."""
        require(actor, "orders.draft")
        limits = proposed("incident" if incident else "first_stops")
        longest = law_at(self.house.now()).authority.longest_hours
        return AuthorityDraft(
            incident=incident,
            kinds=CHASING if incident else (OrderKind.STOP,),
            layers=limits.layers,
            accounts=limits.accounts,
            total_fen=limits.total_fen,
            least_fen=limits.least_traceable_fen,
            least_share=limits.least_share_ppm // PER_CENT,
            excluded=sorted(limits.excluded),
            hours=longest,
            longest_hours=longest,
        )

    def draft_authority(self, actor: Actor, asked: AskedAuthority) -> str:
        """The number of the authority that waits for signatures now."""
        new = NewAuthority(
            kinds=frozenset(_each(OrderKind, asked.kinds, "kinds")),
            limits=_limits(asked),
            until=self.house.now() + timedelta(hours=asked.hours),
            reason=asked.reason,
            incident=asked.incident,
        )
        with self.house.act(actor) as connection:
            return draft_authority(Desk(house=self.house, connection=connection, actor=actor), new).number

    def narrow_authority(self, actor: Actor, number: str, asked: Narrowing) -> AuthorityLine:
        """Narrower limits from now on."""
        with self.house.act(actor) as connection:
            desk = Desk(house=self.house, connection=connection, actor=actor)
            limits = _narrower(authority_for_change(connection, number, actor).limits, asked)
            told = narrow_authority(desk, number, limits, asked.reason)
            return authority_line(desk, Standing(authority=told, used=uses_of(connection, [told.id])[told.id]))

    def sign_authority(self, actor: Actor, number: str) -> None:
        """Sign it in a capacity of one's own."""
        with self.house.act(actor) as connection:
            sign_authority(Desk(house=self.house, connection=connection, actor=actor), number)

    def withdraw_authority(self, actor: Actor, number: str, reason: str) -> None:
        """From now on nothing leaves under it."""
        with self.house.act(actor) as connection:
            withdraw_authority(Desk(house=self.house, connection=connection, actor=actor), number, reason)


def _limits(asked: AskedAuthority) -> Limits:
    return Limits(
        layers=asked.layers,
        accounts=asked.accounts,
        total_fen=fen(asked.total_fen),
        least_traceable_fen=fen(asked.least_fen),
        least_share_ppm=asked.least_share * PER_CENT,
        excluded=frozenset(_each(AccountSort, asked.excluded, "excluded")),
    )


def _narrower(limits: Limits, asked: Narrowing) -> Limits:
    """The limits with those that are asked for in their place."""

    def or_known(given: int | None, known: int) -> int:
        return known if given is None else given

    return Limits(
        layers=or_known(asked.layers, limits.layers),
        accounts=or_known(asked.accounts, limits.accounts),
        total_fen=fen(or_known(asked.total_fen, limits.total_fen)),
        least_traceable_fen=fen(or_known(asked.least_fen, limits.least_traceable_fen)),
        least_share_ppm=limits.least_share_ppm if asked.least_share is None else asked.least_share * PER_CENT,
        excluded=(
            limits.excluded if asked.excluded is None else frozenset(_each(AccountSort, asked.excluded, "excluded"))
        ),
    )


def authority_line(desk: Desk, standing: Standing) -> AuthorityLine:
    """An authority as whoever is at the desk sees it: what is used of it, and what they may do about it."""
    told, law = standing.authority, law_at(desk.now)
    capacities = {each.id: each for each in law.capacities.values()}
    return AuthorityLine(
        number=told.number,
        reach=told.reach.value,
        incident="" if told.incident_id is None else str(told.incident_id),
        kinds=sorted(told.kinds),
        layers=told.limits.layers,
        accounts=told.limits.accounts,
        accounts_used=len(standing.used.accounts),
        total_fen=told.limits.total_fen,
        used_fen=standing.used.stopped_fen,
        least_fen=told.limits.least_traceable_fen,
        least_share=told.limits.least_share_ppm // PER_CENT,
        excluded=sorted(told.limits.excluded),
        since=told.since,
        until=told.until,
        state=_state(desk, told),
        drafted_by=told.drafted_by.name,
        signed_by=[each.by.name for each in told.signatures],
        missing=[
            Choice(code=each.value, zh=capacities[each].says["zh"], en=capacities[each].says["en"])
            for each in told.missing
        ],
        reason=told.reason,
        may_sign=_may_sign(desk, told),
        may_withdraw=_answers(desk, told) and told.state is not AuthorityState.WITHDRAWN and desk.now < told.until,
    )


def signable_authorities(desk: Desk) -> list[Authority]:
    """What waits for this person's signature among standing authorities."""
    return [each for each in unexpired_authorities(desk.connection, desk.now) if _may_sign(desk, each)]


def _state(desk: Desk, told: Authority) -> str:
    if told.state is AuthorityState.SIGNED and desk.now >= told.until:
        return "over"
    return told.state.value


def _answers(desk: Desk, told: Authority) -> bool:
    mine = desk.actor.user_id
    return mine is not None and mine in {told.drafted_by.user_id, *(each.by.user_id for each in told.signatures)}


def _may_sign(desk: Desk, told: Authority) -> bool:
    if told.state is not AuthorityState.DRAFT or desk.now >= told.until or _answers(desk, told):
        return False
    return not own_now(desk).isdisjoint(told.missing)


def _each(kinds: type[K], told: Sequence[str], name: str) -> list[K]:
    try:
        return [kinds(each) for each in told]
    except ValueError:
        raise Invalid("web.bad_filter", name=name) from None
