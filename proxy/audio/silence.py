"""Where a clip becomes audible, and the removal of the silence before it.

Audible is a window of 5 ms whose level (RMS) is above -50 dBFS. Measured on the built-in voice, 48 sentences: it speaks
at -20 dBFS, and its noise before that is at -88 dBFS. The first audible window begins after 30 to 40 ms. What is
removed from a clip is below -69 dBFS in all of them, and the first sample kept is at most 46 of 32,768: no click. In an
earlier voice, the breath before a soft consonant ("Hello", "Who") rose from -60 to -50 dBFS in 40 ms, and speech began
after 25 to 80 ms.
"""

import numpy as np

from proxy.audio.samples import Samples, joined

THRESHOLD_DBFS = -50.0
WINDOW_SECONDS = 0.005
PRE_ROLL_SECONDS = 0.01
"""Seconds that are kept before the first audible window, for the onset of a soft consonant."""
LONGEST_TRIM = 0.5
"""Most seconds that are removed from a clip."""
USUAL_TRIM = 0.07
"""Seconds that are removed at most from a clip of the built-in voice, or of the one before it. They are not played, so
the engine must be ahead of playback by as much: add them to the `encoder_delay` of a request whose clip is trimmed."""

_AUDIBLE_POWER = (32768 * 10 ** (THRESHOLD_DBFS / 20)) ** 2
_BLOCK_WINDOWS = 200  # looked at together; a clip may come as one array of an hour


class SoundDetector:
    """Finds the first audible sample of a clip, however the clip is cut.

    `first` is its position, or None so far; `silent` counts the samples that are known to be silent before it. Both are
    exact to a window.
    """

    def __init__(self, rate: int) -> None:
        self.first: int | None = None
        self.silent = 0
        self._rate = rate
        self._window = max(1, round(WINDOW_SECONDS * rate))
        self._incomplete = np.zeros(0, dtype=np.int16)

    @property
    def seconds(self) -> float | None:
        """The seconds before the first audible sample; None so far."""
        return None if self.first is None else self.first / self._rate

    def add(self, samples: Samples) -> None:
        """Look at the next samples, shape [n]."""
        if self.first is not None:
            return
        left = joined(self._incomplete, samples)
        while self.first is None and len(left) >= self._window:
            count = min(len(left) // self._window, _BLOCK_WINDOWS)
            self._look_at(left[: count * self._window])
            left = left[count * self._window :]
        self._incomplete = left[: self._window].copy()  # a view would keep a whole clip in memory

    def _look_at(self, windows: Samples) -> None:
        """Look at whole windows."""
        power = np.square(windows.reshape(-1, self._window), dtype=np.float64).mean(axis=1)
        audible = np.flatnonzero(power > _AUDIBLE_POWER)
        self.silent += self._window * int(audible[0] if audible.size else len(power))
        if audible.size:
            self.first = self.silent


class SilenceTrimmer:
    """Removes the silence at the start of a clip, at most `LONGEST_TRIM`, except for the pre-roll.

        trimmer = SilenceTrimmer(32000)
        for samples in clip:
            play(trimmer.trim(samples))
        play(trimmer.finish())

    It never delays audible samples: what it holds back is silence. `removed` counts the samples removed so far.
    """

    def __init__(self, rate: int) -> None:
        self.removed = 0
        self.done = False
        """Whether nothing more will be removed or held back."""
        self._detector = SoundDetector(rate)
        self._pre_roll = round(PRE_ROLL_SECONDS * rate)
        self._most = round(LONGEST_TRIM * rate)
        self._held = np.zeros(0, dtype=np.int16)

    def trim(self, samples: Samples) -> Samples:
        """What can be played after the next `samples`; often nothing before the first sound."""
        if self.done:
            return samples
        self._detector.add(samples)
        removed = min(max(self.removed, self._detector.silent - self._pre_roll), self._most)
        self._held = joined(self._held, samples)[removed - self.removed :]
        self.removed = removed
        return self.finish() if self._detector.first is not None or removed == self._most else self._held[:0]

    def finish(self) -> Samples:
        """End the removal; the silence that was held back."""
        self.done = True
        held, self._held = self._held, self._held[:0]
        return held
