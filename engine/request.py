"""A request, as the caller makes it."""

import hashlib
import math
from dataclasses import dataclass, field

from engine.errors import InvalidParameter
from text.errors import InvalidLexicon
from text.lexicon import Lexicon, check_lexicon
from text.options import ReadingOptions

RETRY_TEMPERATURE = 0.3
"""The temperature of a retry if the request's own is 0: at 0, every attempt would sample the same tokens."""


@dataclass(frozen=True)
class SamplingParameters:
    """How tokens are sampled; the defaults are upstream's. Raises `InvalidParameter` for values out of range.

    A `temperature` of 0 takes the most probable token, a `top_k` of 0 means the whole vocabulary. The noise of a
    sentence depends on the `seed`, if there is one, and on the sentence as it is read: it sounds the same wherever it
    stands, and in whatever pieces a text is sent.
    """

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 50
    repetition_penalty: float = 1.2
    retries: int = 1
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        _require("temperature", self.temperature, 0.0, 2.0)
        _require("top_p", self.top_p, 0.0, 1.0)
        _require("top_k", self.top_k, 0, 1 << 31)
        _require("repetition_penalty", self.repetition_penalty, 0.1, 10.0)
        _require("retries", self.retries, 0, 10)
        if self.seed is not None:
            _require("seed", self.seed, -(1 << 63), (1 << 63) - 1)

    def sentence_seed(self, sentence: str, attempt: int) -> int:
        """Return the seed of the noise of a sentence, as a signed 64-bit number."""
        origin = f"{attempt}/{'' if self.seed is None else self.seed}/{sentence}"
        return int.from_bytes(hashlib.blake2b(origin.encode(), digest_size=8).digest(), "little", signed=True)


@dataclass(frozen=True)
class SpeechRequest:
    """A text to be spoken. Raises `InvalidParameter` for values out of range.

    With `whole`, the audio is one chunk at the end, optimised for throughput; without it, the audio is streamed.
    `encoder_delay` is the audio, in seconds, that an encoder behind the engine buffers: the engine emits that much more
    before it expects playback to start, so that playback does not underrun.

    With `plain`, the text is read as it stands (see `ReadingOptions`); None leaves that to the engine's settings. The
    entries of `lexicon` go before those of the engine's own. A `spoken` text has one sentence a line, as the
    model reads it: its caller has split it and put it into words already.
    """

    text: str
    sampling: SamplingParameters = field(default_factory=SamplingParameters)
    whole: bool = False
    encoder_delay: float = 0.0
    plain: bool | None = None
    lexicon: Lexicon = ()
    spoken: bool = False

    def __post_init__(self) -> None:
        """Check the values that `SamplingParameters` has not checked."""
        _require("encoder_delay", self.encoder_delay, 0.0, 1.0)
        try:
            check_lexicon(dict(self.lexicon))
        except InvalidLexicon as error:
            raise InvalidParameter(f"lexicon: {error}") from error

    def reading_options(self, *, plain: bool) -> ReadingOptions:
        """Return how the text is to be read; `plain` holds unless the request says otherwise."""
        return ReadingOptions(plain if self.plain is None else self.plain, self.lexicon, self.spoken)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        raise InvalidParameter(f"{name} must be between {low} and {high}, not {value}")
