"""Devices: IMEI with its Luhn digit, and network addresses of machines (MAC)."""

from __future__ import annotations

import re

from fanzha.kernel.identifiers.bank_card import luhn
from fanzha.kernel.identifiers.text import squeeze

_MAC = re.compile(r"[0-9A-F]{12}")


def clean(text: str) -> str:
    """An IMEI as 15 digits (14 without check digit are completed, 16 of an IMEISV cut); empty for anything else."""
    digits = re.sub(r"[-/. ]", "", squeeze(text))
    if not digits.isascii() or not digits.isdigit() or not digits.strip("0"):
        return ""
    if len(digits) in (14, 16):
        body = digits[:14]
        return next(f"{body}{last}" for last in "0123456789" if luhn(f"{body}{last}"))
    return digits if len(digits) == 15 else ""


def check(imei: str) -> bool:
    """Whether the IMEI's Luhn digit is right."""
    return len(imei) == 15 and imei.isdigit() and luhn(imei)


def clean_mac(text: str) -> str:
    """A MAC address as `AA-BB-CC-DD-EE-FF`; empty for anything else, all zeros and all ones included."""
    digits = re.sub(r"[-:. ]", "", squeeze(text)).upper()
    if not _MAC.fullmatch(digits) or len(set(digits)) == 1:
        return ""
    return "-".join(digits[at : at + 2] for at in range(0, 12, 2))


def mask(imei: str) -> str:
    """The model's part and the last two digits: `35693803*****09`."""
    return f"{imei[:8]}{'*' * max(len(imei) - 10, 1)}{imei[-2:]}"


def show(imei: str) -> str:
    """`35-693803-564380-9`."""
    return f"{imei[:2]}-{imei[2:8]}-{imei[8:14]}-{imei[14:]}" if len(imei) == 15 else imei
