"""Chance: the only place of the house with a generator, and every draw is named, so that order changes nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from fanzha.simulation.parameters import Spread

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class Chance:
    """Draws of one matter: the same seed and names give the same draws, whatever else was drawn meanwhile."""

    def __init__(self, seed: int, *names: object) -> None:
        told = "\x1f".join((str(seed), *map(str, names)))
        self._draws = random.Random(int.from_bytes(sha256(told.encode()).digest(), "big"))  # noqa: S311

    def happens(self, share: float) -> bool:
        """Whether something of this share happens; always draws once."""
        return self._draws.random() < share

    def share(self) -> float:
        """A number from 0, included, to 1."""
        return self._draws.random()

    def delay(self, minutes: Spread) -> timedelta:
        """A lognormal time, to the millisecond."""
        drawn = minutes.median * math.exp(minutes.log_sd * self._draws.gauss(0.0, 1.0))
        return timedelta(milliseconds=round(drawn * 60_000))

    def amount(self, median: float, log_sd: float, bounds: tuple[float, float]) -> int:
        """A lognormal number of fen within bounds."""
        drawn = median * math.exp(log_sd * self._draws.gauss(0.0, 1.0))
        return round(min(max(drawn, bounds[0]), bounds[1]))

    def poisson(self, mean: float) -> int:
        """How often something of this mean happens."""
        left, count = math.exp(-mean), 0
        product = self._draws.random()
        while product > left:
            count += 1
            product *= self._draws.random()
        return count

    def parts(self, whole: int, count: int, shape: float) -> list[int]:
        """A whole split into so many positive parts, Dirichlet; they sum to it exactly, the last takes what is left."""
        weights = [self._draws.gammavariate(shape, 1.0) for _ in range(count)]
        spare = whole - count
        shares = [1 + int(spare * weight / sum(weights)) for weight in weights[:-1]]
        return [*shares, whole - sum(shares)]

    def among(self, choices: Sequence[str]) -> str:
        """One of several."""
        return self._draws.choice(choices)

    def digits(self, count: int) -> str:
        """So many digits."""
        return "".join(self._draws.choice("0123456789") for _ in range(count))

    def uuid(self) -> str:
        """An id of 36 characters."""
        return str(UUID(int=self._draws.getrandbits(128), version=4))


def card_number(chance: Chance) -> str:
    """A card of 19 digits under 999999 that nobody has, right in its check digit (`domain.md` 3.7)."""
    body = "999999" + chance.digits(12)
    odd, even = body[-1::-2], body[-2::-2]
    total = sum(sum(divmod(int(each) * 2, 10)) for each in odd) + sum(map(int, even))
    return f"{body}{-total % 10}"


def document_number(chance: Chance) -> str:
    """An identity number of area 990000, which no place has, right in its check digit."""
    day = f"{1950 + int(chance.digits(2)) % 55}{1 + int(chance.digits(2)) % 12:02d}{1 + int(chance.digits(2)) % 28:02d}"
    body = f"990000{day}{chance.digits(3)}"
    return body + _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def phone_number(chance: Chance) -> str:
    """A number that starts with 12, as no mobile does."""
    return f"12{chance.digits(9)}"
