"""Servers that are measured in turn, so that whatever else the machine does meanwhile meets them all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perf.load.drivers import Driver
from perf.load.level import Level
from perf.load.load import Load
from perf.load.results import Series
from perf.turns import Turn, alternate


@dataclass(frozen=True)
class Contender:
    """A server under its load."""

    name: str
    driver: Driver
    load: Load
    requests: int


def compete(
    contenders: Sequence[Contender], texts: Sequence[str], repeats: int, say: Callable[[str], None]
) -> list[Series]:
    """Measure each once, then each a second time, and so on, after it has spoken a little unmeasured."""
    for contender in contenders:
        contender.driver.run(Load(clients=2), 2, texts)
    turns = [Turn(each.name, _measurement(each, texts)) for each in contenders]
    measured = alternate(turns, repeats, say)
    return [Series(each.name, tuple(measured[each.name])) for each in contenders]


def _measurement(contender: Contender, texts: Sequence[str]) -> Callable[[], Level]:
    def measure() -> Level:
        return Level.of(contender.load, contender.driver.run(contender.load, contender.requests, texts))

    return measure
