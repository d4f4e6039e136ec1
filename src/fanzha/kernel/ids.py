"""Typed ids, made in Python so that any PostgreSQL will do; chance is passed in (house law 2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NewType
from uuid import UUID

from fanzha.kernel.clock import micros

CaseId = NewType("CaseId", UUID)
ImportId = NewType("ImportId", UUID)
UserId = NewType("UserId", UUID)
OrderId = NewType("OrderId", UUID)
InstitutionId = NewType("InstitutionId", UUID)
SubjectId = NewType("SubjectId", int)

Chance = Callable[[int], bytes]
"""A source of random bytes: `secrets.token_bytes` in life, a seeded one in a stepped exercise."""


def uuid7(now: datetime, chance: Chance = secrets.token_bytes) -> UUID:
    """A UUID version 7 (RFC 9562): sorts by the instant it was made, says nothing else."""
    millis = micros(now) // 1_000
    tail = int.from_bytes(chance(10), "big")
    value = (millis & (2**48 - 1)) << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | (tail & (2**62 - 1))
    return UUID(int=value)
