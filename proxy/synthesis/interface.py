"""What the proxy asks of a speech engine, wherever that is."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from proxy.audio.samples import Samples


@dataclass(frozen=True)
class SynthesisParameters:
    """What to say and how; None leaves a choice to the engine. `request_id` is only for its log.

    `encoder_delay` is the audio, in seconds, that the encoder buffers before it emits any: the engine sends that much
    ahead, so that playback does not underrun.
    """

    text: str
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    retries: int | None = None
    seed: int | None = None
    encoder_delay: float | None = None
    request_id: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens that a request has used so far."""

    prompt_tokens: int
    audio_tokens: int


@dataclass(frozen=True)
class SentenceStart:
    """Where a sentence begins: its `sample` in the clip, and its span `[start, end)` of the text, in code points."""

    index: int
    sample: int
    start: int
    end: int


@dataclass(frozen=True)
class SentenceFlag:
    """What the engine says of a sentence that went wrong: it is `truncated`, or was skipped because it is `silent`."""

    index: int
    flag: str


@dataclass(frozen=True)
class AudioChunk:
    """The next part of a clip: mono 16-bit `samples`, shape [n], at `rate` Hz, and the sentences that begin in it.

    `flags` holds what went wrong up to its end; the last chunk may have nothing else. `checkpoint` names the weights
    that speak; it is empty if the engine does not tell.
    """

    samples: Samples
    rate: int
    usage: Usage
    sentences: tuple[SentenceStart, ...] = ()
    checkpoint: str = ""
    flags: tuple[SentenceFlag, ...] = ()


class Synthesizer(Protocol):
    """A speech engine."""

    def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """The clip, chunk by chunk, as it is made.

        Ends only after the whole clip; raises an `ApiError` otherwise. Closing the generator (`aclose`, or cancelling
        the task that waits for it) cancels the work at the engine.
        """
        ...

    async def check(self) -> None:
        """Return if the engine says that it is ready; raise `ServiceUnavailable` otherwise, within a few seconds."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
