"""When requests come that do not wait for one another."""

import random
from collections.abc import Iterator


def arrival_times(rate: float, seed: int = 0) -> Iterator[float]:
    """Yield seconds from the beginning, for ever: a Poisson process of `rate` a second, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    time = 0.0
    while True:
        time += dice.expovariate(rate)
        yield time
