"""Long work on many sentences, split into shards.

A shard's file appears only when it is complete, so the work can be interrupted and continued.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from voices.atomic_file import atomic_write
from voices.corpus import ragged
from voices.corpus.ragged import Item

SENTENCES = 100
"""Of a shard: the teacher takes three minutes to record them."""

Work = Callable[[Path, Sequence[str]], None]  # makes the shard of the sentences and writes it to the file


def make(directory: Path, sentences: Sequence[str], work: Work) -> Iterator[int]:
    """Make every shard, on all processors, and yield the growing number of finished sentences.

    Shards that exist already are kept. `work` is pickled and sent to other processes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    shards = [
        (directory / f"{start:06}.npz", sentences[start : start + SENTENCES], work)
        for start in range(0, len(sentences), SENTENCES)
    ]
    missing = [shard for shard in shards if not shard[0].exists()]
    done = len(sentences) - sum(len(texts) for _, texts, _ in missing)
    yield done
    if not missing:
        return
    with multiprocessing.get_context("spawn").Pool() as pool:
        for count in pool.imap_unordered(_make_shard, missing):
            done += count
            yield done


def load(directory: Path, kind: type[Item]) -> list[Item]:
    """Read all shards in `directory`, which `ragged.write` wrote, in the order of their sentences."""
    return [item for file in sorted(directory.glob("*.npz")) for item in ragged.read(file, kind)]


def _make_shard(shard: tuple[Path, Sequence[str], Work]) -> int:
    file, texts, work = shard
    torch.set_num_threads(1)  # each processor makes a shard of its own
    with atomic_write(file) as partial:
        work(partial, texts)
    return len(texts)
