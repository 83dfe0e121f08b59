"""A speech recogniser whose model is part of a package: pocketsphinx with its American English model.

It is much weaker than current recognisers, which makes it a strict judge: it understands only clear speech.
"""

import multiprocessing
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from voices.evaluation.sound import Sound

RATE = 16_000
"""The sample rate of the model; other sounds are resampled to it."""

_SILENCE = 0.3  # seconds around a clip; the model expects silence there
_WORD = re.compile(r"[a-z']+")


class Recogniser:
    """Recognises the words in a sound. The result does not depend on earlier sounds."""

    def __init__(self) -> None:
        self._decoder = Decoder(Config(loglevel="FATAL"))

    def words(self, sound: Sound) -> list[str]:
        """Return the words in lower case: none for silence, at least one for most other sounds."""
        spoken = sound.at(RATE).integers()
        if not spoken.any():
            return []
        silence = np.zeros(int(_SILENCE * RATE), np.int16)
        samples = np.concatenate((silence, spoken, silence))
        self._decoder.start_utt()
        # In one piece, so that it adapts to the level of this clip and not to that of earlier clips.
        self._decoder.process_raw(samples.tobytes(), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return _WORD.findall(hypothesis.hypstr) if hypothesis else []


class Recognisers:
    """Several recognisers, each in its own process (by default one for each core); a context manager.

    with Recognisers() as recognisers:
        for words in recognisers.words(sounds):
            …
    """

    def __init__(self, processes: int | None = None) -> None:
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))

    def __enter__(self) -> "Recognisers":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def words(self, sounds: Iterable[Sound]) -> Iterator[list[str]]:
        """Yield the words of each sound, in the order of `sounds`."""
        return self._pool.map(_words, sounds)


def vocabulary() -> frozenset[str]:
    """Return every word that the recogniser knows."""
    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return frozenset(line.split(maxsplit=1)[0] for line in lines)


@cache
def _recogniser() -> Recogniser:
    """The recogniser of this process; loading its model takes a second."""
    return Recogniser()


def _words(sound: Sound) -> list[str]:
    return _recogniser().words(sound)
