"""A voice behind its HTTP API, as anybody hears it."""

import base64
from dataclasses import dataclass

import httpx

from voices.errors import VoiceError
from voices.evaluation.audio_file import read
from voices.evaluation.sound import Sound

_TIMEOUT = 300.0  # seconds


@dataclass(frozen=True)
class Manner:
    """How a text is to be said."""

    audio_format: str = "pcm"
    speed: float = 1.0

    def __str__(self) -> str:
        return self.audio_format if self.speed == 1.0 else f"{self.audio_format}, speed {self.speed:g}"


@dataclass(frozen=True)
class TimedSound:
    """A clip of several sentences, and the seconds at which each of them begins."""

    sound: Sound
    begins: tuple[float, ...]


class Speaker:
    """A client of a server at `url`; a context manager. Every call raises `VoiceError`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False)

    def __enter__(self) -> "Speaker":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def say(self, text: str, manner: Manner = Manner()) -> Sound:
        """Return what a stream of the text sounds like."""
        body = self._ask(input=text, response_format=manner.audio_format, speed=manner.speed).content
        return read(body, manner.audio_format)

    def say_timed(self, text: str) -> TimedSound:
        """Return the samples as the model made them, with the beginnings of the sentences."""
        answer = self._ask(input=text, response_format="wav", stream=False, timestamps=True).json()
        sound = read(base64.b64decode(answer["audio"]), "wav")
        return TimedSound(sound, tuple(sentence["start"] for sentence in answer["sentences"]))

    def _ask(self, **options: object) -> httpx.Response:
        try:
            response = self._client.post("/v1/audio/speech", json={"model": "soprano", "voice": "soprano", **options})
        except httpx.TransportError as error:
            raise VoiceError(f"the server does not answer: {error}") from error
        if response.is_error:
            raise VoiceError(f"the server refuses with {response.status_code}: {response.text}")
        return response
