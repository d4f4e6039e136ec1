"""The example case of an exercise: opened and filled once, from the checkout's `examples`."""

from __future__ import annotations

from pathlib import Path

from fanzha.adapters.store.cases import CaseQuery, list_cases, open_case
from fanzha.apps.cli.language import chosen
from fanzha.i18n import text
from fanzha.wiring.house import House, operator
from fanzha.wiring.statements import import_files

DEMO_REF = "DEMO-1"
EXAMPLES = Path(__file__).parents[4] / "examples" / "first_case"


def load_demo(house: House) -> None:
    """Open the example case with its files, unless it is there already."""
    with house.act(operator()) as connection:
        _, known = list_cases(connection, CaseQuery(words=DEMO_REF, limit=1))
        if known:
            return
        open_case(connection, text(chosen(), "words.demo_case"), "criminal", operator(), house.now(), ref=DEMO_REF)
    files = sorted(EXAMPLES.iterdir()) if EXAMPLES.is_dir() else []
    if files:
        import_files(house, operator(), DEMO_REF, files)
