"""The example case of an exercise: opened and filled once, from the checkout's `examples`."""

from __future__ import annotations

from pathlib import Path

from fanzha.adapters.store.cases import case_by_ref, open_case
from fanzha.adapters.store.imports import list_imports
from fanzha.adapters.store.mentions import NewLink, link_subject
from fanzha.apps.cli.language import chosen
from fanzha.cases.subjects import Role, SubjectKind, cleaned
from fanzha.i18n import text
from fanzha.kernel.errors import NotFound
from fanzha.wiring.house import House, operator
from fanzha.wiring.statements import import_files

DEMO_REF = "DEMO-1"
VICTIM = "99900012600000017"
"""The example company's account (`examples/first_case_story.py`)."""
EXAMPLES = Path(__file__).parents[4] / "examples" / "first_case"


def load_demo(house: House) -> None:
    """Open the example case and import its files, unless that is done already; what broke off is done to its end."""
    with house.act(operator()) as connection:
        try:
            case = case_by_ref(connection, DEMO_REF)
        except NotFound:
            title = text(chosen(), "words.demo_case")
            case = open_case(connection, title, "criminal", operator(), house.now(), ref=DEMO_REF)
        if any(each.state == "done" for each in list_imports(connection, case.id)):
            return
    files = sorted(EXAMPLES.iterdir()) if EXAMPLES.is_dir() else []
    if files:
        import_files(house, operator(), DEMO_REF, files)
        _mark_victim(house)


def _mark_victim(house: House) -> None:
    """Say whose payments the example's victim made, so that following the money is one click."""
    mention = cleaned(SubjectKind.ACCOUNT, VICTIM, Role.VICTIM)
    with house.act(operator()) as connection:
        case = case_by_ref(connection, DEMO_REF)
        told = NewLink(case_id=case.id, mention=mention, reason=text(chosen(), "words.demo_victim"))
        link_subject(connection, house.keys, told, operator(), house.now())
