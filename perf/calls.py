"""What a `SeparateProcess` and its owner say to each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Purpose(Enum):
    """What becomes of a call's result, and whether it is about the process's object."""

    RUN = auto()  # the result goes back
    MAKE = auto()  # the result stays: it is the object
    USE = auto()  # the object is the first argument, the result goes back


@dataclass(frozen=True)
class Call:
    """A function to be called, found by its name in the other process."""

    purpose: Purpose
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """A call that raised: the error as a sentence, and the traceback where the error was not meant for a person."""

    message: str
    trace: str = ""
