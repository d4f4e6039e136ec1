"""A bank whose clerks work by hand exchanges workbooks in a folder, and orders take effect there as anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from fanzha.adapters.connectors.exchange_desk import ExchangeDesk
from fanzha.adapters.connectors.folder import DOCUMENTS, IN, OUT, REFUSED, TAKEN
from fanzha.apps.stepped import SteppedRun
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.orders.effects import Act, Effect
from fanzha.orders.order import Order, Terms
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import ConnectorKind, Demand, Need, TableFormat
from fanzha.simulation.institutions.setup import Profile
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import Deed, twice
from fanzha.wiring.house import House, operator
from fanzha.wiring.institutions import own_keys
from fanzha.wiring.orders import NewInstruction, instruct
from tests.registers.institutions import BANK
from tests.simulation.making import ALICE, BEGAN, UNTROUBLED, opening, setup
from tests.wiring.orders import Staffed, staffed

KEY = SigningKey(key_id="manual-bank-1", private=bytes(range(32)))


@dataclass(frozen=True, slots=True)
class Play:
    desk: Staffed
    run: SteppedRun
    folder: Path

    def ordered(self) -> Order:
        order = self.desk.signed(self.desk.opened(number=ALICE))
        self.run.settle()
        return order

    def lying(self, *places: str) -> list[str]:
        found = self.folder.joinpath(*places)
        return sorted(each.suffix for each in found.iterdir() if each.is_file()) if found.is_dir() else []


@pytest.fixture(params=[TableFormat.CSV, TableFormat.XLSX])
def play(request: pytest.FixtureRequest, house: House, clock: SetClock, case: Case, tmp_path: Path) -> Iterator[Play]:
    began = clock.now() - timedelta(days=9)
    folder = tmp_path / "exchange"
    folder.mkdir()
    bank = replace(
        BANK,
        connector=ConnectorKind.FOLDER,
        endpoint=str(folder),
        table=request.param,
        keys=(PublicKey(key_id=KEY.key_id, public=KEY.public, since=began),),
        demands=(Demand(trade=Trade.STOP, needs=(Need.DOCUMENT,)),),
    )
    desk = staffed(house, clock, case, bank)
    world = SteppedInstitutions([setup(BANK.code, profile=Profile.MANUAL)], UNTROUBLED, 5, clock)
    world.open({BANK.code: [replace(opening(ALICE, 9_000_000), opened_at=began)]})

    def centre_keys() -> list[PublicKey]:
        known = own_keys(house, operator())
        return [PublicKey(key_id=key.key_id, public=key.public, since=since) for since, key in known]

    clerks = ExchangeDesk(folder=folder, centre_keys=centre_keys, key=KEY, wall=clock, table=request.param)
    yield Play(desk, SteppedRun(house, world, clock, {BANK.code: clerks}), folder)


def test_a_stop_travels_as_a_table_with_its_paper(play: Play) -> None:
    order = play.ordered()
    assert play.lying(OUT) == [] and len(play.lying(OUT, TAKEN)) == 2, "the table and its signature, taken once"
    assert len(list((play.folder / OUT / DOCUMENTS).iterdir())) == 1
    assert play.desk.seen(order).effect is Effect.APPROVED, "clerks take their time"
    play.run.until(play.run.clock.now() + timedelta(hours=6))
    held = play.desk.seen(order)
    assert (held.effect, held.held_fen) == (Effect.HELD, 9_000_000)
    assert play.lying(IN) == [] and len(play.lying(IN, TAKEN)) == 2
    lift = NewInstruction(act=Act.LIFT, terms=Terms(), reason="经查无关")
    play.desk.signed(play.desk.at(play.desk.drafter, lambda desk: instruct(desk, order.id, lift)))
    play.run.until(play.run.clock.now() + timedelta(hours=6))
    assert play.desk.seen(order).effect is Effect.LIFTED
    assert [each.deed for each in play.run.world.truth] == [Deed.HELD, Deed.LIFTED] and twice(
        play.run.world.truth
    ) == []


def test_a_table_that_the_centre_did_not_sign_is_nobodys_request(play: Play) -> None:
    clerks = play.run.desks[BANK.code]
    stranger = SigningKey(key_id="centre-stranger", private=bytes(32))
    forged = replace(clerks, centre_keys=lambda: [PublicKey(key_id="other", public=stranger.public, since=BEGAN)])
    play.run.desks = {BANK.code: forged}
    order = play.ordered()
    assert len(play.lying(OUT, REFUSED)) == 2 and play.run.world.truth == []
    assert play.desk.seen(order).effect is Effect.APPROVED
