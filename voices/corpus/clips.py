"""Clips: sentences, the aligned recording of each by the teacher, and what the tokens are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus import ragged, teacher
from voices.corpus.alignment import align
from voices.corpus.mel import SAMPLE_RATE, TOKEN, frame_times, log_mel
from voices.corpus.pitch import STEP
from voices.corpus.teacher import Recording

Record = Callable[[str], Recording | None]

_QUIETEST = 1e-5  # of a loudness in a logarithm


@dataclass(frozen=True)
class Clip:
    """One sentence of N tokens."""

    text: str
    mel: NDArray[np.float16]  # [N, F]
    periods: NDArray[np.int16]  # [N], of the voice since the token before
    voiced: NDArray[np.bool_]  # [N]


@dataclass(frozen=True)
class RecordedClip(Clip):
    """A clip with its sound, and with the T rows of the teacher's features from which it was made."""

    audio: NDArray[np.int16]  # [(N - 1) * TOKEN], at the decoder's rate
    hidden: NDArray[np.float16]  # [T, teacher.HIDDEN]
    frequency: NDArray[np.float32]  # [T]
    loudness: NDArray[np.float32]  # [T], logarithms of what `teacher.loudness` measures
    voice: NDArray[np.float32]  # [T], 1 where there is a voice, else 0
    rows: NDArray[np.float32]  # [N * FRAMES_PER_TOKEN], where among the T rows each frame of `mel` is


def record(sentences: Sequence[str], speak: Record = teacher.record) -> list[RecordedClip]:
    """Record `sentences` with the teacher; leave out those without audible speech."""
    made = ((text, speak(text)) for text in sentences)
    clips = (recorded_clip(text, recording) for text, recording in made if recording)
    return [clip for clip in clips if clip]


def recorded_clip(text: str, recording: Recording) -> RecordedClip | None:
    """Align a recording and describe it; None if nothing can be heard."""
    trimmed = teacher.trim(recording.samples)
    if not trimmed:
        return None
    samples, start = trimmed
    alignment = align(samples, teacher.SAMPLE_RATE)
    audio = alignment.bent(samples, teacher.SAMPLE_RATE)
    frequency = recording.features.frequency
    times = teacher.row_times(len(frequency))
    loudness = teacher.loudness(recording.samples)
    at_times = np.interp(times, np.arange(len(loudness)) / teacher.SAMPLE_RATE, loudness)
    pitch = alignment.pitch
    voice = np.interp(times - start, np.arange(len(pitch.voiced)) * STEP, pitch.voiced, left=0, right=0)
    return RecordedClip(
        text=text,
        mel=log_mel(torch.from_numpy(audio)).to(torch.float16).numpy(),
        periods=alignment.periods,
        voiced=alignment.voiced,
        audio=teacher.integers(audio),
        hidden=recording.features.hidden,
        frequency=frequency,
        loudness=np.log(np.maximum(at_times, _QUIETEST)).astype(np.float32),
        voice=voice.astype(np.float32),
        rows=teacher.rows_at(alignment.original(frame_times(len(alignment.periods))) + start),
    )


def hours(clips: Sequence[Clip]) -> float:
    """Hours of speech."""
    return sum((len(clip.mel) - 1) * TOKEN for clip in clips) / SAMPLE_RATE / 3600


def write_recorded(file: Path, sentences: Sequence[str]) -> None:
    """Write the shard of `sentences`."""
    ragged.write(file, record(sentences))
