"""Victims as the command line tells them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fanzha.cases.subjects import Role
from fanzha.kernel.identifiers import account
from fanzha.wiring.victims import Victim
from fanzha.workflows.case_ledger import CaseLedger

VICTIM = ("who", "accounts", "reason", "by", "at")


class ByHand(StrEnum):
    """As what somebody is added to a case."""

    PERSON = Role.PERSON
    VICTIM = Role.VICTIM


def victim_row(each: Victim, ledger: CaseLedger) -> Mapping[str, object]:
    """Who was named a victim, by whom, and why."""
    primary = ledger.found.accounts.primary
    return {
        "who": each.link.masked,
        "accounts": [account.mask(primary[node]) for node in each.nodes],
        "reason": each.link.reason,
        "by": each.link.actor_name,
        "at": each.link.at,
    }
