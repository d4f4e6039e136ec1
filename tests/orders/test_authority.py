"""Nothing leaves under an authority beyond what named people signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.kernel.errors import FanzhaError, Forbidden, Illegal, Invalid
from fanzha.kernel.ids import SubjectId, UserId
from fanzha.kernel.money import Fen, fen
from fanzha.kernel.units import unit_path
from fanzha.orders.authority import (
    AccountSort,
    Authority,
    AuthorityState,
    Denial,
    Limits,
    Reach,
    Use,
    Used,
    Wanted,
    authority_after,
    denial,
    drafted_authority,
    narrowed,
    signed_authority,
    used_up,
    withdrawn,
)
from fanzha.orders.effects import OrderKind
from fanzha.orders.law import AuthorityLaw
from fanzha.orders.order import By, Capacity
from fanzha.orders.signing import Signer

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LAW = AuthorityLaw(review_minutes=30, release_hours=2, longest_hours=12, own_percent=50)
PEOPLE = [By(user_id=UserId(UUID(int=number)), name=f"测试{number}") for number in range(1, 5)]
DRAFTER, SECOND, CHIEF, OTHER = PEOPLE

limits = st.builds(
    Limits,
    layers=st.integers(1, 10),
    accounts=st.integers(1, 6),
    total_fen=st.integers(1_000, 10_000).map(fen),
    least_traceable_fen=st.integers(1, 1_000).map(fen),
    least_share_ppm=st.integers(0, 1_000_000),
    excluded=st.frozensets(st.sampled_from(list(AccountSort)), max_size=3),
)
wants = st.builds(
    Wanted,
    kind=st.sampled_from([OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR]),
    account=st.integers(1, 9).map(SubjectId),
    layer=st.integers(1, 12),
    traceable_fen=st.integers(0, 6_000).map(fen),
    share_ppm=st.none() | st.integers(0, 1_000_000),
    sorts=st.frozensets(st.sampled_from(list(AccountSort)), max_size=2),
    is_named=st.booleans(),
    is_confirmed=st.booleans(),
    has_come=st.booleans(),
)


def authority(told: Limits | None = None, reach: Reach = Reach.INCIDENT) -> Authority:
    kinds = {OrderKind.STOP} if reach is Reach.FIRST_STOPS else {OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR}
    return Authority(
        id=UUID(int=9),
        number="A2026-000001",
        unit_path=unit_path("linan.county01"),
        reach=reach,
        incident_id=UUID(int=8) if reach is Reach.INCIDENT else None,
        kinds=frozenset(kinds),
        limits=told
        or Limits(
            layers=5,
            accounts=3,
            total_fen=fen(9_000),
            least_traceable_fen=fen(100),
            least_share_ppm=200_000,
            excluded=frozenset({AccountSort.HOSPITAL}),
        ),
        since=NOW,
        until=NOW + timedelta(hours=8),
        drafted_at=NOW,
        drafted_by=DRAFTER,
        reason="测试",
        needs=(Capacity.SECOND_OFFICER, Capacity.COUNTY_CHIEF),
    )


def signed(told: Authority) -> Authority:
    for by, capacity in ((SECOND, Capacity.SECOND_OFFICER), (CHIEF, Capacity.COUNTY_CHIEF)):
        told = authority_after(told, [signed_authority(told, Signer(by=by, own=frozenset({capacity})), NOW)])
    return told


@given(limits, st.lists(wants, max_size=30))
def test_whatever_is_wanted_what_leaves_stays_within_the_limits(told: Limits, wanted: list[Wanted]) -> None:
    given_one, used = signed(authority(told)), list[Use]()
    for each in wanted:
        if denial(given_one, used_up(used), each, NOW) is None:
            used.append(Use(kind=each.kind, account=each.account, traceable_fen=each.traceable_fen))
            assert each.layer <= told.layers
            traders = {AccountSort.COMPANY, AccountSort.MERCHANT} if each.kind is not OrderKind.STOP else set()
            assert not each.sorts & told.excluded - traders
            assert each.has_come or each.is_confirmed or each.kind is not OrderKind.STOP
    stops = [each for each in used if each.kind is OrderKind.STOP]
    assert len({each.account for each in stops}) <= told.accounts
    assert sum(each.traceable_fen for each in stops) <= told.total_fen


@given(limits, limits, st.lists(wants, max_size=5), wants)
def test_what_is_narrowed_never_allows_more(wide: Limits, other: Limits, before: list[Wanted], wanted: Wanted) -> None:
    if not other.within(wide):
        return
    used = [Use(kind=each.kind, account=each.account, traceable_fen=each.traceable_fen) for each in before]
    if denial(signed(authority(wide)), used_up(used), wanted, NOW) is not None:
        assert denial(signed(authority(other)), used_up(used), wanted, NOW) is not None


STOP = Wanted(
    kind=OrderKind.STOP,
    account=SubjectId(5),
    layer=2,
    traceable_fen=fen(500),
    share_ppm=None,
    sorts=frozenset(),
)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"layer": 6}, Denial.LAYER),
        ({"traceable_fen": Fen(99)}, Denial.TRACEABLE),
        ({"traceable_fen": Fen(9_001)}, Denial.TOTAL),
        ({"share_ppm": 199_999}, Denial.SHARE),
        ({"sorts": frozenset({AccountSort.HOSPITAL})}, Denial.SORT),
        ({"has_come": False}, Denial.BEFORE_MONEY),
        ({"kind": OrderKind.FREEZE}, Denial.KIND),
    ],
)
def test_each_limit_says_why(change: dict[str, object], why: Denial) -> None:
    assert denial(signed(authority()), Used(), STOP, NOW) is None
    assert denial(signed(authority()), Used(), replace(STOP, **change), NOW) is why  # type: ignore[arg-type]


def test_a_shift_covers_only_accounts_that_a_report_names() -> None:
    shift = signed(authority(reach=Reach.FIRST_STOPS))
    assert denial(shift, Used(), STOP, NOW) is Denial.NOT_NAMED
    assert denial(shift, Used(), replace(STOP, is_named=True), NOW) is None


def test_time_signature_and_withdrawal_decide() -> None:
    draft = authority()
    assert denial(draft, Used(), STOP, NOW) is Denial.NOT_SIGNED
    told = signed(draft)
    assert denial(told, Used(), STOP, told.until) is Denial.OVER
    assert denial(told, Used(), STOP, NOW - timedelta(seconds=1)) is Denial.NOT_YET
    over = authority_after(told, [withdrawn(told, SECOND, "测试", NOW)])
    assert over.state is AuthorityState.WITHDRAWN
    assert denial(over, Used(), STOP, NOW) is Denial.WITHDRAWN


def test_nobody_signs_their_own_twice_or_without_the_capacity() -> None:
    told = authority()
    with pytest.raises(Forbidden):
        signed_authority(told, Signer(by=DRAFTER, own=frozenset(Capacity)), NOW)
    with pytest.raises(Forbidden):
        signed_authority(told, Signer(by=OTHER, own=frozenset({Capacity.OFFICER})), NOW)
    once = authority_after(told, [signed_authority(told, Signer(by=SECOND, own=frozenset(Capacity)), NOW)])
    with pytest.raises(Forbidden):
        signed_authority(once, Signer(by=SECOND, own=frozenset(Capacity)), NOW)


def test_only_who_answers_for_it_narrows_it_and_nobody_widens() -> None:
    told = signed(authority())
    with pytest.raises(Forbidden):
        narrowed(told, replace(told.limits, layers=1), OTHER, "测试", NOW)
    with pytest.raises(Illegal):
        narrowed(told, replace(told.limits, layers=6), CHIEF, "测试", NOW)
    assert (
        authority_after(told, [narrowed(told, replace(told.limits, layers=1), CHIEF, "测试", NOW)]).limits.layers == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        {"until": NOW + timedelta(hours=13)},
        {"until": NOW},
        {"kinds": frozenset({OrderKind.FREEZE})},
        {"kinds": frozenset()},
        {"incident_id": None},
        {"reason": " "},
        {"reach": Reach.FIRST_STOPS, "incident_id": None},
    ],
)
def test_what_may_not_be_asked_for_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FanzhaError):
        drafted_authority(replace(authority(), **change), LAW)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        replace(authority().limits, total_fen=Fen(0))


def test_traders_who_are_left_out_of_stops_are_asked_about_first_and_public_bodies_are_not() -> None:
    left_out = frozenset({AccountSort.COMPANY, AccountSort.MERCHANT, AccountSort.PAYMENT_POOL})
    told = signed(authority())
    told = replace(told, limits=replace(told.limits, excluded=left_out))

    def why(kind: OrderKind, sort: AccountSort) -> Denial | None:
        return denial(told, Used(), replace(STOP, kind=kind, sorts=frozenset({sort})), NOW)

    for sort in (AccountSort.COMPANY, AccountSort.MERCHANT):
        assert (why(OrderKind.STOP, sort), why(OrderKind.QUERY, sort)) == (Denial.SORT, None)
    assert why(OrderKind.QUERY, AccountSort.PAYMENT_POOL) is Denial.SORT


def test_an_order_keeps_the_limits_under_which_it_left() -> None:
    told, hour = signed(authority()), timedelta(hours=1)
    for hours, least in ((1, 300_000), (2, 900_000)):
        narrower = replace(told.limits, least_share_ppm=least)
        told = authority_after(told, [narrowed(told, narrower, CHIEF, "测试", NOW + hours * hour)])
    told = authority_after(told, [withdrawn(told, SECOND, "测试", NOW + 3 * hour)])
    shares = [told.when_left(NOW + hours * hour).limits.least_share_ppm for hours in (0, 1, 2, 4)]
    assert shares == [200_000, 300_000, 900_000, 900_000]
    assert told.when_left(NOW).signatures == told.signatures
