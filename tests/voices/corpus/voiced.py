"""Sound with a known pitch."""

import numpy as np
from numpy.typing import NDArray


def sung(hertz: NDArray[np.float64], rate: int) -> NDArray[np.float32]:
    """Ten harmonics of a voice whose pitch at each sample is `hertz` `[T]`."""
    turns = np.cumsum(hertz) / rate
    harmonics = sum(np.cos(2 * np.pi * number * turns) / number for number in range(1, 11))
    return (0.1 * np.asarray(harmonics)).astype(np.float32)


def glide(start: float, end: float, seconds: float, rate: int) -> NDArray[np.float32]:
    """A voice whose pitch goes evenly from `start` to `end` hertz."""
    return sung(np.linspace(start, end, int(seconds * rate)), rate)
