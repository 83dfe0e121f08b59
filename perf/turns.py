"""Contenders that take turns, so that whatever else the machine does meanwhile meets them all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Turn(Generic[R]):
    """Something to be measured repeatedly."""

    name: str
    measure: Callable[[], R]


def alternate(turns: Sequence[Turn[R]], repeats: int, on_turn: Callable[[str], None]) -> dict[str, list[R]]:
    """Take each turn once, then each a second time, and so on; return what each has measured.

    `on_turn` hears of each before it begins.
    """
    measured: dict[str, list[R]] = {turn.name: [] for turn in turns}
    for repeat in range(repeats):
        for turn in turns:
            on_turn(f"{turn.name} ({repeat + 1} of {repeats})")
            measured[turn.name].append(turn.measure())
    return measured
