"""One incident's money: the victim pays, mules split it and pass it on, some of it leaves as cash, a little stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fanzha.simulation.chance import Chance
from fanzha.simulation.institutions.accounts import Opening, Payment
from fanzha.simulation.institutions.roster import opened, person_name
from fanzha.simulation.institutions.setup import Setup
from fanzha.simulation.parameters import Parameters, Spread

_APART = timedelta(seconds=5)
"""Between two payments of one split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the victim reports: the payee as the victim has it, right or with one thing wrong."""

    payee_code: str
    payee_number: str
    payee_name: str
    amount_fen: int
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Accounts and payments of one incident by the code of the institution that has them, and what is reported."""

    loss_fen: int
    victim_code: str
    victim: Opening
    openings: Mapping[str, Sequence[Opening]]
    payments: Mapping[str, Sequence[Payment]]
    told: Told


@dataclass(frozen=True, slots=True)
class _Held:
    """Somebody's account at an institution."""

    code: str
    opening: Opening


@dataclass(slots=True, kw_only=True)
class _Run:
    """One incident in the making."""

    number: int
    banks: Sequence[Setup]
    parameters: Parameters
    seed: int
    began: datetime
    openings: dict[str, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))
    accounts: int = 0

    def chance(self, *names: object) -> Chance:
        """Draws of this incident."""
        return Chance(self.seed, "incident", self.number, *names)

    def account(self, balance_fen: int = 0) -> _Held:
        """A new account at one of the banks, free of other organs' measures."""
        self.accounts += 1
        chance = self.chance("account", self.accounts)
        bank = self.banks[int(chance.share() * len(self.banks))]
        drawn = opened(bank, self.parameters, chance, self.began)
        free = Opening(number=drawn.number, holder=drawn.holder, opened_at=drawn.opened_at, balance_fen=balance_fen)
        self.openings[bank.code].append(free)
        return _Held(bank.code, free)

    def pay(self, source: _Held, fen: int, at: datetime, to: _Held | None) -> None:
        """A payment from one to another, or out as cash."""
        place = sum(len(each) for each in self.payments.values())
        payment = Payment(
            payment_id=self.chance("payment", place).uuid(),
            at=at,
            payer_number=source.opening.number,
            amount_fen=fen,
            payee_code=to.code if to else None,
            payee_number=to.opening.number if to else None,
            payee_name=to.opening.holder.name if to else None,
        )
        self.payments[source.code].append(payment)


def incident(number: int, began: datetime, banks: Sequence[Setup], parameters: Parameters, seed: int) -> Incident:
    """The so manieth incident of a seed, whose victim pays at `began`."""
    run = _Run(number=number, banks=banks, parameters=parameters, seed=seed, began=began)
    low, high = parameters.several("loss.bounds")
    loss = run.chance("loss").amount(parameters.number("loss.median"), parameters.number("loss.log_sd"), (low, high))
    victim, first = run.account(loss), run.account()
    run.pay(victim, loss, began, first)
    _pass_on(run, first, loss, began)
    return Incident(
        loss_fen=loss,
        victim_code=victim.code,
        victim=victim.opening,
        openings=run.openings,
        payments=run.payments,
        told=_told(run, first, loss),
    )


def _pass_on(run: _Run, first: _Held, loss: int, began: datetime) -> None:
    """What each account does with what came in: keep it, cash it, or split it among accounts of the next layer."""
    waiting = [(first, loss, began, 0)]
    while waiting:
        account, came, at, layer = waiting.pop()
        chance = run.chance("node", account.opening.number)
        leaves = came - int(came * chance.share() * run.parameters.number("residue.most"))
        if chance.happens(run.parameters.number("stuck.share")) or leaves <= 0:
            continue
        if chance.happens(_by_layer(run.parameters, "cash.shares", layer)):
            run.pay(account, leaves, at + chance.delay(_channel(run.parameters, chance)), None)
            continue
        at += chance.delay(_dwell(run.parameters, layer))
        for place, part in enumerate(_split(run.parameters, chance, leaves, layer)):
            child, paid_at = run.account(), at + place * _APART
            run.pay(account, part, paid_at, child)
            waiting.append((child, part, paid_at, layer + 1))


def _split(parameters: Parameters, chance: Chance, fen: int, layer: int) -> list[int]:
    """Into how much money is split; little is not."""
    if fen < parameters.number("split.floor"):
        return [fen]
    wanted = 1 + chance.poisson(_by_layer(parameters, "split.means", layer))
    return chance.parts(fen, min(wanted, parameters.whole("split.most")), parameters.number("split.shape"))


def _dwell(parameters: Parameters, layer: int) -> Spread:
    return Spread(_by_layer(parameters, "dwell.medians", layer), _by_layer(parameters, "dwell.log_sds", layer))


def _channel(parameters: Parameters, chance: Chance) -> Spread:
    """How long it takes until money is cash, by the channel that is drawn: coins, machine, shop, fourth party …"""
    drawn, medians = chance.share(), parameters.several("channel.medians")
    shares, log_sds = parameters.several("channel.shares"), parameters.several("channel.log_sds")
    passed = [place for place in range(len(shares)) if drawn >= sum(shares[: place + 1])]
    place = min(len(passed), len(shares) - 1)
    return Spread(medians[place], log_sds[place])


def _by_layer(parameters: Parameters, name: str, layer: int) -> float:
    """The number of a layer; the last holds for all below."""
    numbers = parameters.several(name)
    return numbers[min(layer, len(numbers) - 1)]


def _told(run: _Run, payee: _Held, loss: int) -> Told:
    """What is reported of the first payment: by the published rate with a wrong digit or a wrong name."""
    chance = run.chance("report")
    number, name = payee.opening.number, payee.opening.holder.name
    if chance.happens(run.parameters.number("victim.mismatch")):
        if chance.happens(0.5):
            number = number[:-1] + str((int(number[-1]) + 1) % 10)
        else:
            name = next(each for each in iter(lambda: person_name(chance), None) if each != name)
    return Told(payee_code=payee.code, payee_number=number, payee_name=name, amount_fen=loss, paid_at=run.began)
