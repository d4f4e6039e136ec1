"""`fanzha warm`: compile the kernels ahead of their first use, by rehearsing an import in memory."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

from fanzha.apps.cli.commands import command, verb
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import progress
from fanzha.kernel.kernel_cache import cache_folder, count_kernels

app = verb()


@command(app, "warm")
def warm() -> None:
    """Compile what is not compiled; a mark beside the kernels lets a second call end at once."""
    from fanzha.wiring.rehearsing import rehearse_traces

    mark = cache_folder() / "warm"
    if not mark.exists():
        count = count_kernels()
        with progress(say("warm.label")) as line, compilations(lambda done, name: line.show(done, count, name)):
            rehearse()
            rehearse_traces()
        mark.touch()
    sys.stderr.write(say("warm.done") + "\n")


@contextmanager
def compilations(tell: Callable[[int, str], None]) -> Iterator[None]:
    """Tell of each kernel that is compiled while the block runs: how many so far, and its name."""
    from numba.core import event

    done: set[str] = set()

    class Listener(event.Listener):  # type: ignore[misc]
        def on_start(self, event: event.Event) -> None:
            function = event.data["dispatcher"].py_func
            if function.__module__.startswith("fanzha."):
                done.add(f"{function.__module__}.{function.__name__}")
                tell(len(done), function.__name__)

        def on_end(self, event: event.Event) -> None:
            """What is compiled was told when it began."""

    with event.install_listener("numba:compile", Listener()):
        yield


def rehearse() -> None:
    """Clean, reconcile and name patterns in a small synthetic statement, so that every kernel is called once."""
    from fanzha.records.statements.clean_rows import clean_batch
    from fanzha.records.statements.formats import FormatBook
    from fanzha.records.statements.planning import plan_sheet
    from fanzha.records.statements.rows import Source
    from fanzha.records.statements.sheet import RowBatch
    from fanzha.rulebook import load_formats
    from fanzha.tracing.account_facts import FactLimits, account_facts
    from fanzha.wiring.typologies import live_typologies
    from fanzha.workflows.case_patterns import case_patterns
    from fanzha.workflows.reconcile_case import reconcile_case

    rows = list(csv.reader(files("fanzha.rulebook").joinpath("rehearsal.csv").read_text("utf-8").splitlines()))
    batch = RowBatch(rows=rows, numbers=list(range(1, len(rows) + 1)))
    plan = plan_sheet(batch, path="rehearsal.csv", book=FormatBook.from_tables(load_formats()))
    source = Source(key="rehearsal", import_id="rehearsal", path="rehearsal.csv", format_id=plan.format.id)
    ledger = reconcile_case(clean_batch(plan, batch, source).rows, [])
    account_facts(ledger.rows, ledger.found, FactLimits())
    case_patterns(ledger, ledger.flow, live_typologies())
