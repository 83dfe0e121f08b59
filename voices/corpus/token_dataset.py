"""Sentences with the audio tokens of the teacher's recordings, without the sound.

An hour of speech takes 100 KB; as clips it takes 150 MB.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voices.corpus import clips, shards
from voices.corpus.audio_tokens import AudioTokens


@dataclass(frozen=True)
class TokenDataset:
    """Sentences and the audio tokens of each."""

    texts: list[str]
    tokens: list[NDArray[np.int16]]  # [N] each; the first token is 0


def make(directory: Path, sentences: Sequence[str], audio_tokens: Path) -> Iterator[int]:
    """Record every sentence and yield the growing number of finished ones; shards that exist already are kept.

    `audio_tokens` is the file that `AudioTokens.save` wrote.
    """
    return shards.make(directory, sentences, partial(_write, audio_tokens))


def load(directory: Path) -> TokenDataset:
    """Read all shards in `directory`."""
    texts: list[str] = []
    tokens: list[NDArray[np.int16]] = []
    for file in shards.files(directory):
        with np.load(file) as shard:
            texts += json.loads(str(shard["texts"]))
            tokens += np.split(shard["tokens"], np.cumsum(shard["lengths"])[:-1])
    return TokenDataset(texts, tokens)


def _write(audio_tokens: Path, file: Path, sentences: Sequence[str]) -> None:
    tokens = _audio_tokens(audio_tokens)
    recorded = clips.record(sentences)
    encoded = [tokens(torch.from_numpy(rows)).numpy().astype(np.int16) for rows in recorded.mel]
    with file.open("wb") as output:
        np.savez_compressed(
            output,
            texts=json.dumps(recorded.texts),
            tokens=np.concatenate(encoded),
            lengths=[len(each) for each in encoded],
        )


_audio_tokens = cache(AudioTokens.load)
