"""Measurements that are interleaved, so that disturbances on the machine affect all of them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

R = TypeVar("R")


def run_interleaved(
    measurements: Mapping[str, Callable[[], R]], repeats: int, say: Callable[[str], None]
) -> dict[str, list[R]]:
    """Run each measurement once, then each a second time, and so on; return the results by name.

    `say` is called with a message before each run.
    """
    measured: dict[str, list[R]] = {name: [] for name in measurements}
    for repeat in range(repeats):
        for name, measure in measurements.items():
            say(f"{name} ({repeat + 1} of {repeats})")
            measured[name].append(measure())
    return measured
