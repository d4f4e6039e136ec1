"""The published parameters: every number has a source and a standing, and a wrong one is named."""

from __future__ import annotations

import pytest

from fanzha.kernel.errors import Invalid, NotFound
from fanzha.kernel.identifiers import bank_card, citizen_id
from fanzha.simulation.chance import Chance, card_number, document_number, phone_number
from fanzha.simulation.parameters import faultless, parsed, published

GOOD = {"value": 0.5, "unit": "share", "status": "assumed", "source": "here", "says": {"zh": "某", "en": "some"}}


def test_every_published_number_says_what_and_whence() -> None:
    for each in published().known.values():
        assert each.source and all(each.says.values()), each.name


def test_profiles_are_all_of_the_institutions() -> None:
    shares = [published().number(f"profile.{each}") for each in ("automatic", "semi_manual", "manual")]
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    "wrong", [{"value": 1.5}, {"value": -1}, {"status": "sure"}, {"says": {"zh": "某"}}, {"source": None}]
)
def test_a_wrong_parameter_is_named(wrong: dict[str, object]) -> None:
    table = {name: each for name, each in (GOOD | wrong).items() if each is not None}
    with pytest.raises(Invalid, match=r"fault\.late") as refused:
        parsed({"fault": {"late": table}})
    assert refused.value.code == "simulation.bad_parameter"


def test_only_what_exists_can_be_changed() -> None:
    assert published().changed(fault__late=0.5).number("fault.late") == 0.5
    with pytest.raises(NotFound):
        published().changed(fault__later=0.5)


def test_a_faultless_city_keeps_its_delays() -> None:
    calm = faultless(published())
    assert calm.number("fault.lost_after") == calm.number("outage.share") == 0
    assert calm.spread("delay.query.manual") == published().spread("delay.query.manual")


def test_made_numbers_are_right_and_nobodys() -> None:
    for seed in range(200):
        card, document = card_number(Chance(seed, "card")), document_number(Chance(seed, "document"))
        assert card.startswith("999999") and len(card) == 19 and bank_card.luhn(card)
        assert document.startswith("990000") and citizen_id.check(document)
        assert phone_number(Chance(seed)).startswith("12") and len(phone_number(Chance(seed))) == 11


def test_draws_depend_on_their_names_alone() -> None:
    first = Chance(1, "a").uuid()
    assert first == Chance(1, "a").uuid() != Chance(1, "b").uuid() != Chance(2, "b").uuid()


@pytest.mark.parametrize("whole", [5, 100, 3_333_33])
def test_parts_sum_to_the_whole(whole: int) -> None:
    for seed in range(50):
        parts = Chance(seed).parts(whole, 5, 3.0)
        assert sum(parts) == whole and min(parts) > 0
