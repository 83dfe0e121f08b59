"""A speech recogniser whose model ships in a package: pocketsphinx with its own American English.

It is far from the state of the art, which is what makes it a judge: what it understands is spoken clearly.
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
"""Samples a second that it hears; everything else is resampled."""

_SILENCE = 0.3  # seconds around a clip, as its model expects of somebody who reads a sentence
_WORD = re.compile(r"[a-z']+")


class Recogniser:
    """Writes down what it hears: the same for the same sound, whatever it has heard before."""

    def __init__(self) -> None:
        self._decoder = Decoder(Config(loglevel="FATAL"))

    def words(self, sound: Sound) -> list[str]:
        """Return the words in lower case: none for a sound without any, at least one for most others."""
        spoken = sound.at(RATE).integers()
        if not spoken.any():
            return []
        silence = np.zeros(int(_SILENCE * RATE), np.int16)
        samples = np.concatenate((silence, spoken, silence))
        self._decoder.start_utt()
        # As a whole, so that it adapts to the level of this clip and not to that of the ones before.
        self._decoder.process_raw(samples.tobytes(), full_utt=True)
        self._decoder.end_utt()
        heard = self._decoder.hyp()
        return _WORD.findall(heard.hypstr) if heard else []


class Recognisers:
    """Several, each in a process of its own (by default one a core); a context manager.

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
        """Yield the words of each sound, in their order."""
        return self._pool.map(_words, sounds)


def vocabulary() -> frozenset[str]:
    """Return every word that it can write."""
    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return frozenset(line.split(maxsplit=1)[0] for line in lines)


@cache
def _recogniser() -> Recogniser:
    """One a process: to load its model takes a second."""
    return Recogniser()


def _words(sound: Sound) -> list[str]:
    return _recogniser().words(sound)
