"""Accounts of a case and everything its rows say about one, as the console shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from fanzha.adapters.store.mentions import record_look_up
from fanzha.apps.web.views.movements import (
    AccountLine,
    AccountView,
    Break,
    Flow,
    Gap,
    PartyFlow,
    SharedDevice,
)
from fanzha.apps.web.views.shown import AccountRef, BankNames, Place
from fanzha.apps.web.views.tables import Listing, Page, Query
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.masks import masked_place, masked_subject
from fanzha.apps.web.wired.opening import opened
from fanzha.apps.web.wired.shown_ledger import ShownLedger
from fanzha.cases.subjects import SubjectKind, guesses
from fanzha.kernel.clock import from_days, from_micros
from fanzha.kernel.units import Actor
from fanzha.records.statements.rows import UNKNOWN_FEN
from fanzha.tracing.account_facts import AccountFacts
from fanzha.tracing.movements.movements import UNKNOWN_NODE, AccountKind, BalanceProof
from fanzha.wiring.bank_names import bank_names
from fanzha.wiring.ledgers import case_ledger

_SUMS = {"in_fen": 0, "out_fen": 1, "rows": 2, "first_at": 3, "last_at": 4}
Banks = Mapping[str, tuple[str, str]]
"""The names of registered banks, by whatever files call them."""
PARTIES = 20
MISSING = 20


class WiredAccounts(HouseParts):
    """Accounts of a case."""

    def accounts(self, actor: Actor, ref: str, query: Query) -> Page[AccountLine]:
        """Accounts of the case, those with a statement or a certain proof when asked."""
        shown, nodes, names = self._fitting_accounts(actor, ref, query)
        rows = [account_line(shown, int(node), names) for node in nodes[query.offset : query.offset + query.size]]
        return Page(rows=rows, total=len(nodes), page=query.page, size=query.size)

    def every_account(self, actor: Actor, ref: str, query: Query) -> Listing[AccountLine]:
        """All of them, made as they are asked for."""
        shown, nodes, names = self._fitting_accounts(actor, ref, query)
        return Listing(total=len(nodes), rows=(account_line(shown, int(node), names) for node in nodes))

    def _fitting_accounts(self, actor: Actor, ref: str, query: Query) -> tuple[ShownLedger, NDArray[np.intp], Banks]:
        with opened(self.house, actor, ref) as (connection, case):
            shown, names = self.shown(case_ledger(self.house, connection, case)), bank_names(connection)
        nodes = _fitting(shown, query)
        order = np.argsort(_worth(shown, query.sort)[nodes], kind="stable")
        return shown, nodes[order[::-1] if query.descending else order], names

    def account(self, actor: Actor, ref: str, account: str) -> AccountView:
        """What the case's rows say about one account."""
        with opened(self.house, actor, ref) as (connection, case):
            shown, names = self.shown(case_ledger(self.house, connection, case)), bank_names(connection)
        node = shown.node(account)
        return _view(shown, node, shown.facts_of(node), names)

    def find_account(self, actor: Actor, ref: str, text: str) -> str | None:
        """The key of the case's account with this number, whole; that somebody tried is on record."""
        with opened(self.house, actor, ref) as (connection, case):
            shown = self.shown(case_ledger(self.house, connection, case))
            record_look_up(connection, self.house.keys, case, text, actor, self.house.now())
        keys = [shown.key_of(clean) for kind, clean in guesses(text) if kind is SubjectKind.ACCOUNT]
        return next((key for key in keys if key in shown.nodes), None)


def _fitting(shown: ShownLedger, query: Query) -> NDArray[np.intp]:
    found = shown.ledger.found
    keep = np.ones(len(found.accounts), np.bool_)
    if statement := query.word("statement"):
        keep &= found.accounts.has_statement == (statement == "yes")
    if proof := query.word("proof"):
        keep &= found.accounts.has_statement & (found.proof == BalanceProof[proof.upper()])
    return np.flatnonzero(keep)


def _worth(shown: ShownLedger, sort: str) -> NDArray[np.int64]:
    """By what accounts are ordered; words are ordered as their texts are."""
    found = shown.ledger.found
    if sort == "account":
        return shown.ranks[: len(found.accounts)]
    if sort == "bank":
        named = [shown.ledger.banks.get(node, "") for node in range(len(found.accounts))]
        return np.unique(np.array(named, dtype=np.str_), return_inverse=True)[1].astype(np.int64)
    if sort in ("kind", "proof"):
        return (found.accounts.kind if sort == "kind" else found.proof).astype(np.int64)
    return shown.sums[:, _SUMS[sort]]


def account_line(shown: ShownLedger, node: int, names: Banks) -> AccountLine:
    """One account as a table row."""
    found, bank = shown.ledger.found, shown.ledger.banks.get(node, "")
    in_fen, out_fen, rows, first, last = (int(each) for each in shown.sums[node])
    return AccountLine(
        account=_known(shown, node),
        kind=AccountKind(int(found.accounts.kind[node])).name.lower(),
        bank=bank,
        institution=BankNames.of(bank, names),
        rows=rows,
        first_at=from_micros(first) if first else None,
        last_at=from_micros(last) if last else None,
        in_fen=in_fen,
        out_fen=out_fen,
        proof=BalanceProof(int(found.proof[node])).name.lower(),
    )


def _known(shown: ShownLedger, node: int) -> AccountRef:
    return shown.account(node)  # type: ignore[return-value]  # a node of the ledger is never the unknown one


def _view(shown: ShownLedger, node: int, facts: AccountFacts | None, names: Banks) -> AccountView:
    """The page of an account; one without a statement has what others tell of it, and no facts of its own."""
    accounts, keys = shown.ledger.found.accounts, shown.keys
    parties = _flows_with(shown, node)
    return AccountView(
        line=account_line(shown, node, names),
        identifiers=tuple(masked_subject(keys, SubjectKind.ACCOUNT, text) for text in accounts.identifiers[node]),
        names=tuple(masked_subject(keys, SubjectKind.NAME, text) for text in accounts.names[node]),
        active_days=facts.active_days if facts else 0,
        covered_days=facts.active_days + facts.gap_days if facts else 0,
        gaps=tuple(_gaps(facts)) if facts else (),
        opening_fen=_told(facts.opening_fen) if facts else None,
        closing_fen=_told(facts.closing_fen) if facts else None,
        breaks=tuple(_breaks(shown, facts)) if facts else (),
        in_count=facts.in_count if facts else _times(shown, node, incoming=True),
        out_count=facts.out_count if facts else _times(shown, node, incoming=False),
        cash_in_fen=facts.cash_in_fen if facts else 0,
        cash_out_fen=facts.cash_out_fen if facts else 0,
        night_count=facts.night_count if facts else 0,
        timed_count=facts.timed_count if facts else 0,
        by_day=tuple(_days(facts)) if facts else (),
        by_hour=tuple(_hours(facts)) if facts else (),
        counterparties=tuple(parties[:PARTIES]),
        devices=tuple(_devices(shown, node)),
        missing=tuple(each for each in parties if not each.account.has_statement)[:MISSING],
    )


def _told(fen: int) -> int | None:
    return None if fen == UNKNOWN_FEN else fen


def _times(shown: ShownLedger, node: int, *, incoming: bool) -> int:
    m = shown.ledger.found.movements
    return int(np.count_nonzero((m.payee if incoming else m.payer)[shown.moving] == node))


def _gaps(facts: AccountFacts) -> Iterator[Gap]:
    for each in facts.longest_gaps:
        yield Gap(first=_day(each.first_day), last=_day(each.last_day), days=each.days)


def _day(number: int) -> date:
    return from_days(int(number))


def _breaks(shown: ShownLedger, facts: AccountFacts) -> Iterator[Break]:
    for each in facts.breaks:
        yield Break(
            at=_row_time(shown, each.row_after),
            before=_place(shown, each.row_before),
            after=_place(shown, each.row_after),
            missing_fen=each.missing_fen,
        )


def _row_time(shown: ShownLedger, row: int) -> datetime:
    return from_micros(int(shown.ledger.rows.at_us[row])).astimezone(UTC)


def _place(shown: ShownLedger, row: int) -> Place:
    place = shown.ledger.place(row)
    return masked_place(shown.keys, place.source.path, place.row)


def _days(facts: AccountFacts) -> Iterator[Flow]:
    """Every day from the first to the last, also those without rows, so that a gap can be seen as a gap."""
    told = {int(day): (int(in_fen), int(out_fen)) for day, in_fen, out_fen in facts.daily}
    for number in range(min(told, default=0), max(told, default=-1) + 1):
        in_fen, out_fen = told.get(number, (0, 0))
        yield Flow(label=_day(number).isoformat(), in_fen=in_fen, out_fen=out_fen)


def _hours(facts: AccountFacts) -> Sequence[Flow]:
    sums = zip(facts.hourly_in_fen.tolist(), facts.hourly_out_fen.tolist(), strict=True)
    return [Flow(label=f"{hour:02d}", in_fen=in_fen, out_fen=out_fen) for hour, (in_fen, out_fen) in enumerate(sums)]


def _flows_with(shown: ShownLedger, node: int) -> list[PartyFlow]:
    """What went between the account and each other, most fen in both directions first; the few that pages show."""
    m, some = shown.ledger.found.movements, shown.moving
    sums = np.zeros((len(shown.ledger.found.accounts), 3), np.int64)
    for place, mine, other in ((0, m.payee[some], m.payer[some]), (1, m.payer[some], m.payee[some])):
        with_me = (mine == node) & (other != UNKNOWN_NODE) & (other != node)
        np.add.at(sums[:, place], other[with_me], m.amount_fen[some][with_me])
        np.add.at(sums[:, 2], other[with_me], 1)
    met = np.flatnonzero(sums[:, 2])
    ranked = met[np.argsort(-(sums[met, 0] + sums[met, 1]), kind="stable")]
    without = ranked[~shown.ledger.found.accounts.has_statement[ranked]][:MISSING]
    wanted = [*ranked[:PARTIES].tolist(), *without.tolist()]
    return [
        PartyFlow(account=_known(shown, party), in_fen=in_fen, out_fen=out_fen, count=count)
        for party in dict.fromkeys(wanted)
        for in_fen, out_fen, count in [sums[party].tolist()]
    ]


def _devices(shown: ShownLedger, node: int) -> Iterator[SharedDevice]:
    for each in shown.devices:
        if node in each.nodes:
            others = tuple(_known(shown, other) for other in each.nodes if other != node)
            row = each.evidence[each.nodes.index(node)]
            device = shown.device(each.kind, each.value, row)
            yield SharedDevice(kind=each.kind, device=device, rows=each.row_count, accounts=others)
