"""Who stands behind a chase in memory: an officer, a second one and a chief, their authorities, and the banks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID, uuid5

from fanzha.kernel.ids import CaseId, InstitutionId, UserId
from fanzha.kernel.units import UnitPath
from fanzha.orders.authority import Authority, AuthorityState, Reach
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.order import By, Capacity, Signature
from fanzha.protocol.keys import PublicKey
from fanzha.protocol.parties import Officer, Organ
from fanzha.registers.institutions import Institution
from fanzha.simulation.institutions.setup import Setup, profile_of
from fanzha.wiring.authorities import proposed
from fanzha.wiring.law import law_at

CASE = CaseId(UUID(int=1))
UNIT = UnitPath("centre.county01")
ORGAN = Organ(code="999900000000", name="test centre")
OFFICER = Officer(document_type="02", document_number="990000000001", name="test officer")
SECOND = Officer(document_type="02", document_number="990000000002", name="test second officer")
DRAFTER = By(user_id=UserId(UUID(int=10)), name="test officer")
CHASING = frozenset({OrderKind.STOP, OrderKind.QUERY, OrderKind.MONITOR})
_SHIFT = timedelta(hours=12)
_SPACE = UUID(int=7)
_KEY = PublicKey(key_id="memory", public=bytes(32), since=datetime(2020, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Banks:
    """The banks of a city as the register has them."""

    setups: Sequence[Setup]

    @cached_property
    def by_id(self) -> Mapping[InstitutionId, Setup]:
        """Each by the id of the register."""
        return {bank_id(each.code): each for each in self.setups}

    @cached_property
    def known(self) -> tuple[Institution, ...]:
        """As the register tells of them."""
        return tuple(profile_of(each, "memory", _KEY) for each in self.setups)


def bank_id(code: str) -> InstitutionId:
    """The register's id of a bank."""
    return InstitutionId(uuid5(_SPACE, code))


def authorities(incident_id: UUID, now: datetime) -> tuple[Authority, ...]:
    """The incident's own with the limits that the rulebook proposes, then the shift's for first stops; both signed."""
    own = _signed(incident_id, CHASING, "incident", now)
    return own, _signed(None, frozenset({OrderKind.STOP}), "first_stops", now)


def _signed(incident_id: UUID | None, kinds: frozenset[OrderKind], limits: str, now: datetime) -> Authority:
    lawful = [law_at(now).signing(kind, Act.APPLY).signers for kind in sorted(kinds)]
    needs = tuple(dict.fromkeys(Capacity(each) for signers in lawful for each in signers))
    signatures = tuple(
        Signature(by=By(user_id=UserId(UUID(int=20 + place)), name=each.value), capacity=each, at=now)
        for place, each in enumerate(needs)
    )
    return Authority(
        id=uuid5(_SPACE, limits),
        number=limits,
        unit_path=UNIT,
        reach=Reach.FIRST_STOPS if incident_id is None else Reach.INCIDENT,
        incident_id=incident_id,
        kinds=kinds,
        limits=proposed(limits),
        since=now,
        until=now + _SHIFT,
        drafted_at=now,
        drafted_by=DRAFTER,
        reason=limits,
        needs=needs,
        signatures=signatures,
        state=AuthorityState.SIGNED,
    )
