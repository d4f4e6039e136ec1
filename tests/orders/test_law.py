"""Law packs: each number with its source, the pack in force at an instant, and who may sign what."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fanzha.adapters.store.roles import roles
from fanzha.kernel.clock import SHANGHAI
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.orders.law import Confidence, LawPack, cited, in_force
from fanzha.orders.law_tables import holidays, law_pack, law_packs
from fanzha.rulebook import load_law
from fanzha.wiring.law import law_at, live_law

TODAY = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
TABLE: Mapping[str, Any] = load_law()[0]
LATER = """
jurisdiction = "cn"
effective_from = 2027-01-01
extends = 2022-12-01
[sources.new_rule]
zh = "测试规定"
en = "Test rule"
[terms.stop.hours]
value = 72
source = "new_rule"
confidence = "H"
[terms.stop.decide_hours]
value = 44
[terms.freeze.unrelated_days]
value = 2
source = "new_rule"
confidence = "H"
[[signing]]
kind = "stop"
acts = ["apply"]
signers = ["county_chief"]
source = "new_rule"
confidence = "H"
"""


def later(**changes: object) -> dict[str, Any]:
    return {**tomllib.loads(LATER), **changes}


def broken(path: str, value: object) -> dict[str, Any]:
    """The pack with one value changed, or taken out where it is `None`."""
    table = deepcopy(dict(TABLE))
    *steps, name = path.split("/")
    node: Any = table
    for step in steps:
        node = node[step]
    if value is None:
        del node[name]
    else:
        node[name] = value
    return table


def test_the_numbers_are_those_of_the_law() -> None:
    law = law_at(TODAY)
    assert (law.stop.hours, law.stop.most) == (48, 2)
    assert {name: (each.months, each.renewal_months) for name, each in law.freeze.terms.items()} == {
        "ordinary": (6, 6),
        "complex": (12, 12),
        "securities": (24, 24),
        "equity": (6, 6),
        "investment": (6, 6),
        "listed_equity": (6, 6),
    }
    assert (law.freeze.unrelated_days, law.freeze.lapses, law.freeze.waiting) == (3, True, True)
    assert (law.monitor.months, law.monitor.longest_days) == ((1, 2, 3), 100)
    assert (law.authority.review_minutes, law.authority.release_hours) == (30, 2)
    assert (law.stop.file_case_hours, law.stop.decide_hours, law.stop.alarm_hours) == (24, 40, 47)
    assert law.freeze.reminder_days == (30, 15, 7, 1)


def test_every_number_has_words_and_a_source() -> None:
    for each in law_at(TODAY).provisions:
        assert each.says["zh"] and each.says["en"] and cited("zh", each.source) and cited("en", each.source)
        if each.source.confidence is Confidence.HIGH:
            assert each.source.names != TABLE["sources"]["house"], each.key
    unrelated = next(each for each in law_at(TODAY).provisions if each.key == "freeze.unrelated_days")
    assert cited("zh", unrelated.source) == "《公安机关办理刑事案件程序规定》（2020年）第247条"


def test_the_pack_in_force_is_that_of_the_day_in_shanghai() -> None:
    packs = law_packs([later(), TABLE])
    midnight = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    before, after = (in_force(packs, "cn", at) for at in (midnight - timedelta(microseconds=1), midnight))
    assert (before.id, before.stop.hours) == ("cn/2022-12-01", 48)
    assert (after.id, after.stop.hours) == ("cn/2027-01-01", 72)


def test_a_pack_that_extends_another_keeps_what_it_does_not_tell() -> None:
    before, after = law_packs([later(), TABLE])
    assert after.freeze.terms == before.freeze.terms and after.stop.most == before.stop.most
    assert after.stop.decide_hours == 44
    assert after.signing("stop", "apply").signers == ("county_chief",)
    assert after.signing("stop", "lift") == before.signing("stop", "lift")
    days = next(each for each in after.provisions if each.key == "freeze.unrelated_days")
    assert (days.value, days.unit, days.restricts) == (2, "days", True)
    assert cited("en", days.source) == "Test rule"


def test_before_the_first_pack_and_after_the_last_there_is_no_law() -> None:
    with pytest.raises(NotFound, match=r"law\.none_in_force"):
        law_at(datetime(2022, 11, 30, 23, 59, tzinfo=SHANGHAI))
    with pytest.raises(NotFound, match=r"law\.none_in_force"):
        law_at(TODAY, jurisdiction="xx")
    ended = law_packs([{**TABLE, "effective_to": date(2026, 11, 22)}])
    assert in_force(ended, "cn", TODAY).effective_to == date(2026, 11, 22)
    with pytest.raises(NotFound):
        in_force(ended, "cn", datetime(2026, 11, 23, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("terms/stop/hours", None, "missing"),
        ("terms/stop/hours/value", 0, "out_of_bounds"),
        ("terms/stop/hours/value", -48, "out_of_bounds"),
        ("terms/stop/hours/value", 9_000, "out_of_bounds"),
        ("terms/stop/hours/value", 48.0, "out_of_bounds"),
        ("terms/stop/hours/value", "48", "out_of_bounds"),
        ("terms/stop/hours/value", True, "out_of_bounds"),
        ("terms/stop/hours/unit", "days", "out_of_bounds"),
        ("terms/stop/hours/unit", "fortnights", "out_of_bounds"),
        ("terms/stop/hours/source", "hearsay", "no_source"),
        ("terms/stop/hours/confidence", "sure", "no_source"),
        ("terms/stop/hours/confidence", None, "missing"),
        ("terms/stop/most/value", [2], "out_of_bounds"),
        ("terms/freeze/lapses/value", 1, "out_of_bounds"),
        ("terms/freeze/lapses/unit", "days", "out_of_bounds"),
        ("terms/freeze/reminder_days/value", [], "out_of_bounds"),
        ("terms/freeze/reminder_days/value", [1, 7], "out_of_order"),
        ("terms/freeze/reminder_days/value", [7, 7], "out_of_bounds"),
        ("terms/stop/alarm_hours/value", 48, "out_of_order"),
        ("terms/stop/hour", {"value": 1}, "missing"),
        ("terms/stop/hours/value", None, "missing"),
        ("terms/stop/grace_hours", TABLE["terms"]["stop"]["hours"], "unknown"),
        ("terms/freeze/ordinary/renewal_months", None, "missing"),
        ("effective_to", date(2020, 1, 1), "out_of_order"),
        ("signing", [{**TABLE["signing"][0], "signers": ["mayor"]}], "unknown"),
        ("signing", [{**TABLE["signing"][0], "signers": []}], "unknown"),
        ("signing", [{**TABLE["signing"][0], "terms": ["eternal"]}], "unknown"),
        ("effective_from", None, "missing"),
    ],
)
def test_a_pack_that_is_not_whole_or_not_sound_is_refused(path: str, value: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        law_pack(broken(path, value))
    assert refused.value.code == f"law.{code}"


def test_what_was_read_gives_way_only_to_what_was_read() -> None:
    terms = {"stop": {"hours": {"value": 60, "confidence": "M"}}}
    with pytest.raises(Invalid) as refused:
        law_packs([TABLE, later(terms=terms)])
    assert (refused.value.code, refused.value.fields["entry"]) == ("law.settled", "stop.hours")
    lower = {**TABLE["signing"][4], "signers": ["second_officer"], "source": "house", "confidence": "L"}
    station = {"county_chief": {**TABLE["capacities"]["county_chief"], "levels": ["station"]}}
    for lowering, entry in (
        ({"signing": [lower]}, "signing.freeze.apply.any"),
        ({"capacities": station}, "capacities.county_chief"),
    ):
        with pytest.raises(Invalid) as refused:
            law_packs([TABLE, later(**lowering)])
        assert (refused.value.code, refused.value.fields["entry"]) == ("law.settled", entry)
    wrong = {"extends_nothing": {"extends": date(2020, 1, 1)}, "same_day": {"effective_from": date(2022, 12, 1)}}
    for code, changes in wrong.items():
        with pytest.raises(Invalid, match=rf"law\.{code}"):
            law_packs([TABLE, later(**changes)])


@pytest.mark.parametrize(
    ("kind", "act", "term", "signers"),
    [
        ("stop", "apply", None, ("second_officer",)),
        ("query", "apply", None, ("second_officer", "county_chief")),
        ("freeze", "apply", "ordinary", ("second_officer", "county_chief")),
        ("freeze", "apply", "securities", ("second_officer", "county_chief")),
        ("freeze", "apply", "complex", ("second_officer", "city_chief")),
        ("freeze", "renew", "complex", ("second_officer", "city_chief")),
        ("freeze", "apply", "listed_equity", ("second_officer", "province_chief")),
        ("freeze", "release", "complex", ("city_chief",)),
        ("freeze", "release", None, ("county_chief",)),
    ],
)
def test_who_signs_is_the_laws(kind: str, act: str, term: str | None, signers: tuple[str, ...]) -> None:
    assert law_at(TODAY).signing(kind, act, term).signers == signers


def test_what_the_pack_does_not_say_nobody_signs() -> None:
    with pytest.raises(Invalid, match=r"law\.no_signing"):
        law_at(TODAY).signing("stop", "renew")


@pytest.mark.parametrize(
    ("permissions", "level", "capacities"),
    [
        ({"orders.sign.county"}, "county", {"county_chief"}),
        ({"orders.sign.county"}, "city", {"county_chief"}),
        ({"orders.sign.county", "orders.sign.city"}, "station", set()),
        ({"orders.sign.city"}, "county", set()),
        ({"orders.sign.city"}, "city", {"city_chief", "county_chief"}),
        ({"orders.second"}, "station", {"second_officer"}),
        ({"orders.draft", "orders.see"}, "city", set()),
        ({"orders.sign.province"}, "city", set()),
    ],
)
def test_the_level_of_the_unit_decides_what_a_signature_is_worth(
    permissions: set[str], level: Any, capacities: set[str]
) -> None:
    assert law_at(TODAY).signs_as(permissions, level) == capacities


def test_a_role_gives_the_capacity_it_is_called_by_and_nobody_drafts_and_signs() -> None:
    law = law_at(TODAY)
    assert law.signs_as(roles()["county_chief"].permissions, "county") == {"county_chief"}
    assert law.signs_as(roles()["county_chief"].permissions, "station") == set()
    assert law.signs_as(roles()["city_chief"].permissions, "city") == {"county_chief", "city_chief"}
    assert law.signs_as(roles()["city_chief"].permissions, "county") == {"county_chief"}
    assert law.signs_as(roles()["second_officer"].permissions, "station") == {"second_officer"}
    signing = {each.permission for each in law.capacities.values()}
    for role in roles().values():
        assert not ("orders.draft" in role.permissions and role.permissions & signing), role.id
    assert not any(each.startswith("orders.") for each in roles()["administrator"].permissions)


def test_holidays_that_contradict_themselves_are_refused() -> None:
    day = date(2025, 1, 1)
    for off, made_up in (([day], [day]), ([date(2024, 1, 1)], [])):
        with pytest.raises(Invalid, match=r"law\.bad_holidays"):
            holidays([{"year": 2025, "off": off, "made_up": made_up}])


def test_live_packs_have_ids_of_their_files() -> None:
    assert [each.id for each in live_law()] == ["cn/2022-12-01"]
    assert isinstance(live_law()[0], LawPack)
