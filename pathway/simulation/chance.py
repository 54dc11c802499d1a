"""Chance with a key: what is drawn depends on the seed and on what it is drawn for, never on what was drawn before."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
SIGMA = 0.8


class Chance:
    """The chances of one area of one year."""

    def __init__(self, seed: int, area: str) -> None:
        self._seed = f"{seed}|{area}"

    def draw(self, *key: object) -> Random:
        """A source of its own for `key`."""
        return Random("|".join((self._seed, *map(str, key))))  # noqa: S311  # a simulation, no secret

    def happens(self, chance: float, *key: object) -> bool:
        """True with that chance."""
        return self.draw(*key).random() < chance

    def pick(self, shares: Mapping[str, float], *key: object) -> str:
        """One name by the shares, which need not add up to 1."""
        return self.draw(*key).choices(list(shares), list(shares.values()))[0]

    def one_of(self, options: Sequence[T], *key: object) -> T:
        """One of several, with even chances."""
        return self.draw(*key).choice(options)

    def between(self, low: float, high: float, *key: object) -> float:
        """A number between two."""
        return self.draw(*key).uniform(low, high)

    def hours(self, median: float, *key: object) -> float:
        """So many hours: lognormal around a median."""
        return median * math.exp(SIGMA * self.draw(*key).gauss(0, 1))

    def count(self, mean: float, *key: object) -> int:
        """How often something happens that does so `mean` times on average (Poisson)."""
        source, found, left = self.draw(*key), 0, math.exp(-mean)
        product = source.random()
        while product > left:
            found, product = found + 1, product * source.random()
        return found
