"""What `soprano say` asks of the server."""

import math
from dataclasses import asdict, dataclass

from launch.errors import InvalidSetting


@dataclass(frozen=True)
class SpeechRequest:
    """The fields of the API's request; the server chooses those that are None. Raises `InvalidSetting`."""

    model: str = "soprano"
    voice: str | None = None
    response_format: str | None = None
    speed: float | None = None
    sample_rate: int | None = None
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    retries: int | None = None
    lexicon: dict[str, str] | None = None
    apply_text_normalization: str | None = None

    def __post_init__(self) -> None:
        for name, value in self.fields().items():
            option = f"--{name.replace('_', '-')}"
            if isinstance(value, float) and not math.isfinite(value):
                raise InvalidSetting(f"{option} must be a finite number, not {value}")
            if isinstance(value, str):
                require_unicode(option, value)

    def fields(self) -> dict[str, object]:
        """The fields that are set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def require_unicode(name: str, text: str) -> None:
    """Raise `InvalidSetting` unless `text` is Unicode: undecodable bytes of the command line become lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidSetting(f"{name} must be Unicode: check the encoding of your terminal") from error
