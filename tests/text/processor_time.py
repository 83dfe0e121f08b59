"""Measures how much processor time reading takes."""

import gc
import time
from collections.abc import Callable


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time of the faster of two runs, in seconds.

    The garbage collector is off: its time depends on all that the tests before have left in the process.
    """
    gc.disable()
    try:
        return min(_seconds(work) for _ in range(2))
    finally:
        gc.enable()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
