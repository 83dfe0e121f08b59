"""A `soprano say` that runs in parallel with the test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.launch.serving import SOPRANO


@contextmanager
def saying(
    *arguments: str,
    stdin: int | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start it; at the end of the block it is killed if it still runs."""
    with subprocess.Popen([SOPRANO, "say", *arguments], stdin=stdin, stdout=stdout, stderr=stderr) as process:
        try:
            yield process
        finally:
            process.kill()
