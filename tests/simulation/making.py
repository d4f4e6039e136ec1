"""Simulated institutions for tests: a bank or two with a few accounts, and requests about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from fanzha.kernel.clock import SetClock
from fanzha.kernel.legal_days import months_after
from fanzha.protocol.facts import Holder, PriorFreeze
from fanzha.protocol.parties import HolderClass, Period, Target, TargetKind
from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.setup import Profile, Setup
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.parameters import Parameters, faultless, published
from tests.protocol.messages import PAPER, STOP

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
FIRST, SECOND, WALLETS, CARRIER, RESOLVER = (f"99990000000{each}" for each in range(1, 6))
ALICE, BOB, SHOP, EMPTY, LISTED, LOST, FROZEN = (f"999999000000000000{each}" for each in range(7))
IDS = count(1)
UNTROUBLED = faultless(published())


def setup(code: str = FIRST, kind: InstitutionKind = InstitutionKind.BANK, profile: Profile = Profile.PROMPT) -> Setup:
    """An institution of a kind."""
    return Setup(
        id=f"{kind}-{code[-1]}", code=code, name_zh="测试银行", name_en="Test Bank", kind=kind, profile=profile
    )


def opening(number: str, balance_fen: int = 0, name: str = "测试·甲", **known: Any) -> Opening:
    """An account of somebody who is nobody."""
    holder = Holder(
        name=name,
        holder_class=known.pop("holder_class", HolderClass.PERSON),
        document_type="01",
        document_number=known.pop("document", "990000199001010019"),
    )
    return Opening(number=number, holder=holder, opened_at=BEGAN - timedelta(days=99), balance_fen=balance_fen, **known)


PRIOR = PriorFreeze(organ="测试市外地公安局", currency="CNY", amount_fen=None, expires_at=BEGAN + timedelta(days=10))
ACCOUNTS = (
    opening(ALICE, 100_000_00, card="9999990000000000108"),
    opening(BOB, 5_00, name="测试·乙", document="990000199002020020"),
    opening(SHOP, 7_000_00, name="测试·商行", holder_class=HolderClass.COMPANY, document="990000199003030030"),
    opening(EMPTY),
    opening(LISTED, 9_00, white_listed=True),
    opening(LOST, 9_00, lost=True),
    opening(FROZEN, 50_000_00, prior=PRIOR),
)


def city(
    parameters: Parameters = UNTROUBLED, seed: int = 7, setups: Iterable[Setup] | None = None
) -> tuple[SteppedInstitutions, SetClock]:
    """Institutions under a clock that stands; the first bank has `ACCOUNTS`, the second one of its own."""
    clock = SetClock(BEGAN)
    told = list(setups or (setup(), setup(SECOND)))
    world = SteppedInstitutions(told, parameters, seed, clock)
    world.open({told[0].code: ACCOUNTS})
    if len(told) > 1:
        world.open({told[1].code: (opening("9999990000000000207", 3_00, name="测试·丙"),)})
    return world, clock


def new_id() -> str:
    """An application id that no test had before."""
    return str(UUID(int=next(IDS) | 0x7 << 76 | 0b10 << 62))


def target(number: str = ALICE, kind: TargetKind = TargetKind.ACCOUNT, **known: Any) -> Target:
    """Something at the first bank, unless said otherwise."""
    return Target(
        kind=kind,
        institution_code=known.pop("code", FIRST),
        institution_name="测试银行",
        number=number,
        holder_name=known.pop("name", "测试·甲"),
        **known,
    )


def asked(trade: Trade, at: datetime = BEGAN, **known: Any) -> Request:
    """A request of a trade with what that trade needs, anything else as said."""
    plain: dict[str, Any] = {
        "application_id": new_id(),
        "trade": trade,
        "target": target(),
        "applied_at": at,
        "starts_at": None,
        "expires_at": None,
        "documents": (PAPER,),
    }
    match trade:
        case Trade.STOP:
            plain |= {"starts_at": at, "expires_at": at + timedelta(hours=48), "amount_fen": 80_000_00}
        case Trade.FREEZE:
            plain |= {"starts_at": at, "expires_at": months_after(at, 6), "limit_fen": 80_000_00}
            plain |= {"case_number": "TEST1", "include_interest": False}
        case Trade.RENEW:
            plain |= {"case_number": "TEST1"}
        case Trade.MONITOR_ON:
            plain |= {"starts_at": at, "monitor_days": 30}
        case Trade.QUERY_DETAILS:
            plain |= {"period": Period(at - timedelta(days=30), at + timedelta(days=30))}
        case Trade.BLOCK:
            plain |= {"starts_at": at, "expires_at": at + timedelta(days=30)}
    return replace(STOP, **{**plain, **known})


def paid(number: str, fen: int, at: datetime, to: tuple[str, str] | None = None, **known: Any) -> Payment:
    """A payment out of an account, to another one or as cash."""
    code, payee = to or (None, None)
    return Payment(
        payment_id=new_id(), at=at, payer_number=number, amount_fen=fen, payee_code=code, payee_number=payee, **known
    )
