"""No block takes what everybody depends on, nor a host that belongs to many; what is left may be blocked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.i18n import LANGUAGES, catalogue
from fanzha.kernel.errors import Illegal, Invalid, NotFound
from fanzha.kernel.identifiers import phone, url
from fanzha.kernel.identifiers.suffixes import ascii_host, suffixes
from fanzha.orders.order import TargetKind
from fanzha.orders.sparing import SparedClass, list_in_force, network_host, require_blockable, spared_list
from fanzha.rulebook import load_spared, load_suffixes

(LIST,) = map(spared_list, load_spared())
SUFFIXES = suffixes(load_suffixes())


def refusal(kind: TargetKind, text: str, *, page_by_page: bool = False) -> str:
    try:
        require_blockable(kind, text, LIST, SUFFIXES, page_by_page=page_by_page)
    except (Illegal, Invalid) as refused:
        return refused.code.removeprefix("orders.")
    return ""


def site(text: str, *, page_by_page: bool = False) -> str:
    clean = url.clean(text)
    assert clean, text
    return refusal(TargetKind.SITE, clean, page_by_page=page_by_page)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("www.gov.cn", "spared_government"),
        ("http://bj.gov.cn:8080/", "spared_government"),
        ("evil.example", ""),
        ("gov.cn.evil.example", ""),
        ("notgov.cn", ""),
        ("com.cn", "public_suffix"),
        ("github.io", "public_suffix"),
        ("evil.github.io", ""),
        ("公司.cn", "public_suffix"),
        ("骗子.公司.cn", ""),
        ("foo.ck", "public_suffix"),
        ("www.ck", ""),
        ("weixin.qq.com", "shared_host"),
        ("evil.weixin.qq.com", ""),
        ("12377.cn", "spared_anti_fraud"),
        ("192.0.2.7", "address_not_host"),
        ("evil.example/a", "page_not_host"),
        ("evil.example/?a=1", "page_not_host"),
    ],
)
def test_a_network_takes_whole_hosts_of_one_owner_only(text: str, why: str) -> None:
    assert site(text) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("docs.qq.com/form/1", ""),
        ("docs.qq.com", "shared_host"),
        ("bj.gov.cn/a", "spared_government"),
        ("a.test/1", ""),
    ],
)
def test_a_platform_takes_a_page_of_what_it_runs(text: str, why: str) -> None:
    assert site(text, page_by_page=True) == why


def test_what_lies_above_a_spared_site_is_spared_too() -> None:
    above = spared_list(
        {
            "jurisdiction": "cn",
            "effective_from": date(2026, 1, 1),
            "sites": [{"class": "bank", "values": ["my.bank.test"]}],
        }
    )
    with pytest.raises(Illegal, match="covers_spared"):
        require_blockable(TargetKind.SITE, "http://bank.test/", above, SUFFIXES, page_by_page=False)


@pytest.mark.parametrize("number", ["110", "120", "96110", "95588", "10086", "123", "12320"])
def test_numbers_of_emergency_banks_and_services_ring_on(number: str) -> None:
    assert refusal(TargetKind.PHONE, phone.clean(number)).startswith("spared_")


def test_a_persons_number_and_a_strange_app_may_be_blocked() -> None:
    assert refusal(TargetKind.PHONE, "12012345678") == "" == refusal(TargetKind.PHONE, "95123456"), "95 is rented"
    assert refusal(TargetKind.PHONE, "12012345678") == "" == refusal(TargetKind.APP, "com.bad.example")
    assert refusal(TargetKind.APP, "com.Tencent.MM") == "spared_platform", "however it is written"


def test_every_entry_is_written_as_the_house_cleans_it() -> None:
    assert all(phone.clean(each) == each for each in LIST.numbers), [x for x in LIST.numbers if phone.clean(x) != x]
    hosts = [*LIST.sites, *LIST.shared]
    assert all(network_host(url.clean(each)) == each for each in hosts)
    assert all(each == each.casefold() for each in LIST.apps)


@pytest.mark.parametrize("why", SparedClass)
def test_every_reason_has_a_sentence(why: SparedClass) -> None:
    assert all(f"errors.orders.spared_{why.value}" in catalogue(each) for each in LANGUAGES)


@given(st.sampled_from([*LIST.sites]), st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9})?", fullmatch=True))
def test_nothing_below_a_spared_site_is_ever_blocked(host: str, below: str) -> None:
    assert site(f"{below}.{host}").startswith("spared_")
    assert site(f"{below}.{host}/a", page_by_page=True).startswith("spared_")


@given(st.sampled_from(sorted(SUFFIXES.plain)))
def test_no_public_suffix_is_ever_blocked(suffix: str) -> None:
    clean = url.clean(suffix)
    if "." in suffix and clean and network_host(clean) == suffix:
        assert site(suffix)


def test_the_list_of_the_day_is_taken_and_a_bad_one_is_refused() -> None:
    told = {"jurisdiction": "cn", "effective_from": date(2027, 1, 1)}
    later = spared_list(told)
    assert list_in_force([LIST, later], "cn", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) is LIST
    assert list_in_force([LIST, later], "cn", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) is later
    assert list_in_force([LIST, later], "cn", datetime(2020, 1, 1, tzinfo=UTC)) is LIST, (
        "spared before anybody wrote it"
    )
    with pytest.raises(NotFound):
        list_in_force([LIST], "hk", datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(Invalid, match="bad_spared_list"):
        spared_list(told | {"sites": [{"class": "friends", "values": ["a.test"]}]})


def test_a_host_is_spelled_as_the_network_does() -> None:
    assert ascii_host("公司.CN") == "xn--55qx5d.cn" and ascii_host("a" * 70 + "é.cn")
