from dataclasses import replace

from perf.load.level import Level
from perf.load.listeners import Capacity, audiences
from perf.load.load import Load
from tests.perf.load.invented import SECONDS_EACH, level


def by_clients(clients: int, *, stalled: int = 0, refused: int = 0) -> Level:
    return level(Load(clients), 10.0, spoken=100 - refused, stalled=stalled, refused=refused)


def by_rate(rate: float, *, refused: int = 0, audio: float | None = None) -> Level:
    speed = SECONDS_EACH * rate if audio is None else audio
    return level(Load(rate=rate), speed, spoken=100 - refused, refused=refused)


def capacity(*levels: Level) -> tuple[str, list[float]]:
    """What it holds, and where that is exceeded all the same."""
    found = Capacity.of(audiences(levels))
    return str(found), [audience.wanted for audience in found.exceptions]


def test_clients_are_as_many_listeners() -> None:
    assert [audience.wanted for audience in audiences([by_clients(4), by_clients(1)])] == [1.0, 4.0]


def test_a_rate_is_as_many_listeners_as_it_brings_seconds_of_audio_a_second() -> None:
    assert [audience.wanted for audience in audiences([by_rate(1.0), by_rate(2.0)])] == [5.0, 10.0]


def test_those_who_are_refused_wanted_to_listen_too() -> None:
    *_, beyond = audiences([by_rate(1.0), by_rate(4.0, refused=50, audio=10.0)])
    assert beyond.wanted == 20.0
    assert beyond.listeners(beyond.content) == 10.0


def test_lengths_are_those_of_all_texts_if_some_load_was_spoken_whole() -> None:
    only_short_ones = replace(by_rate(4.0, refused=50), requests_per_second=2 * 4.0)
    assert [audience.wanted for audience in audiences([by_rate(1.0), only_short_ones])] == [5.0, 20.0]
    assert [audience.wanted for audience in audiences([only_short_ones])] == [10.0]


def test_without_any_audio_a_rate_says_nothing_of_listeners() -> None:
    assert audiences([by_rate(4.0, refused=100, audio=0.0)]) == []


def test_holds_the_most_of_whom_everyone_is_content() -> None:
    assert capacity(by_clients(4), by_clients(8), by_clients(16, stalled=1)) == ("holds 8 listeners in real time", [])
    assert capacity(by_clients(4), by_clients(8, refused=1)) == ("holds 4 listeners in real time", [])


def test_a_smaller_load_with_a_stall_is_an_exception() -> None:
    levels = [by_clients(4, stalled=1), by_clients(8), by_clients(16, stalled=50)]
    assert capacity(*levels) == ("holds 8 listeners in real time", [4.0])


def test_bounds_where_the_limit_was_not_met() -> None:
    assert capacity(by_clients(4), by_clients(8)) == ("holds at least 8 listeners in real time", [])
    assert capacity(by_clients(4, stalled=1)) == ("holds fewer than 4.0 listeners", [])
