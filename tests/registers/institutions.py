"""Institutions that tests ask."""

from __future__ import annotations

from datetime import UTC, datetime

from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.trades import ASKED, Trade
from fanzha.registers.institutions import (
    ConnectorKind,
    Contact,
    Demand,
    Hours,
    Institution,
    InstitutionKind,
    Need,
    OutOfHours,
)

BANK_KEY = SigningKey(key_id="test-bank-1", private=bytes(range(32)))
BANK = Institution(
    name="test-bank",
    code="999900000001",
    name_zh="测试银行",
    name_en="Test Bank",
    kind=InstitutionKind.BANK,
    connector=ConnectorKind.HTTP,
    exercise=True,
    endpoint="http://127.0.0.1:1",
    trades=tuple(sorted(ASKED - {Trade.BLOCK, Trade.UNBLOCK})),
    out_of_hours=OutOfHours.WAITS,
    hours=Hours(days=(1, 2, 3, 4, 5), opens="08:30", closes="17:30"),
    demands=(
        Demand(trade=Trade.STOP, needs=(Need.HOLDER_NAME, Need.DOCUMENT)),
        Demand(trade=Trade.FREEZE, needs=(Need.SECOND_OFFICER, Need.CASE_FILING)),
    ),
    contacts=(Contact(desk="测试值班", phone="0999-1200001"),),
    keys=(PublicKey(key_id="test-bank-1", public=BANK_KEY.public, since=datetime(2026, 1, 1, tzinfo=UTC)),),
)
