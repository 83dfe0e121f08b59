"""The model and voice names that the proxy accepts."""

import re
from collections.abc import Collection, Iterable

from proxy.errors import InvalidValue, ModelNotFound

MODELS = ("soprano", "soprano-80m", "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""The model's own names, and OpenAI's, so that clients work unchanged."""

OPENAI_VOICES = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "fable",
    "onyx",
    "nova",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
VOICES = ("soprano", *OPENAI_VOICES)
"""All of them stand for the model's one speaker."""

ANY_NAME = "*"

_DATED = re.compile(r"(?P<model>.+?)-(\d{4}-\d{2}-\d{2}|\d{4})")
"""`gpt-4o-mini-tts-2025-03-20`, `tts-1-1106`."""


class Catalog:
    """The accepted names; the aliases are the operator's own, where `*` among the voices accepts any name."""

    def __init__(self, model_aliases: Iterable[str] = (), voice_aliases: Collection[str] = ()) -> None:
        self.models = [*MODELS, *sorted(set(model_aliases) - set(MODELS))]
        self.voices = [*VOICES, *sorted(set(voice_aliases) - {*VOICES, ANY_NAME})]
        self._accepts_any_voice = ANY_NAME in voice_aliases

    def require_model(self, name: str) -> None:
        """Raise `ModelNotFound` unless `name` is a model, an alias or a dated variant of a model."""
        dated = _DATED.fullmatch(name)
        if name not in self.models and not (dated and dated["model"] in MODELS):
            raise ModelNotFound(name, self.models)

    def require_voice(self, name: str) -> None:
        """Raise `InvalidValue` unless `name` is a voice or an alias."""
        if name not in self.voices and not self._accepts_any_voice:
            raise InvalidValue(
                "voice",
                f"there is no voice '{name}'. Use one of: {', '.join(self.voices)}; or name it in the server's "
                "setting SOPRANO_VOICE_ALIASES.",
            )
