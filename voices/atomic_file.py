"""Files that are there whole or not at all, whenever their maker is interrupted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """Yield where to write what becomes `file` once all of it is written."""
    partial = file.with_suffix(".partial")
    yield partial
    os.replace(partial, file)
