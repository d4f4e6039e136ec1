"""An institution that survives a kill: what arrives is on the disk first, and read back it comes to the same."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from fanzha.kernel.errors import Broken
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical, read
from fanzha.simulation.institutions.accounts import Settlement
from fanzha.simulation.institutions.arrivals import Arrival
from fanzha.simulation.institutions.institution import Institution, Reply
from fanzha.simulation.institutions.journal import Journal, whole_lines
from fanzha.simulation.institutions.outbox import message_of
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.institutions.truth import Happening
from fanzha.simulation.parameters import Parameters

JOURNAL, TRUTH = "journal", "truth.jsonl"
_LIMIT_BYTES = 64 * 2**20
"""Of one arrival: ten thousand accounts fit."""


class KeptInstitution:
    """An institution with its journal and, apart from it, the truth as it happened.

    At the start the journal is played again. What it comes to must begin with the truth that was written as it
    happened: `Broken` when a restart would make another past.
    """

    def __init__(self, folder: Path, setup: Setup, parameters: Parameters, seed: int) -> None:
        self._begun = setup, parameters, seed
        self._journal = Journal(folder / JOURNAL)
        self.institution = self._played()
        self._truth = os.open(folder / TRUTH, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._told = self._require_same_past(folder / TRUTH)
        self._tell_truth()

    def request(self, request: Request, at: datetime) -> Reply:
        """The reply to a request; only one that changes something leaves a line."""
        reply = self.institution.known(request, at)
        if reply is None:
            applied = self.apply(Arrival(at=at, request=request))
            if applied is None or isinstance(applied, Settlement):
                raise Broken("simulation.no_reply", institution=self.institution.setup.id)
            reply = applied
        return reply

    def apply(self, arrival: Arrival) -> Reply | Settlement | None:
        """Keep an arrival, then let it happen; one that cannot happen leaves neither a line nor half an effect."""
        self._journal.append(canonical(arrival))
        try:
            outcome = self.institution.apply(arrival)
        except Exception:
            self._journal.take_back()
            self.institution = self._played()
            raise
        self._tell_truth()
        return outcome

    def pass_time(self, at: datetime) -> None:
        """Do what is due by now, if anything is."""
        due = self.institution.next_due
        if due is not None and due <= at:
            self.apply(Arrival(at=at))

    def close(self) -> None:
        """Let the files go."""
        self._journal.close()
        os.close(self._truth)

    def _played(self) -> Institution:
        """The institution as its journal leaves it."""
        institution = Institution(*self._begun)
        for line in self._journal.read():
            institution.apply(read(Arrival, line, _LIMIT_BYTES))
        return institution

    def _tell_truth(self) -> None:
        told = self.institution.truth[self._told :]
        if told:
            os.write(self._truth, b"".join(canonical(each) + b"\n" for each in told))
            self._told += len(told)

    def _require_same_past(self, path: Path) -> int:
        """How many happenings were written already; a torn last one is cut off and told again."""
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        os.ftruncate(self._truth, len(whole))
        written = whole.splitlines()
        if written != [canonical(each) for each in self.institution.truth[: len(written)]]:
            raise Broken("simulation.other_past", institution=self.institution.setup.id)
        return len(written)


def taken_of(folder: Path) -> frozenset[str]:
    """The ids of messages that the centre said it had, by the journal of the institution of this folder."""
    journal = Journal(folder / JOURNAL)
    try:
        arrivals = [read(Arrival, line, _LIMIT_BYTES) for line in journal.read()]
    finally:
        journal.close()
    return frozenset(message_of(key) for each in arrivals for key in each.taken)


def institution_of(folder: Path, setup: Setup, parameters: Parameters, seed: int) -> Institution:
    """The institution of this folder as its journal leaves it now, while its process goes on."""
    institution = Institution(setup, parameters, seed)
    path = folder / JOURNAL
    for line in whole_lines(path.read_bytes() if path.exists() else b""):
        institution.apply(read(Arrival, line, _LIMIT_BYTES))
    return institution


def truth_of(folder: Path) -> list[Happening]:
    """What really happened at the institution of this folder, as it was written when it happened."""
    path = folder / TRUTH
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [read(Happening, line) for line in lines if line.endswith(b"\n")]
