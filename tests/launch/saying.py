"""A `soprano say` that runs beside the test."""

import signal
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
    """Start it; it is killed at the end of the block if it has not ended by then."""
    # In the background of a script, Ctrl-C is ignored, also by the programs started from there.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen([SOPRANO, "say", *arguments], stdin=stdin, stdout=stdout, stderr=stderr)
    finally:
        signal.signal(signal.SIGINT, previous)
    with process:
        try:
            yield process
        finally:
            process.kill()
