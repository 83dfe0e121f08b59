"""The interface between the proxy and a speech engine."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from proxy.audio.samples import Samples


@dataclass(frozen=True)
class SynthesisParameters:
    """What to say and how; the engine chooses where a value is None. `request_id` is only for its log.

    `encoder_delay` is the audio, in seconds, that the encoder buffers before it emits any: the engine sends that much
    ahead, so that playback does not underrun. A `plain` text is read as it stands; `lexicon` has words and what is read
    in their place. A `spoken` text has sentences in words already, one a line, as `SentenceStart.spoken` is.
    """

    text: str
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    retries: int | None = None
    seed: int | None = None
    encoder_delay: float | None = None
    plain: bool | None = None
    spoken: bool | None = None
    lexicon: Mapping[str, str] | None = None
    request_id: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens that a request has used so far."""

    prompt_tokens: int
    audio_tokens: int


@dataclass(frozen=True)
class SentenceStart:
    """The start of a sentence: its first `sample` in the clip, and its span `[start, end)` in code points.

    `spoken` is what the model reads for it; it is empty if the engine does not send it.
    """

    index: int
    sample: int
    start: int
    end: int
    spoken: str = ""


@dataclass(frozen=True)
class SentenceEnd:
    """The end of a sentence that a pause follows: the first `sample` of the pause."""

    index: int
    sample: int


@dataclass(frozen=True)
class SentenceFlag:
    """A sentence that went wrong: it is `truncated`, or it is `silent` and was left out."""

    index: int
    flag: str


@dataclass(frozen=True)
class AudioChunk:
    """The next part of a clip: mono 16-bit `samples`, shape [n], at `rate` Hz, and the sentences that begin in it.

    `flags` are the sentences found to have gone wrong; the last chunk may have flags only. `checkpoint` names the
    weights in use; it is empty if the engine does not send it. `ends` has the sentences in it that a pause follows; any
    other ends where the next one begins.
    """

    samples: Samples
    rate: int
    usage: Usage
    sentences: tuple[SentenceStart, ...] = ()
    checkpoint: str = ""
    flags: tuple[SentenceFlag, ...] = ()
    ends: tuple[SentenceEnd, ...] = ()


class Synthesizer(Protocol):
    """A speech engine."""

    def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        """Yield the clip chunk by chunk while it is made.

        Ends normally only after the complete clip; otherwise raises an `ApiError`. Closing the generator, or cancelling
        the task that waits for it, cancels the work in the engine.
        """
        ...

    async def check(self) -> None:
        """Return within a few seconds if the engine reports that it is ready; otherwise raise `ServiceUnavailable`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
