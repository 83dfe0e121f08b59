"""What a caller asks for."""

import hashlib
import math
from dataclasses import dataclass, field

from engine.errors import InvalidParameter

RETRY_TEMPERATURE = 0.3
"""The temperature of a retry where the request's own is 0: drawn at 0 again, nothing would change."""


@dataclass(frozen=True)
class SamplingParameters:
    """How tokens are drawn; the defaults are upstream's. Raises `InvalidParameter` for values out of range."""

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 50
    repetition_penalty: float = 1.2
    retries: int = 1
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check every value once, where it enters."""
        _require("temperature", self.temperature, 0.0, 2.0)
        _require("top_p", self.top_p, 0.0, 1.0)
        _require("top_k", self.top_k, 0, 1 << 31)
        _require("repetition_penalty", self.repetition_penalty, 0.1, 10.0)
        _require("retries", self.retries, 0, 10)
        if self.seed is not None:
            _require("seed", self.seed, -(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True)
class SpeechRequest:
    """A text to be spoken. Raises `InvalidParameter` for values out of range.

    `whole` asks for the clip in one piece, made as fast as it can be, not streamed. Of a stream, whoever passes it on
    may hold some seconds back, as encoders do: `encoder_delay` says how many, so that its listener does not run dry.
    """

    text: str
    sampling: SamplingParameters = field(default_factory=SamplingParameters)
    whole: bool = False
    encoder_delay: float = 0.0

    def __post_init__(self) -> None:
        """Check what has not been checked where it was made."""
        _require("encoder_delay", self.encoder_delay, 0.0, 1.0)

    def sentence_seed(self, index: int, attempt: int) -> int:
        """Return the seed of a sentence's noise, as a signed 64-bit number.

        It depends on the request alone, so that the same request sounds the same at any time.
        """
        origin = self.text if self.sampling.seed is None else str(self.sampling.seed)
        digest = hashlib.blake2b(f"{index}/{attempt}/{origin}".encode(errors="surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        raise InvalidParameter(f"{name} must be between {low} and {high}, not {value}")
