"""What the server tells of itself in Wyoming."""

from typing import Any

from proxy.catalog import VOICES
from proxy.wyoming.events import Event

_ARTIFACT: dict[str, Any] = {
    "attribution": {"name": "Soprano", "url": "https://github.com/ekwek1/soprano"},
    "installed": True,
    "version": None,
}

INFO = Event(
    "info",
    {
        "tts": [
            {
                **_ARTIFACT,
                "name": "soprano",
                "description": "Soprano",
                # Of the names that requests may use, one is enough to choose from: they stand for the same speaker.
                "voices": [
                    {**_ARTIFACT, "name": VOICES[0], "description": VOICES[0].capitalize(), "languages": ["en"]},
                ],
                "supports_synthesize_streaming": True,
            }
        ]
    },
)
"""The answer to `describe`."""
