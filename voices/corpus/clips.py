"""Clips: sentences, the aligned recording of each by the teacher, and what the tokens are made of."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus import shards, teacher
from voices.corpus.alignment import align
from voices.corpus.mel import SAMPLE_RATE, log_mel

Speak = Callable[[str], NDArray[np.int16]]


@dataclass(frozen=True)
class Clip:
    """One sentence of N tokens."""

    text: str
    audio: NDArray[np.int16]  # [(N - 1) * TOKEN], at the decoder's rate
    mel: NDArray[np.float16]  # [N, F]
    periods: NDArray[np.int16]  # [N], of the voice since the token before
    voiced: NDArray[np.bool_]  # [N]


def make(directory: Path, sentences: Sequence[str]) -> Iterator[int]:
    """Record every sentence and yield the growing number of finished ones; shards that exist already are kept."""
    return shards.make(directory, sentences, _write)


def load(directory: Path) -> list[Clip]:
    """Read all shards in `directory`."""
    clips: list[Clip] = []
    for file in shards.files(directory):
        with np.load(file) as shard:
            texts = json.loads(str(shard["texts"]))
            by_token = [np.split(shard[name], np.cumsum(shard["tokens"])[:-1]) for name in _BY_TOKEN]
            audio = np.split(shard["audio"], np.cumsum(shard["samples"])[:-1])
            clips += [Clip(*parts) for parts in zip(texts, audio, *by_token, strict=True)]
    return clips


def hours(clips: Sequence[Clip]) -> float:
    """Hours of speech."""
    return sum(len(clip.audio) for clip in clips) / SAMPLE_RATE / 3600


def record(sentences: Sequence[str], speak: Speak = teacher.speak) -> list[Clip]:
    """Record `sentences` with the teacher; leave out those without audible speech."""
    return [clip(text, samples) for text in sentences if len(samples := speak(text))]


def clip(text: str, samples: NDArray[np.int16]) -> Clip:
    """Align the teacher's `samples` and describe them."""
    aligned = align(samples.astype(np.float32) / 32768, teacher.SAMPLE_RATE)
    mel = log_mel(torch.from_numpy(aligned.audio)).to(torch.float16).numpy()
    audio = np.rint(aligned.audio * 32768).clip(-32768, 32767).astype(np.int16)
    return Clip(text, audio, mel, aligned.periods, aligned.voiced)


def write(file: Path, clips: Sequence[Clip]) -> None:
    """Write a shard."""
    with file.open("wb") as output:
        np.savez(
            output,
            texts=json.dumps([clip.text for clip in clips]),
            audio=np.concatenate([clip.audio for clip in clips]),
            samples=[len(clip.audio) for clip in clips],
            tokens=[len(clip.mel) for clip in clips],
            **{name: np.concatenate([getattr(clip, name) for clip in clips]) for name in _BY_TOKEN},
        )


_BY_TOKEN = tuple(field.name for field in fields(Clip) if field.name not in ("text", "audio"))


def _write(file: Path, sentences: Sequence[str]) -> None:
    write(file, record(sentences))
