"""Long work on many sentences, in parts that are on disk whole or not at all, so that it can be interrupted."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from voices.atomic_file import written_whole

_SENTENCES = 500  # of a part

Work = Callable[[Path, Sequence[str]], None]  # writes to the file what it makes of the sentences


def make(directory: Path, sentences: Sequence[str], work: Work) -> Iterator[int]:
    """Have every part made, on all processors, and yield, as they come, how many sentences are done.

    Parts that are there already are kept. `work` goes to other processes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    parts = [
        (directory / f"{start:06}.npz", sentences[start : start + _SENTENCES], work)
        for start in range(0, len(sentences), _SENTENCES)
    ]
    missing = [part for part in parts if not part[0].exists()]
    done = len(sentences) - sum(len(texts) for _, texts, _ in missing)
    yield done
    if not missing:
        return
    with multiprocessing.get_context("spawn").Pool() as pool:
        for count in pool.imap_unordered(_make_part, missing):
            done += count
            yield done


def files(directory: Path) -> list[Path]:
    """The parts in `directory`, in the order of their sentences."""
    return sorted(directory.glob("*.npz"))


def _make_part(part: tuple[Path, Sequence[str], Work]) -> int:
    file, texts, work = part
    torch.set_num_threads(1)  # every processor has a part of its own
    with written_whole(file) as partial:
        work(partial, texts)
    return len(texts)
