"""`fanzha warm`: compile the kernels ahead of their first use."""

from __future__ import annotations

import sys

from fanzha.apps.cli.commands import command, verb
from fanzha.apps.cli.language import say
from fanzha.apps.cli.output import progress
from fanzha.kernel.kernel_cache import cache_folder, kernel_modules, warm_kernels

app = verb()


@command(app, "warm")
def warm() -> None:
    """Compile what is not compiled; a mark beside the kernels lets a second call end at once."""
    mark = cache_folder() / "warm"
    if not mark.exists():
        with progress(say("warm.label")) as line:
            for module, number, count in warm_kernels():
                line.show(number, count, module.rpartition(".")[2])
        mark.touch()
    sys.stderr.write(say("warm.done", count=len(kernel_modules())) + "\n")
