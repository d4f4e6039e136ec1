"""A process of a simulated institution: one folder, one socket; it meets the house over the protocol only."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

from fanzha.adapters.connectors.exchange_desk import ExchangeDesk
from fanzha.apps.processes import end_with_parent
from fanzha.kernel.clock import WallClock
from fanzha.simulation.institutions.door import Door
from fanzha.simulation.institutions.folder import EXCHANGE, own_key, read_plan
from fanzha.simulation.institutions.kept import KeptInstitution
from fanzha.simulation.institutions.server import CentreClock, serve
from fanzha.simulation.parameters import faultless, published


def main() -> None:
    """Serve the institution of a folder until asked to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--fd", type=int, required=True)  # where callers come in
    given = parser.parse_args()
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    plan = read_plan(given.folder)
    clock = CentreClock(has_centre=plan.centre is not None)
    key = own_key(given.folder, plan.setup.id)
    parameters = published() if plan.faults else faultless(published())
    door = Door(
        kept=KeptInstitution(given.folder, plan.setup, parameters, plan.seed),
        plan=plan,
        key=key,
        business=clock,
        wall=WallClock(),
    )
    exchange = None
    if plan.by_folder:
        exchange = ExchangeDesk(
            folder=given.folder / EXCHANGE, centre_keys=lambda: plan.centre_keys, key=key, wall=WallClock()
        )
    serve(door, clock, given.fd, exchange)


if __name__ == "__main__":
    main()
