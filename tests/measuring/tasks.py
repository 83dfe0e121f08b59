"""What a process of the benchmark is told to do in the tests."""

import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from engine.errors import InvalidSettings


class Counter:
    """Counts in the process that made it."""

    def __init__(self, start: int) -> None:
        self._count = start

    def add(self, number: int) -> tuple[int, int]:
        self._count += number
        return self._count, os.getpid()


class Unmakeable:
    def __init__(self) -> None:
        refuse()


def pid() -> int:
    return os.getpid()


def refuse() -> NoReturn:
    raise InvalidSettings("a sentence for a person")


def stumble() -> NoReturn:
    raise RuntimeError("stumbled")


def die() -> NoReturn:
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    os._exit(3)


def sleep(file: Path) -> None:
    """Write this process's id to `file`, and sleep for long."""
    file.write_text(str(os.getpid()))
    time.sleep(600)
