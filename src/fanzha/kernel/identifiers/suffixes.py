"""Public suffixes: names under which anybody may have one, so that the name itself is nobody's (publicsuffix.org)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_COMMENT = "//"


@dataclass(frozen=True, slots=True)
class Suffixes:
    """The rules of the list: names that are suffixes, names below which each next label is one, and exceptions."""

    plain: frozenset[str]
    wild: frozenset[str]
    excepted: frozenset[str]

    def is_public(self, host: str) -> bool:
        """Whether a host (`ascii_host`) is a suffix itself: below it are the sites of many."""
        if host in self.excepted:
            return False
        head, _, rest = host.partition(".")
        return not rest or host in self.plain or (rest in self.wild and bool(head))


def suffixes(lines: Iterable[str]) -> Suffixes:
    """The rules of the published file, comments left out."""
    rules = [line.split()[0] for line in lines if line.strip() and not line.startswith(_COMMENT)]
    return Suffixes(
        plain=frozenset(ascii_host(each) for each in rules if each[0] not in "*!"),
        wild=frozenset(ascii_host(each[2:]) for each in rules if each.startswith("*.")),
        excepted=frozenset(ascii_host(each[1:]) for each in rules if each.startswith("!")),
    )


def ascii_host(host: str) -> str:
    """A host as the network spells it: `公司.cn` is `xn--55qx5d.cn`; one that cannot be is left as it is."""
    if host.isascii():
        return host.lower()
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError:
        return host.lower()
