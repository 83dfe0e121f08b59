"""Changing the tempo of a clip without its pitch, while the clip is being made."""

from fractions import Fraction

import av
import numpy as np
from av.filter import Graph

from proxy.audio.samples import Samples, audio_frame

_BLOCK_SAMPLES = 512
_SLOWEST_STAGE = 0.5
"""The lowest speed of one `atempo` filter; lower speeds need several in a row."""
_TAIL_SECONDS = 0.15
"""Seconds of output that `atempo` keeps in its window, at most."""
_WINDOW_DIVISOR = 2
"""How much shorter the windows of `atempo` are than it chooses for a rate. It takes a power of two from rate / 24 up,
64 ms at 32 kHz, and slow speech echoes with them. With 32 ms, speech at half speed gains 0.5 points of Distill-MOS."""


class Tempo:
    """Plays samples at `rate` Hz `speed` times as fast, by libav's `atempo` (waveform-similarity overlap-add).

        tempo = Tempo(32000, speed=1.25)
        for samples in clip:
            play(tempo.change(samples))
        play(tempo.finish())

    N samples become `round(N / speed)` in total, however they are cut. To be used by one thread at a time.
    """

    def __init__(self, rate: int, speed: float) -> None:
        self._rate = rate
        self._speed = speed
        self._taken = 0
        self._given = 0
        self._graph = _graph(rate, speed)

    def change(self, samples: Samples) -> Samples:
        """The output samples that are complete after the input `samples`, shape [n]."""
        self._push(samples)
        return self._pull()

    def finish(self) -> Samples:
        """The rest."""
        length = round(self._taken / self._speed)
        # Silence pushes the last samples out; at the end of its input the filter drops a window that is not full.
        self._push(np.zeros(int(_TAIL_SECONDS * self._rate * max(1.0, self._speed)), dtype=np.int16))
        self._graph.push(None)
        left = max(0, length - self._given)
        return self._pull()[:left]

    def _push(self, samples: Samples) -> None:
        if not samples.size:
            return
        self._graph.push(audio_frame(samples, self._rate))
        self._taken += samples.size

    def _pull(self) -> Samples:
        pieces = [np.zeros(0, dtype=np.int16)]
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):  # nothing yet, or the end
                break
            pieces.append(frame.to_ndarray().reshape(-1).astype(np.int16, copy=False))
        samples = np.concatenate(pieces)
        self._given += samples.size
        return samples


def _graph(rate: int, speed: float) -> Graph:
    graph = Graph()
    graph.threads = 1
    nodes = [
        graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate)),
        # Below speed 1, the output of `atempo` depends on the sizes of its input frames, so all are made equal.
        graph.add("asetnsamples", f"n={_BLOCK_SAMPLES}:p=0"),
        # The samples stay; the rate is what `atempo` takes the length of its windows from, and it has no option for it.
        graph.add("asetrate", str(rate // _WINDOW_DIVISOR)),
    ]
    while speed < _SLOWEST_STAGE:
        nodes.append(graph.add("atempo", str(_SLOWEST_STAGE)))
        speed /= _SLOWEST_STAGE
    nodes += [graph.add("atempo", str(speed)), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    return graph
