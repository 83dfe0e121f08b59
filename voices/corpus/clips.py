"""Clips: sentences, the recording of each by the teacher, and its log-mel spectra."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus import shards, teacher
from voices.corpus.mel import log_mel


@dataclass(frozen=True)
class Clips:
    """The clips of one or several shards, in memory."""

    texts: list[str]
    audio: list[NDArray[np.int16]]  # [T] each, at the teacher's rate
    mel: list[NDArray[np.float16]]  # [N, 320] each, one row for each token

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def hours(self) -> float:
        """Hours of speech."""
        return sum(map(len, self.audio)) / teacher.SAMPLE_RATE / 3600


def make(directory: Path, sentences: Sequence[str]) -> Iterator[int]:
    """Record every sentence and yield the growing number of finished ones; shards that exist already are kept."""
    return shards.make(directory, sentences, _write)


def load(directory: Path) -> Clips:
    """Read all shards in `directory`."""
    texts: list[str] = []
    audio: list[NDArray[np.int16]] = []
    mel: list[NDArray[np.float16]] = []
    for file in shards.files(directory):
        with np.load(file) as shard:
            texts += json.loads(str(shard["texts"]))
            audio += np.split(shard["audio"], np.cumsum(shard["samples"])[:-1])
            mel += np.split(shard["mel"], np.cumsum(shard["tokens"])[:-1])
    return Clips(texts, audio, mel)


def record(sentences: Sequence[str]) -> Clips:
    """Record `sentences` with the teacher; leave out those without audible speech."""
    spoken = [(text, samples) for text in sentences if len(samples := teacher.speak(text))]
    audio = [samples for _, samples in spoken]
    mel = [log_mel(torch.from_numpy(samples.astype(np.float32) / 32768)).to(torch.float16).numpy() for samples in audio]
    return Clips([text for text, _ in spoken], audio, mel)


def _write(file: Path, sentences: Sequence[str]) -> None:
    recorded = record(sentences)
    with file.open("wb") as output:
        np.savez(
            output,
            texts=json.dumps(recorded.texts),
            audio=np.concatenate(recorded.audio),
            samples=[len(samples) for samples in recorded.audio],
            mel=np.concatenate(recorded.mel),
            tokens=[len(rows) for rows in recorded.mel],
        )
