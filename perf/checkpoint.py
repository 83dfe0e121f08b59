"""The weights that a benchmark runs on."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.checkpoint.locate import resolve
from engine.checkpoint.synthetic import Size, write_synthetic
from perf.worker import SeparateProcess


@contextmanager
def found_or_made(name: str | None, apart: SeparateProcess, size: Size, say: Callable[[str], None]) -> Iterator[Path]:
    """Yield the checkpoint `name`, or one of random weights, which is there for as long as it is needed.

    Making it takes memory that is not to be measured: `apart` does it. Raises `CheckpointError` and `WorkerFailed`.
    """
    if name is not None:
        yield resolve(name).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="soprano-bench-") as directory:
        path = Path(directory) / f"synthetic-{size}"
        say(f"making a {size} synthetic checkpoint: random weights, which make noise")
        apart.run(write_synthetic, path, size)
        yield path
