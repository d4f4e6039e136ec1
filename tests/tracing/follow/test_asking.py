"""Which statements to ask for, and fast facts of the accounts of a trace."""

from dataclasses import dataclass

from fanzha.records.statements.rows import Flag
from fanzha.tracing.follow.asking import Lack, Passage, WorthAsking, passages, statements_worth_asking
from fanzha.tracing.follow.case_flow import CaseFlow, case_flow
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.inferred import inferred
from fanzha.tracing.follow.question import Question
from fanzha.tracing.follow.trace import Trace
from fanzha.tracing.movements.movements import PairingLimits, Reconciliation
from fanzha.tracing.movements.reconcile import reconcile
from tests.tracing.movements.telling import DAY_ONE_US, DAY_S, got, paid, rows_of

V, A, B, C = (f"999999000000000{number}" for number in range(1, 5))
DAY_ONE = DAY_ONE_US // 10**6
FIRST_DAY = (DAY_ONE + 8 * 3600) // DAY_S


@dataclass(frozen=True)
class Case:
    found: Reconciliation
    flow: CaseFlow
    trace: Trace

    def node(self, account: str) -> int:
        return self.found.accounts.find(account)


def mule_case() -> Case:
    """V pays A 10,000.00; A sends B 6,000.00 and C 1,000.00, and draws 2,000.00 at 23:30; B's statement ends early."""
    told = [
        paid("v", V, A, 1_000_000, 3_600, balance=0, serial="1"),
        got("a", A, V, 1_000_000, 3_600, balance=1_000_000, serial="1"),
        paid("a", A, B, 600_000, 3_900, balance=400_000, serial="2"),
        paid("a", A, C, 100_000, 4_200, balance=300_000),
        paid("a", A, "", 200_000, 23 * 3_600 + 1_800, balance=100_000, flags=Flag.CASH),
        got("b", B, "", 5, 100, balance=5),
        got("b", B, A, 600_000, 3_900, balance=600_005, serial="2"),
    ]
    rows = rows_of(told)
    found = reconcile(rows, (), PairingLimits())
    flow = case_flow(rows, found)
    start = int(flow.transfer[found.movement[0]])
    return Case(found, flow, trace_forward(flow.index, Question(starts=(start,))))


def test_statements_are_asked_for_by_the_fen_at_stake() -> None:
    case = mule_case()
    asked = statements_worth_asking(case.flow, case.trace, inferred(case.flow, case.trace))
    assert [(each.account, each.lack, each.fen) for each in asked] == [
        (case.node(B), Lack.ENDS_BEFORE_HORIZON, 600_000),
        *sorted(
            [
                (case.node(A), Lack.ENDS_BEFORE_HORIZON, 100_000),
                (case.node(C), Lack.NO_STATEMENT, 100_000),
            ]
        ),
    ]
    of_c = next(each for each in asked if each.account == case.node(C))
    assert of_c == WorthAsking(
        account=case.node(C),
        lack=Lack.NO_STATEMENT,
        fen=100_000,
        first_arrival_s=DAY_ONE + 4_200,
        last_arrival_s=DAY_ONE + 4_200,
        first_day=FIRST_DAY,
        last_day=FIRST_DAY + 3,
    )


def test_how_money_went_through_an_account() -> None:
    case = mule_case()
    of = {each.account: each for each in passages(case.flow, case.found.movements, case.trace)}
    assert of[case.node(A)] == Passage(
        account=case.node(A),
        in_fen=1_000_000,
        out_fen=900_000,
        residue_fen=100_000,
        dwell_s=(600_000 * 300 + 100_000 * 600 + 200_000 * (22 * 3_600 + 1_800)) // 900_000,
        night_cash_fen=200_000,
        first_s=DAY_ONE + 3_600,
        last_s=DAY_ONE + 23 * 3_600 + 1_800,
    )
    assert of[case.node(A)].pass_through_share == 0.9
    assert (of[case.node(C)].dwell_s, of[case.node(C)].residue_fen) == (None, 100_000)
    assert case.node(V) not in of
