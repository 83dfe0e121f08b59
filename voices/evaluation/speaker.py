"""A voice behind the HTTP API, as any client gets it."""

import base64
from dataclasses import dataclass

import httpx

from voices.errors import VoiceError
from voices.evaluation.audio_file import read
from voices.evaluation.sound import Sound

_TIMEOUT = 300.0  # seconds


@dataclass(frozen=True)
class SpeechOptions:
    """The format and speed of a request."""

    audio_format: str = "pcm"
    speed: float = 1.0

    def __str__(self) -> str:
        return self.audio_format if self.speed == 1.0 else f"{self.audio_format}, speed {self.speed:g}"


@dataclass(frozen=True)
class Clip:
    """The sound of a text, the time in seconds at which each sentence begins, and what the server warns of."""

    sound: Sound
    sentence_starts: tuple[float, ...] = (0.0,)
    warnings: tuple[str, ...] = ()


class Speaker:
    """A client of the server at `url`; a context manager. Every call raises `VoiceError`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False)

    def __enter__(self) -> "Speaker":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def say(self, text: str, options: SpeechOptions = SpeechOptions()) -> Sound:
        """Return the sound of a streamed clip of `text`."""
        body = self._request(input=text, response_format=options.audio_format, speed=options.speed).content
        return read(body, options.audio_format)

    def say_timed(self, text: str) -> Clip:
        """Return the model's own samples of `text`, with the beginnings of the sentences and the warnings."""
        answer = self._request(input=text, response_format="wav", stream=False, timestamps=True).json()
        return Clip(
            sound=read(base64.b64decode(answer["audio"]), "wav"),
            sentence_starts=tuple(sentence["start"] for sentence in answer["sentences"]),
            warnings=tuple(warning["message"] for warning in answer.get("warnings", ())),
        )

    def _request(self, **fields: object) -> httpx.Response:
        try:
            response = self._client.post("/v1/audio/speech", json={"model": "soprano", "voice": "soprano", **fields})
        except httpx.TransportError as error:
            raise VoiceError(f"the server does not answer: {error}") from error
        if response.is_error:
            raise VoiceError(f"the server refuses with {response.status_code}: {response.text}")
        return response
