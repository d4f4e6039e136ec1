"""Patterns found the slow way: by their definitions, one plain loop after the other, sharing nothing with the house."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

DAY = 86_400
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Deal:
    """One dealing; accounts −1 are nobody."""

    payer: int
    payee: int
    fen: int
    payer_s: int
    payee_s: int
    payer_timed: bool = True
    payee_timed: bool = True
    counts: bool = True
    is_cash: bool = False
    is_night: bool = False
    known_s: int = 0
    device: int = -1


@dataclass(frozen=True, kw_only=True)
class World:
    """Dealings in order, and what is known of accounts; the dealing at `i` has the number `100 + i`."""

    deals: Sequence[Deal]
    person: Sequence[int]
    opening: Sequence[int]
    ends: Sequence[bool]
    inconclusive: Sequence[bool]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Fen of one arrival in one departure of an account."""

    account: int
    arrival: int
    departure: int
    fen: int
    at: int
    left: int
    timed: bool


@dataclass(kw_only=True)
class Found:
    """What a pattern says, for comparison."""

    roles: Mapping[str, tuple[int, ...]]
    movements: tuple[int, ...]
    fen: int
    first_s: int
    last_s: int
    numbers: Mapping[str, int]
    is_conclusive: bool = True
    clue: str = field(default="")


def events(world: World, account: int) -> list[tuple[int, bool, int, bool]]:
    """(dealing, incoming, second, timed) of an account, seconds never falling."""
    told: list[tuple[int, bool, int, bool]] = []
    for at, deal in enumerate(world.deals):
        if deal.payer == deal.payee:
            continue
        if deal.payer == account:
            told.append((at, False, deal.payer_s, deal.payer_timed))
        if deal.payee == account:
            told.append((at, True, deal.payee_s, deal.payee_timed))
    risen, latest = [], -(10**18)
    for at, incoming, second, timed in told:
        latest = max(latest, second)
        risen.append((at, incoming, latest, timed))
    return risen


def parts(world: World, dwell_s: int) -> list[Part]:
    """Every fen that stayed so long at the most: literally a queue of lots."""
    found = []
    for account in range(len(world.person)):
        lots: list[list[int]] = [[-1, world.opening[account], 0, 1]]
        for at, incoming, second, timed in events(world, account):
            if incoming:
                lots.append([at, world.deals[at].fen, second, timed])
                continue
            owed = world.deals[at].fen
            while owed and lots:
                spent = min(owed, lots[0][1])
                owed, lots[0][1] = owed - spent, lots[0][1] - spent
                came, _, since, came_timed = lots[0]
                both = came >= 0 and world.deals[came].counts and world.deals[at].counts
                quick = second - since <= dwell_s and (dwell_s >= DAY or (timed and came_timed))
                if spent and both and quick and not world.ends[account]:
                    found.append(
                        Part(
                            account=account,
                            arrival=came,
                            departure=at,
                            fen=spent,
                            at=since,
                            left=second,
                            timed=True,
                        )
                    )
                if not lots[0][1]:
                    lots.pop(0)
    return found


def stretches(
    items: Sequence[T], at: Callable[[T], int], who: Callable[[T], Hashable], window_s: int, least: int
) -> list[list[T]]:
    """Items of every window with enough different parties, windows that share an item joined; items rise in time."""
    joined = list(range(len(items)))
    inside = [False] * len(items)
    for low in range(len(items)):
        for high in range(low, len(items)):
            some = items[low : high + 1]
            if at(items[high]) - at(items[low]) <= window_s and len({who(each) for each in some}) >= least:
                for each in range(low, high + 1):
                    joined[each] = min(joined[low : high + 1])
                    inside[each] = True
    for _ in items:
        for each in range(len(items)):
            joined[each] = joined[joined[each]]
    groups = defaultdict(list)
    for each, item in enumerate(items):
        if inside[each]:
            groups[joined[each]].append(item)
    return list(groups.values())


def by_fen(world: World, pairs: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Accounts (not nobody) by what they sum up to, most first."""
    total = Counter[int]()
    for account, fen in pairs:
        if account >= 0:
            total[account] += fen
    return tuple(sorted(total, key=lambda account: (-total[account], account)))


def is_new(world: World, at: int, days: int) -> bool:
    return world.deals[at].known_s < days * DAY


def enough(part: int, whole: int, bp: int) -> bool:
    return part * 10_000 >= whole * bp


def passing(world: World, some: Sequence[Part], roles: Mapping[str, tuple[int, ...]], more: Mapping[str, int]) -> Found:
    arrivals, departures = ({getattr(each, side) for each in some} for side in ("arrival", "departure"))
    fen = sum(each.fen for each in some)
    came = sum(world.deals[at].fen for at in arrivals)
    return Found(
        roles=roles,
        movements=tuple(100 + at for at in sorted(arrivals | departures)),
        fen=fen,
        first_s=min(each.at for each in some),
        last_s=max(each.left for each in some),
        numbers={
            "arrivals": len(arrivals),
            "departures": len(departures),
            "in_fen": came,
            "out_fen": sum(world.deals[at].fen for at in departures),
            "passed_bp": fen * 10_000 // came,
            "dwell_s": sum(each.fen * (each.left - each.at) for each in some) // fen,
            **more,
        },
        is_conclusive=not any(world.inconclusive[each.account] for each in some),
    )


def in_and_out(world: World, some: Sequence[Part]) -> dict[str, tuple[int, ...]]:
    deals = world.deals
    return {
        "account": (some[0].account,),
        "payers": by_fen(world, ((deals[at].payer, deals[at].fen) for at in {each.arrival for each in some})),
        "payees": by_fen(world, ((deals[at].payee, deals[at].fen) for at in {each.departure for each in some})),
    }


def pass_through(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    for account in range(len(world.person)):
        quick = [
            each
            for each in parts(world, limits["dwell_s"])
            if each.account == account
            and is_new(world, each.arrival, limits["regular_days"])
            and world.deals[each.arrival].fen >= limits["least_arrival_fen"]
        ]
        passed = Counter[int]()
        for each in quick:
            passed[each.arrival] += each.fen
        quick = [
            each for each in quick if enough(passed[each.arrival], world.deals[each.arrival].fen, limits["passed_bp"])
        ]
        for some in stretches(quick, lambda each: each.at, lambda each: each.arrival, limits["gap_s"], 1):
            moved = {each.arrival for each in some} | {each.departure for each in some}
            if len(moved) >= limits["least_movements"] and sum(each.fen for each in some) >= limits["least_fen"]:
                found.append(passing(world, some, in_and_out(world, some), {"within_s": limits["dwell_s"]}))
    return found


def fans(world: World, limits: Mapping[str, int], *, out: bool) -> list[Found]:
    many, few = ("departure", "arrival") if out else ("arrival", "departure")
    many_party, few_party = ("payee", "payer") if out else ("payer", "payee")
    found = []

    def party(each: Part, side: str, whose: str) -> int:
        return int(getattr(world.deals[getattr(each, side)], whose))

    for account in range(len(world.person)):
        quick = [
            each
            for each in parts(world, limits["dwell_s"])
            if each.account == account
            and party(each, many, many_party) >= 0
            and is_new(world, getattr(each, many), limits["regular_days"])
            and world.deals[getattr(each, many)].fen >= limits["least_part_fen"]
        ]
        passed = Counter[int]()
        for each in quick:
            passed[getattr(each, many)] += each.fen
        quick = [
            each
            for each in quick
            if enough(passed[getattr(each, many)], world.deals[getattr(each, many)].fen, limits["passed_bp"])
        ]
        for some in stretches(
            quick,
            lambda each: each.left if out else each.at,
            lambda each: world.person[party(each, many, many_party)],
            limits["window_s"],
            limits["least_people"],
        ):
            sides = Counter[int]()
            for each in some:
                sides[party(each, few, few_party)] += each.fen
            fen = sum(sides.values())
            few_bp = sum(sorted(sides.values(), reverse=True)[: limits["few"]]) * 10_000 // fen
            dealings = {getattr(each, many) for each in some}
            if len(dealings) < limits["least_movements"] or fen < limits["least_fen"] or few_bp < limits["few_bp"]:
                continue
            people = len({world.person[party(each, many, many_party)] for each in some})
            found.append(passing(world, some, in_and_out(world, some), {"people": people, "few_bp": few_bp}))
    return found


def scatter(world: World, limits: Mapping[str, int]) -> list[Found]:
    return fans(world, limits, out=True)


def gather(world: World, limits: Mapping[str, int]) -> list[Found]:
    return fans(world, limits, out=False)


def scatter_gather(world: World, limits: Mapping[str, int]) -> list[Found]:
    roads: dict[tuple[int, int], list[Part]] = defaultdict(list)
    quick = parts(world, limits["dwell_s"])
    for each in quick:
        payer, payee = world.deals[each.arrival].payer, world.deals[each.departure].payee
        if (
            payer < 0
            or payee < 0
            or world.person[payer] == world.person[payee]
            or world.ends[payer]
            or world.ends[payee]
        ):
            continue
        if is_new(world, each.arrival, limits["regular_days"]) and is_new(
            world, each.departure, limits["regular_days"]
        ):
            roads[payer, payee].append(each)
    found = []
    for (payer, payee), road in roads.items():
        went = Counter[int]()
        for each in road:
            went[each.arrival] += each.fen
        road = [each for each in road if enough(went[each.arrival], world.deals[each.arrival].fen, limits["passed_bp"])]
        road.sort(key=lambda each: (each.at, each.departure))
        for some in stretches(
            road,
            lambda each: each.at,
            lambda each: world.person[each.account],
            limits["window_s"],
            limits["least_people"],
        ):
            if sum(each.fen for each in some) >= limits["least_fen"]:
                middle = by_fen(world, ((each.account, each.fen) for each in some))
                people = len({world.person[each.account] for each in some})
                roles = {"payers": (payer,), "middle": middle, "payees": (payee,)}
                found.append(passing(world, some, roles, {"people": people}))
    return found


def chains(world: World, limits: Mapping[str, int]) -> list[list[int]]:
    """Dealings of nearly equal amounts one after the other."""
    deals = world.deals

    def usable(at: int) -> bool:
        deal = deals[at]
        timed = limits["hop_s"] >= DAY or (deal.payer_timed and deal.payee_timed)
        at_end = any(one >= 0 and world.ends[one] for one in (deal.payer, deal.payee))
        new = is_new(world, at, limits["regular_days"])
        return deal.counts and deal.fen >= limits["least_fen"] and timed and new and not at_end

    then: dict[int, int] = {}
    for account in range(len(world.person)):
        waiting: list[tuple[int, int]] = []
        for at, incoming, second, _ in events(world, account):
            if not usable(at):
                continue
            if incoming:
                waiting.append((at, second))
                continue
            for came, since in waiting:
                near = deals[at].fen <= deals[came].fen and enough(
                    deals[at].fen, deals[came].fen, 10_000 - limits["shrink_bp"]
                )
                if second - since <= limits["hop_s"] and near and deals[came].payer != deals[at].payee:
                    then[came] = at
                    waiting.remove((came, since))
                    break
    later = set(then.values())
    found = []
    for first in sorted(then):
        if first not in later:
            chain = [first]
            while chain[-1] in then:
                chain.append(then[chain[-1]])
            found.append(chain)
    return found


def chained(world: World, chain: Sequence[int], roles: Mapping[str, tuple[int, ...]]) -> Found:
    first, last = world.deals[chain[0]], world.deals[chain[-1]]
    return Found(
        roles=roles,
        movements=tuple(100 + at for at in chain),
        fen=last.fen,
        first_s=first.payer_s,
        last_s=last.payee_s,
        numbers={
            "payments": len(chain),
            "first_fen": first.fen,
            "last_fen": last.fen,
            "kept_bp": last.fen * 10_000 // first.fen,
            "lasted_s": max(0, last.payee_s - first.payer_s),
        },
    )


def relays(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    for chain in chains(world, limits):
        if len(chain) >= limits["least_movements"]:
            first, last = world.deals[chain[0]].payer, world.deals[chain[-1]].payee
            roles = {
                "middle": tuple(dict.fromkeys(world.deals[at].payee for at in chain[:-1])),
                "payers": tuple(each for each in (first,) if each >= 0),
                "payees": tuple(each for each in (last,) if each >= 0),
            }
            found.append(chained(world, chain, roles))
    return found


def cycles(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    for chain in chains(world, limits):
        free = 0
        for last in range(len(chain)):
            for first in range(last - 1, free - 1, -1):
                if last - first + 1 > limits["most_movements"]:
                    break
                if world.deals[chain[first]].payer == world.deals[chain[last]].payee:
                    if last - first + 1 >= limits["least_movements"]:
                        circle = chain[first : last + 1]
                        roles = {
                            "account": (world.deals[circle[0]].payer,),
                            "middle": tuple(world.deals[at].payee for at in circle[:-1]),
                        }
                        found.append(chained(world, circle, roles))
                        free = last + 1
                    break
    return found


def test_payments(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    deals = world.deals
    for account in range(len(world.person)):
        if world.ends[account]:
            continue
        came = [
            (at, second)
            for at, incoming, second, timed in events(world, account)
            if incoming and deals[at].counts and (timed or limits["window_s"] >= DAY)
        ]

        def stranger(at: int) -> bool:
            return is_new(world, at, limits["regular_days"]) and not deals[at].is_cash and deals[at].payer >= 0

        tested: list[tuple[int, set[int]]] = []
        for place, (at, second) in enumerate(came):
            before = [each for each in range(place) if came[each][1] >= second - limits["window_s"]]
            trifles = {
                each for each in before if deals[came[each][0]].fen <= limits["trifle_fen"] and stranger(came[each][0])
            }
            large = deals[at].fen >= limits["least_fen"] and stranger(at)
            if large and trifles and len(before) <= limits["most_arrivals"]:
                tested.append((place, trifles))
        runs = [tested[:1]] if tested else []
        for before_, after in pairwise(tested):
            if before_[1] & after[1]:
                runs[-1].append(after)
            else:
                runs.append([after])
        for run in runs:
            tests = sorted({each for _, some in run for each in some})
            larges = [place for place, _ in run]
            small_deals, large_deals = [came[each][0] for each in tests], [came[each][0] for each in larges]
            last_test = max(each for each in tests if each < larges[0])
            found.append(
                Found(
                    roles={
                        "account": (account,),
                        "testers": by_fen(world, ((deals[at].payer, deals[at].fen) for at in small_deals)),
                        "payers": by_fen(world, ((deals[at].payer, deals[at].fen) for at in large_deals)),
                    },
                    movements=tuple(100 + at for at in sorted({*small_deals, *large_deals})),
                    fen=sum(deals[at].fen for at in large_deals),
                    first_s=came[tests[0]][1],
                    last_s=came[larges[-1]][1],
                    numbers={
                        "tests": len(tests),
                        "test_fen": sum(deals[at].fen for at in small_deals),
                        "payments": len(larges),
                        "largest_fen": max(deals[at].fen for at in large_deals),
                        "waited_s": came[larges[0]][1] - came[last_test][1],
                    },
                )
            )
    return found


def cash_runs(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    deals = world.deals
    for account in range(len(world.person)):
        drawn = [
            (at, second)
            for at, incoming, second, timed in events(world, account)
            if not incoming and deals[at].is_cash and deals[at].counts and (timed or limits["window_s"] >= DAY)
        ]
        for run in stretches(
            drawn, lambda each: each[1], lambda each: each[0], limits["window_s"], limits["least_movements"]
        ):
            fen = [deals[at].fen for at, _ in run]
            night = [deals[at].fen for at, _ in run if deals[at].is_night]
            if sum(fen) >= limits["least_fen"]:
                found.append(
                    Found(
                        roles={"account": (account,)},
                        movements=tuple(100 + at for at, _ in run),
                        fen=sum(fen),
                        first_s=run[0][1],
                        last_s=run[-1][1],
                        numbers={
                            "withdrawals": len(run),
                            "night_withdrawals": len(night),
                            "night_fen": sum(night),
                            "largest_fen": max(fen),
                            "lasted_s": run[-1][1] - run[0][1],
                        },
                    )
                )
    return found


def shared_devices(world: World, limits: Mapping[str, int]) -> list[Found]:
    found = []
    deals = world.deals
    for device in {deal.device for deal in deals if deal.device >= 0}:
        uses = [
            at
            for at, deal in enumerate(deals)
            if deal.device == device
            and deal.counts
            and not deal.is_cash
            and deal.payer >= 0
            and not world.ends[deal.payer]
        ]
        uses.sort(key=lambda at: (deals[at].payer_s, at))
        for some in stretches(
            uses,
            lambda at: deals[at].payer_s,
            lambda at: world.person[deals[at].payer],
            limits["window_s"],
            limits["least_people"],
        ):
            people = len({world.person[deals[at].payer] for at in some})
            fen = sum(deals[at].fen for at in some)
            lasted = deals[some[-1]].payer_s - deals[some[0]].payer_s
            few = people <= limits["most_people"] and lasted < limits["regular_days"] * DAY
            if few and fen >= limits["least_fen"]:
                accounts = by_fen(world, ((deals[at].payer, deals[at].fen) for at in some))
                found.append(
                    Found(
                        roles={"accounts": accounts},
                        movements=tuple(100 + at for at in sorted(some)),
                        fen=fen,
                        first_s=deals[some[0]].payer_s,
                        last_s=deals[some[-1]].payer_s,
                        numbers={
                            "people": people,
                            "accounts": len(accounts),
                            "payments": len(some),
                            "lasted_s": lasted,
                        },
                        clue=f"device {device}",
                    )
                )
    return found


def common_collectors(world: World, limits: Mapping[str, int], money: Sequence[tuple[int, int, int]]) -> list[Found]:
    """`money`: (dealing, victim's account, fen of theirs in it)."""
    found = []
    deals = world.deals
    for account in range(len(world.person)):
        some = [
            (at, victim, fen)
            for at, victim, fen in money
            if deals[at].payee == account
            and deals[at].counts
            and not world.ends[account]
            and world.person[account] != world.person[victim]
        ]
        brought = defaultdict(set)
        for at, victim, _ in some:
            brought[at].add(world.person[victim])
        people = set().union(*brought.values()) if brought else set()
        fen = sum(each for _, _, each in some)
        together = any(each == people for each in brought.values())
        if len(people) >= limits["least_people"] and not together and fen >= limits["least_fen"]:
            dealings = sorted(brought)
            found.append(
                Found(
                    roles={
                        "account": (account,),
                        "payers": by_fen(world, ((deals[at].payer, deals[at].fen) for at in dealings)),
                        "victims": tuple(sorted({victim for _, victim, _ in some})),
                    },
                    movements=tuple(100 + at for at in dealings),
                    fen=fen,
                    first_s=min(deals[at].payee_s for at in dealings),
                    last_s=max(deals[at].payee_s for at in dealings),
                    numbers={"people": len(people), "payments": len(dealings)},
                )
            )
    return found
