"""Servers that take turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perf.load.contest import Contender, compete
from perf.load.load import Load
from perf.load.outcome import Fate, Outcome
from perf.stream import Arrival, Stream


@dataclass
class Recorded:
    """Speaks at once and notes in `log` that it was asked."""

    name: str
    log: list[tuple[str, int]] = field(default_factory=list)

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[Outcome]:  # noqa: ARG002 - a driver's
        self.log.append((self.name, requests))
        return [Outcome(0.0, 1.0, Fate.SPOKEN, Stream(0.0, (Arrival(1.0, 2.0),)))] * requests


def test_each_speaks_unmeasured_first_and_then_in_turn() -> None:
    log: list[tuple[str, int]] = []
    contenders = [
        Contender(name, Recorded(name, log), Load(clients=1), number) for name, number in (("a", 3), ("b", 4))
    ]
    series = compete(contenders, ["text"], repeats=2, say=lambda _: None)
    assert log == [("a", 2), ("b", 2), ("a", 3), ("b", 4), ("a", 3), ("b", 4)]
    assert [(each.name, [level.spoken for level in each.levels]) for each in series] == [("a", [3, 3]), ("b", [4, 4])]
