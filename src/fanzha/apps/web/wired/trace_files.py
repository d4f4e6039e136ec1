"""Traces that leave the console as files."""

from __future__ import annotations

from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.apps.web.views.trace_files import WantedFile
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_trace import ShownTrace, shown_trace
from fanzha.kernel.errors import Invalid
from fanzha.kernel.units import Actor
from fanzha.wiring.ledgers import case_ledger
from fanzha.wiring.trace_files import flow_file
from fanzha.wiring.tracing import TakenTrace, taken_dossier


class WiredTraceFiles(HouseParts):
    """Traces through a case as files."""

    def trace_file(self, actor: Actor, ref: str, question: TraceQuestion, wanted: WantedFile) -> bytes:
        """The trace as a file, and the mark that it left."""
        with opened(self.house, actor, ref, "statements.export") as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            told: ShownTrace = shown.answers.get(question, lambda: shown_trace(shown, question))
            hops = len(told.found.trace.hops)
            if hops > wanted.most_hops:
                raise Invalid("web.export_too_large", rows=hops, limit=wanted.most_hops)
            taken = TakenTrace(case=case, traced=told.found, purpose=wanted.purpose)
            dossier = taken_dossier(self.house, connection, actor, taken)
        return b"".join(flow_file(self.house, dossier, wanted.kind, wanted.language, masked=not wanted.purpose))
