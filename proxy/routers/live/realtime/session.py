"""The settings of a session: how its responses sound."""

import re
from dataclasses import dataclass, replace
from typing import Any, Self

from proxy.json_body import validated
from proxy.live.speech import LiveOptions
from proxy.routers.live.options import LiveRequest, live_options
from proxy.routers.live.realtime.client_events import OutputFormat, SpeechSettings
from proxy.services import Services

PCM = OutputFormat(type="audio/pcm", rate=24000)

_OPENAI_MODEL = re.compile(r"gpt-(?:4o-(?:mini-)?)?(?:realtime|audio)(?:-.*)?")
"""Models that OpenAI serves at this route, which stand for the model here as the names of its speech models do."""


@dataclass(frozen=True)
class Session:
    """The settings that hold for the responses that follow."""

    model: str = "soprano"
    instructions: str = ""
    format: OutputFormat = PCM
    voice: str = "soprano"
    speed: float = 1.0

    def changed(self, settings: SpeechSettings) -> Self:
        """The session with the settings that are given."""
        changes: dict[str, Any] = {"model": settings.model, "instructions": settings.instructions}
        if settings.audio is not None:
            output = settings.audio.output
            changes |= {"format": output.format, "voice": output.voice, "speed": output.speed}
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def options(self, services: Services) -> LiveOptions:
        """How a clip is spoken. Raises an `InvalidRequest` for what there is not."""
        fields = {
            "model": "soprano" if _OPENAI_MODEL.fullmatch(self.model) else self.model,
            "voice": self.voice,
            "speed": self.speed,
            "response_format": self.format.type.removeprefix("audio/"),
        }
        return live_options(validated(LiveRequest, fields), services)

    def body(self, session_id: str) -> dict[str, Any]:
        """The session, as clients see it."""
        output = {"format": self.format_body(), "voice": self.voice, "speed": self.speed}
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": self.model,
            "instructions": self.instructions,
            "output_modalities": ["audio"],
            "audio": {"output": output},
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
        }

    def format_body(self) -> dict[str, Any]:
        """The format of the audio, as clients see it."""
        return PCM.model_dump() if self.format.type == PCM.type else {"type": self.format.type}
