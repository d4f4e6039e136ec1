"""Addresses of virtual currency: Tron and Bitcoin (Base58Check, Bech32's shape), Ethereum (its shape)."""

from __future__ import annotations

import re
from hashlib import sha256

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_KINDS = {
    "tron": re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}"),
    "ethereum": re.compile(r"0x[0-9A-Fa-f]{40}"),
    "bitcoin": re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71}"),
}
_PAYLOAD, _CHECK = 21, 4
"""Bytes of version and hash, and of the check behind them."""


def clean(text: str) -> str:
    """The address as it is, because case counts; empty when it has no known shape."""
    address = text.strip()
    return address if kind(address) else ""


def kind(address: str) -> str:
    """`tron`, `ethereum`, `bitcoin`, or empty."""
    return next((name for name, shape in _KINDS.items() if shape.fullmatch(address)), "")


def check(address: str) -> bool:
    """Whether a Base58Check address carries the check of itself; other shapes have none that is checked here."""
    if not (address and address[0] in "T13" and all(each in _ALPHABET for each in address)):
        return False
    value = 0
    for each in address:
        value = value * 58 + _ALPHABET.index(each)
    if value.bit_length() > 8 * (_PAYLOAD + _CHECK):
        return False
    raw = value.to_bytes(_PAYLOAD + _CHECK, "big")
    return sha256(sha256(raw[:_PAYLOAD]).digest()).digest()[:_CHECK] == raw[_PAYLOAD:]


def mask(address: str) -> str:
    """First and last four: `TXyz…wxyz`."""
    return f"{address[:4]}…{address[-4:]}" if len(address) > 8 else "*" * len(address)


def show(address: str) -> str:
    """As it is."""
    return address
