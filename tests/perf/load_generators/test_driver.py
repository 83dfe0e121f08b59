"""Servers that are measured in turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from measuring.stream import Arrival, Stream
from perf.load_generators.driver import Contender, compare_drivers
from perf.measurements import Load, RequestResult, Status


@dataclass
class Recorded:
    """Speaks at once, and adds an entry to `log` for each run."""

    name: str
    log: list[tuple[str, int]] = field(default_factory=list)

    def run(self, load: Load, requests: int, texts: Sequence[str]) -> list[RequestResult]:  # noqa: ARG002 - a driver's
        self.log.append((self.name, requests))
        return [RequestResult(0.0, 1.0, Status.SPOKEN, Stream(0.0, (Arrival(1.0, 2.0),)))] * requests


def test_each_speaks_unmeasured_first_and_then_in_turn() -> None:
    log: list[tuple[str, int]] = []
    contenders = [
        Contender(name, Recorded(name, log), Load(clients=1), number) for name, number in (("a", 3), ("b", 4))
    ]
    series = compare_drivers(contenders, ["text"], repeats=2, say=lambda _: None)
    assert log == [("a", 2), ("b", 2), ("a", 3), ("b", 4), ("a", 3), ("b", 4)]
    assert [(each.name, [point.spoken for point in each.points]) for each in series] == [("a", [3, 3]), ("b", [4, 4])]
