"""The operator's settings: the checkpoint, the device, and the limits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.checkpoint.files import AUTO
from engine.errors import InvalidSettings
from text.errors import InvalidLexicon
from text.lexicon import Lexicon
from text.lexicon_file import read_lexicon
from text.sentences import MAX_CHARACTERS

PREFIX = "SOPRANO_"
DTYPES = ("auto", "float32", "bfloat16")
READINGS = ("spoken", "plain")

LONGEST_CHUNK_WAIT = 0.3
"""The longest interval between two decoder inputs of a stream in seconds, so that chunks come at a steady rate."""


@dataclass(frozen=True)
class EngineSettings:
    """The settings; each can be set by `SOPRANO_<NAME>` in the environment. Raises `InvalidSettings`."""

    checkpoint: str = AUTO
    """A directory, a repository of the Hugging Face hub (`ekwek/Soprano-1.1-80M`, `ekwek/Soprano-80M`, and `@REVISION`
    if need be), `builtin` (the small built-in voice), or `auto`: the first of these repositories or, if it cannot be
    downloaded, the built-in voice. The command `soprano` also takes `synthetic`, which makes noise."""
    device: str = "auto"
    """`auto` (a GPU if there is one), `cpu`, `cuda` or `cuda:N`."""
    dtype: str = "auto"
    """`auto` (bfloat16 if the processor has instructions for it, else float32), `float32` or `bfloat16`."""
    threads: int = 0
    """CPU threads for computation; 0 for the number of cores that the process or its container may use."""
    slots: int = 0
    """Sentences that are spoken at once: rows of a decode step. 0 for what suits the device: 64 on a CPU, and on a GPU
    as many as a quarter of its memory has room for, up to 1,024."""
    max_requests: int = 1024
    """The limit of open requests, active or queued; further requests are refused (429 from the proxy, UNAVAILABLE from
    Triton)."""
    max_characters: int = MAX_CHARACTERS
    """The limit of characters of one request to Triton; after normalisation the text may be four times as long."""
    prefill_tokens: int = 0
    """The limit of prompt tokens that are read at once, lower while streams are active; 0 for what suits the device."""
    buffered_seconds: float = 30.0
    """Seconds of audio that may wait for a slow reader, or for an earlier sentence, before its sentences pause.

    This does not limit slow clients of Triton: the model takes audio at once, and Triton buffers what a client has not
    read, 64 kB for each second, up to the whole clip. A proxy in front of Triton has to disconnect such clients.
    """
    chunk_wait: float = LONGEST_CHUNK_WAIT
    """The longest interval between two chunks of a stream in seconds; fewer, larger chunks cost less."""
    max_wait: float = 10.0
    """The limit of a new stream's estimated wait in seconds, when the stream capacity is used up; a stream that would
    wait longer is refused (429 from the proxy, UNAVAILABLE from Triton)."""
    first_audio_deadline: float = 60.0
    """Seconds after which a request without audio ends with an error: 504 from the proxy, UNAVAILABLE with `timeout:`
    from Triton."""
    engine_deadline: float = 5.0
    """Seconds without a report from the engine's loop after which its process is killed and replaced."""

    text: str = "spoken"
    """`spoken` puts everything that is written into words, as a narrator would; `plain` takes texts as they stand,
    without mark-up, tags or lexicons, for callers that normalise them. A request's own choice takes precedence."""
    lexicon: str = ""
    """A TOML file of words and what is read in their place, one `"nginx" = "engine x"` a line. It is read when the
    engine starts; the entries of a request go before it."""

    def __post_init__(self) -> None:
        """Check every value."""
        for name in ("max_requests", "max_characters"):
            if getattr(self, name) < 1:
                raise InvalidSettings(f"{PREFIX}{name.upper()} must be at least 1, not {getattr(self, name)}")
        for name in ("slots", "threads", "prefill_tokens"):
            if getattr(self, name) < 0:
                raise InvalidSettings(f"{PREFIX}{name.upper()} must be 0 or more, not {getattr(self, name)}")
        for name in ("buffered_seconds", "chunk_wait", "max_wait", "first_audio_deadline", "engine_deadline"):
            if not getattr(self, name) > 0:
                raise InvalidSettings(f"{PREFIX}{name.upper()} must be positive, not {getattr(self, name)}")
        if self.dtype not in DTYPES:
            raise InvalidSettings(f"{PREFIX}DTYPE must be auto, float32 or bfloat16, not {self.dtype!r}")
        if self.text not in READINGS:
            raise InvalidSettings(f"{PREFIX}TEXT must be spoken or plain, not {self.text!r}")

    @property
    def plain(self) -> bool:
        """Whether texts are taken as they stand."""
        return self.text == "plain"

    def read_lexicon(self) -> Lexicon:
        """Return the entries of the file `lexicon`. Raises `InvalidSettings`, which names the line or the word."""
        try:
            return read_lexicon(Path(self.lexicon)) if self.lexicon else ()
        except InvalidLexicon as error:
            raise InvalidSettings(f"{PREFIX}LEXICON: {error}") from error

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, overrides: Mapping[str, str] | None = None
    ) -> "EngineSettings":
        """Read the settings from `environment`; `overrides` have the names of the fields and take precedence."""
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
