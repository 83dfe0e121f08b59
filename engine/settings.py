"""What an operator sets: where the weights are, on what they run, and how much may run at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.checkpoint.files import AUTO
from engine.errors import InvalidSettings
from text.sentences import MAX_CHARACTERS

PREFIX = "SOPRANO_"
DTYPES = ("auto", "float32", "bfloat16")

LONGEST_CHUNK_WAIT = 0.3
"""Seconds between two inputs of a stream, however far its listener is ahead, so that chunks come at a steady rate."""


@dataclass(frozen=True)
class EngineSettings:
    """Settings that check themselves; each may come from `SOPRANO_<NAME>` in the environment.

    Raises `InvalidSettings` for a value that cannot work.
    """

    checkpoint: str = AUTO
    """A directory, a repository of the Hugging Face hub (`ekwek/Soprano-1.1-80M`, `ekwek/Soprano-80M`, perhaps with
    `@REVISION`), `builtin` (the small voice in the box), or `auto`: the first of these repositories, or where it cannot
    be got, that voice. For `soprano`, also `synthetic`, which makes noise."""
    device: str = "auto"
    """`auto` (a GPU if there is one), `cpu`, `cuda` or `cuda:N`."""
    dtype: str = "auto"
    """`auto` (bfloat16 where the processor computes in it), `float32` or `bfloat16`."""
    threads: int = 0
    """CPU threads to compute with; 0 for the cores that the process or its container may use."""
    slots: int = 64
    """Sentences that are spoken at once."""
    max_requests: int = 1024
    """Requests that are open at once, running or waiting; more are refused (429 from the proxy, UNAVAILABLE from
    Triton)."""
    max_characters: int = MAX_CHARACTERS
    """Longest text of one request to Triton; read aloud, with its numbers in words, it may be four times as long."""
    prefill_tokens: int = 512
    """Prompt tokens that one step reads at most; fewer while somebody listens."""
    buffered_seconds: float = 30.0
    """Audio that may wait for a slow reader, or for an earlier sentence, before its sentences pause.

    Inside Triton every reader is fast: the model takes audio at once, and what a client leaves unread waits in Triton,
    64 kB for each second, bounded by the clip alone. There, whoever stands in front has to cut such clients off.
    """
    chunk_wait: float = LONGEST_CHUNK_WAIT
    """Seconds at most between two chunks of a stream; fewer, larger chunks cost less."""
    max_wait: float = 10.0
    """Seconds that a stream may be expected to wait for its turn, where the machine keeps no more ahead of their
    listeners; one that would wait longer is refused (429 from the proxy, UNAVAILABLE from Triton)."""
    first_audio_deadline: float = 60.0
    """Seconds after which a request without audio is given up: 504 from the proxy, UNAVAILABLE with `timeout:` from
    Triton."""
    engine_deadline: float = 5.0
    """Seconds that the engine's loop may be silent before its process is killed and another one takes over."""

    def __post_init__(self) -> None:
        """Check every value once, where it enters."""
        for name in ("slots", "max_requests", "max_characters", "prefill_tokens"):
            if getattr(self, name) < 1:
                raise InvalidSettings(f"{PREFIX}{name.upper()} must be at least 1, not {getattr(self, name)}")
        if self.threads < 0:
            raise InvalidSettings(f"{PREFIX}THREADS must be 0 or more, not {self.threads}")
        for name in ("buffered_seconds", "chunk_wait", "max_wait", "first_audio_deadline", "engine_deadline"):
            if not getattr(self, name) > 0:
                raise InvalidSettings(f"{PREFIX}{name.upper()} must be positive, not {getattr(self, name)}")
        if self.dtype not in DTYPES:
            raise InvalidSettings(f"{PREFIX}DTYPE must be auto, float32 or bfloat16, not {self.dtype!r}")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, overrides: Mapping[str, str] | None = None
    ) -> "EngineSettings":
        """Read the settings that are set; `overrides` are named like the fields and win over the environment."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = (overrides or {}).get(field.name) or environment.get(PREFIX + field.name.upper())
            if text:
                values[field.name] = _parse(field.name, text, type(field.default))
        return cls(**values)


def _parse(name: str, text: str, kind: type) -> object:
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidSettings(f"{PREFIX}{name.upper()}={text!r} is not a number") from error
