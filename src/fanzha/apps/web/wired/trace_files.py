"""Traces that leave the console as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.views.trace_files import WantedFile
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_trace import ShownTrace, shown_trace
from fanzha.apps.web.wired.victims import WiredVictims
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import Actor
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.reports import set_report, taken_report
from fanzha.wiring.starts import require_starts
from fanzha.wiring.trace_files import FlowFile, flow_file
from fanzha.wiring.tracing import TakenTrace, mark_taken, taken_dossier


class WiredTraceFiles(WiredVictims):
    """Traces through a case as files."""

    def trace_file(self, actor: Actor, ref: str, question: TraceQuestion, wanted: WantedFile) -> bytes:
        """The trace as a file; its mark is left once it is made, so that what failed claims nothing."""
        with opened(self.house, actor, ref, "statements.export") as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            require_starts(self.house, connection, case, shown.ledger, question.starts)
            question = self.with_victims(connection, case, shown, question)
            told: ShownTrace = shown.answers.get(question, lambda: shown_trace(shown, question))
            hops = len(told.found.trace.hops)
            if hops > wanted.most_hops:
                raise Invalid("web.export_too_large", rows=hops, limit=wanted.most_hops)
            taken = TakenTrace(case=case, traced=told.found, purpose=wanted.purpose)
            make = self._maker(connection, actor, taken, wanted)
        made = make()
        mark_taken(self.house, actor, taken, "report" if wanted.kind is FlowFile.PDF else "trace")
        return made

    def _maker(
        self, connection: Connection, actor: Actor, taken: TakenTrace, wanted: WantedFile
    ) -> Callable[[], bytes]:
        """What makes the file, once no transaction waits for it."""
        if wanted.kind is FlowFile.PDF:
            return partial(set_report, taken_report(self.house, connection, actor, taken), taken, wanted.language)
        dossier = taken_dossier(self.house, connection, actor, taken)
        pieces = flow_file(self.house, dossier, wanted.kind, wanted.language, masked=not wanted.purpose)
        return partial(b"".join, pieces)
