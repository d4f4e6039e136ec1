"""The desk of an institution: what it decides of each request, what it does then, and what truly came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.protocol.request import Request
from fanzha.protocol.trades import Trade
from fanzha.registers.institutions import InstitutionKind
from fanzha.simulation.institutions import asking, blocking, freezing, stopping
from fanzha.simulation.institutions.accounts import Account, Books, Freeze, Monitor
from fanzha.simulation.institutions.checks import account_refused, original_refused, refused
from fanzha.simulation.institutions.matters import AccountMatter, Block, Lie, Matter, Measure, Ruling, Terms
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.institutions.truth import Deed, Happening

_ON_ACCOUNTS: Mapping[Trade, Callable[[AccountMatter], Ruling]] = {
    Trade.STOP: stopping.stop,
    Trade.EXTEND_STOP: stopping.extend,
    Trade.LIFT_STOP: stopping.lift,
    Trade.FREEZE: freezing.freeze,
    Trade.RELEASE: freezing.release,
    Trade.RENEW: freezing.renew,
    Trade.QUERY_DETAILS: asking.details,
    Trade.QUERY_HOLDER: asking.holder,
    Trade.MONITOR_ON: asking.monitor_on,
    Trade.MONITOR_OFF: asking.monitor_off,
}


@dataclass(slots=True)
class Desk:
    """Books, measures and truth of one institution."""

    setup: Setup
    terms: Terms
    books: Books
    measures: dict[str, tuple[str, Measure]] = field(default_factory=dict)
    truth: list[Happening] = field(default_factory=list)

    def rule(self, request: Request, at: datetime, lie: Lie = Lie.NONE) -> Ruling:
        """Decide a request and do it; what was done stands in the truth."""
        ruling = self._ruling(request, at, lie)
        number = self._named(request)
        for deed, application, fen in ruling.deeds:
            place = number if application == request.application_id else self.measures[application][0]
            self._happened(deed, application, at, (place, fen))
        if ruling.made is not None:
            self.measures[request.application_id] = (number, ruling.made)
        return ruling

    def expire(self, at: datetime, application: str) -> None:
        """Write down that a measure has ended by itself, if its end is truly now and nobody ended it before."""
        number, measure = self.measures[application]
        if measure.ends_at == at and _ran_out(measure):
            self._happened(Deed.ENDED, application, at, (number, 0))

    def activate(self, account: Account, at: datetime) -> list[Freeze]:
        """Freezes of an account that take over because nothing stands before them any more."""
        found = list(freezing.activated(account, at))
        for each in found:
            self._happened(Deed.ACTIVATED, each.application_id, at, (account.number, account.taken_by(each, at)))
        return found

    def monitors(self, account: Account, at: datetime) -> list[Monitor]:
        """Who is to be told of a new transaction."""
        return [each for each in account.monitors if each.runs_at(at) and not each.sham]

    def _ruling(self, request: Request, at: datetime, lie: Lie) -> Ruling:
        account = self.books.find(request.target.number)
        original = self.measures.get(request.original_application_id or "")
        code = refused(self.setup, request, at)
        if code is None and self.setup.kind not in {InstitutionKind.RESOLVER, InstitutionKind.STORE}:
            code = account_refused(request, account)
        code = code or original_refused(request, original, self._named(request))
        if code is not None:
            return Ruling(result=code)
        changed = original[1] if original else None
        if request.trade is Trade.BLOCK or request.trade is Trade.UNBLOCK:
            matter = Matter(request=request, at=at, terms=self.terms, lie=lie, original=changed)
            return blocking.unblock(matter) if changed else blocking.block(matter, self._blocks(request))
        if account is None:
            return Ruling(result="1000")
        on_account = AccountMatter(request=request, at=at, terms=self.terms, lie=lie, original=changed, account=account)
        if request.trade is Trade.QUERY_ACCOUNTS:
            return asking.accounts(on_account, self.books)
        return _ON_ACCOUNTS[request.trade](on_account)

    def _named(self, request: Request) -> str:
        """The number under which the institution itself has the target."""
        account = self.books.find(request.target.number)
        return account.number if account else request.target.number

    def _blocks(self, request: Request) -> list[Block]:
        number = self._named(request)
        return [each for place, each in self.measures.values() if place == number and isinstance(each, Block)]

    def _happened(self, deed: Deed, application: str, at: datetime, where: tuple[str, int]) -> None:
        number, fen = where
        self.truth.append(
            Happening(
                institution_code=self.setup.code, application_id=application, deed=deed, at=at, number=number, fen=fen
            )
        )


def _ran_out(measure: Measure) -> bool:
    """Whether its end, when it comes, is the term's and nobody's deed."""
    if measure.sham:
        return False
    match measure:
        case Freeze():
            return measure.released_at is None and not measure.waiting
        case Monitor():
            return measure.off_at is None
    return measure.lifted_at is None
