"""Passwords: argon2id, compared in the same time for people who do not exist."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fanzha.kernel.errors import Invalid

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones only make the hash work; nobody types them."""
MIN_KINDS = 3
"""Of small letters, capitals, digits and everything else, as 等级保护 (GB/T 22239) inspections ask."""
LONG = 24
"""A pass phrase of this length needs no kinds."""

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""RFC 9106's second recommendation, one lane because a log-in should not take the whole machine; about 0.1 s."""


def check_password_rules(password: str, login: str) -> None:
    """`Invalid`, saying why, when the password is too easy to guess."""
    plain = _normal(password)
    if not MIN_LENGTH <= len(plain) <= MAX_LENGTH:
        raise Invalid("access.password_length", least=MIN_LENGTH, most=MAX_LENGTH)
    kinds = {"a" if each.islower() else "A" if each.isupper() else "0" if each.isdigit() else "-" for each in plain}
    if len(plain) < LONG and len(kinds) < MIN_KINDS:
        raise Invalid("access.password_kinds", kinds=MIN_KINDS, long=LONG)
    if login.casefold() in plain.casefold() or len(set(plain)) * 2 < min(len(plain), LONG):
        raise Invalid("access.password_obvious")


def hash_password(password: str) -> str:
    """The password's argon2id hash with its parameters and salt."""
    return HASHER.hash(_normal(password))


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one; without a hash it takes as long and is false."""
    try:
        HASHER.verify(password_hash or _nobodys_hash(), _normal(password[: 4 * MAX_LENGTH]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody")


def _normal(password: str) -> str:
    """The same password whether an input method typed it in full or half width (NIST SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
