"""Files that appear only when they are complete, even if the program that writes them is interrupted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(file: Path) -> Iterator[Path]:
    """Yield a temporary path; if the block succeeds, the file that it wrote there becomes `file`."""
    partial = file.with_suffix(".partial")
    yield partial
    os.replace(partial, file)
