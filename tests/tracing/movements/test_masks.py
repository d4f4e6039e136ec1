"""Masked identifiers and what they could stand for."""

from __future__ import annotations

import pytest

from fanzha.tracing.movements.masks import CompleteIdentifiers, Sureness, is_partial

KNOWN = CompleteIdentifiers.of(["9999990001", "9999990002", "9999880002", "12990000002", "wechat:wx-test-1"])


@pytest.mark.parametrize(
    ("mask", "fitting"),
    [
        ("9999*0002", ["9999880002", "9999990002"]),
        ("999999*", ["9999990001", "9999990002"]),
        ("*0002", ["12990000002", "9999880002", "9999990002"]),
        ("9999990001*", []),
        ("wechat:*1", ["wechat:wx-test-1"]),
        ("8*", []),
    ],
)
def test_fitting(mask: str, fitting: list[str]) -> None:
    assert is_partial(mask)
    assert KNOWN.fitting(mask) == fitting


def test_a_mask_is_telling_by_what_it_shows_beyond_the_issuer() -> None:
    many = CompleteIdentifiers.of(f"999999{at:010d}" for at in range(3_000))
    assert many.sureness("999999*001234") == Sureness.ALONE
    assert many.sureness("999999*1234") == Sureness.BESIDE_A_NAME
    assert many.sureness("99999*") == Sureness.NONE
    assert many.fitting("9*") is None
