"""The data that a voice is made from: sentences, the teacher's reading of each, and its log-mel spectra.

On disk in parts of a thousand sentences, each written whole or not at all, so that making them can be resumed.
"""

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from voices import teacher
from voices.mel import log_mel
from voices.whole_file import written_whole

_PART = 500  # sentences


@dataclass(frozen=True)
class Clips:
    """Clips of one part, or of several, in memory."""

    texts: list[str]
    audio: list[NDArray[np.int16]]  # [T] each, at the teacher's rate
    mel: list[NDArray[np.float16]]  # [N, 320] each, a row a token

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def hours(self) -> float:
        """Of speech."""
        return sum(map(len, self.audio)) / teacher.SAMPLE_RATE / 3600


def make(directory: Path, sentences: Sequence[str]) -> Iterator[int]:
    """Have every sentence read and yield, as they come, how many are done; parts that are there already are kept."""
    directory.mkdir(parents=True, exist_ok=True)
    parts = [
        (directory / f"{start:06}.npz", sentences[start : start + _PART]) for start in range(0, len(sentences), _PART)
    ]
    missing = [part for part in parts if not part[0].exists()]
    done = len(sentences) - sum(len(texts) for _, texts in missing)
    yield done
    with multiprocessing.get_context("spawn").Pool() as pool:
        for count in pool.imap_unordered(_make_part, missing):
            done += count
            yield done


def load(directory: Path) -> Clips:
    """Read every part in `directory`."""
    texts: list[str] = []
    audio: list[NDArray[np.int16]] = []
    mel: list[NDArray[np.float16]] = []
    for file in sorted(directory.glob("*.npz")):
        with np.load(file) as part:
            texts += json.loads(str(part["texts"]))
            audio += np.split(part["audio"], np.cumsum(part["samples"])[:-1])
            mel += np.split(part["mel"], np.cumsum(part["tokens"])[:-1])
    return Clips(texts, audio, mel)


def _make_part(part: tuple[Path, Sequence[str]]) -> int:
    file, texts = part
    torch.set_num_threads(1)
    spoken = [(text, audio) for text in texts if len(audio := teacher.speak(text))]
    mel = [log_mel(torch.from_numpy(audio.astype(np.float32) / 32768)) for _, audio in spoken]
    with written_whole(file) as partial, partial.open("wb") as output:
        np.savez(
            output,
            texts=json.dumps([text for text, _ in spoken]),
            audio=np.concatenate([audio for _, audio in spoken]),
            samples=[len(audio) for _, audio in spoken],
            mel=torch.cat(mel).to(torch.float16).numpy(),
            tokens=[len(rows) for rows in mel],
        )
    return len(texts)
