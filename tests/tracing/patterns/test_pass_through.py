"""Money that leaves within minutes is named, with its numbers."""

from fanzha.tracing.patterns.pass_through import find_pass_through
from fanzha.tracing.patterns.pattern import PatternKind
from tests.tracing.movements.telling import got, paid
from tests.tracing.patterns.scenes import HOUR, MINUTE, YUAN, card, dealt, live

VICTIM, MULE, A, B = (card(each) for each in range(4))


def test_what_came_in_and_left_at_once_is_named_with_its_numbers() -> None:
    told = [
        got("m", MULE, VICTIM, 50_000 * YUAN, 9 * HOUR, balance=50_010 * YUAN),
        paid("m", MULE, A, 30_000 * YUAN, 9 * HOUR + 4 * MINUTE, balance=20_010 * YUAN),
        paid("m", MULE, B, 19_000 * YUAN, 9 * HOUR + 10 * MINUTE, balance=1_010 * YUAN),
    ]
    deals, found = dealt(told)
    (named,) = find_pass_through(deals, live(PatternKind.PASS_THROUGH))

    assert named.kind is PatternKind.PASS_THROUGH and named.is_conclusive
    node = found.accounts.find
    assert named.roles == {"account": (node(MULE),), "payers": (node(VICTIM),), "payees": (node(A), node(B))}
    assert named.movements == tuple(found.movement.tolist()) and named.fen == (49_000 - 10) * YUAN
    assert (named.first_s, named.last_s) == tuple(int(deals.payer_s[at]) for at in (0, 2))
    assert named.numbers == {
        "arrivals": 1,
        "departures": 2,
        "in_fen": 50_000 * YUAN,
        "out_fen": 49_000 * YUAN,
        "passed_bp": 9_798,
        "dwell_s": (29_990 * 4 + 19_000 * 10) * MINUTE // 48_990,
        "within_s": HOUR,
    }


def test_what_stayed_is_not_named() -> None:
    told = [
        got("m", MULE, VICTIM, 50_000 * YUAN, 9 * HOUR, balance=50_000 * YUAN),
        paid("m", MULE, A, 30_000 * YUAN, 9 * HOUR + 4 * MINUTE, balance=20_000 * YUAN),
        paid("m", MULE, B, 19_000 * YUAN, 19 * HOUR, balance=1_000 * YUAN),
    ]
    assert find_pass_through(dealt(told)[0], live(PatternKind.PASS_THROUGH)) == ()
