"""The facts about one request that are logged and counted; never its text."""

import re
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Ending(StrEnum):
    """How a request ended."""

    COMPLETE = "complete"
    LEFT = "left"  # the client closed the connection
    STALLED = "stalled"  # the client stopped reading
    CUT = "cut"  # the request failed after audio was sent


_LOGGABLE = re.compile(r"[\x21-\x7e]{1,64}")
"""Voice names that are logged: those that cannot be a text or imitate another field."""

CLIENT_LEFT = 499
"""nginx's status for a request whose client disconnected before it had a response."""


@dataclass
class RequestRecord:
    """Filled in while the request runs; seconds count from its arrival."""

    request_id: str
    method: str
    path: str
    begun: float = field(default_factory=time.monotonic)
    route: str = "unmatched"
    status: int = CLIENT_LEFT
    ending: Ending = Ending.COMPLETE
    voice: str = ""  # as it was asked for
    format: str = ""
    characters: int = 0
    first_audio_seconds: float | None = None
    first_sound_seconds: float | None = None
    """Until somebody who plays the clip as it comes hears its first sound: that was sent, and the silence before it has
    been played."""
    audio_seconds: float = 0.0
    cancel_seconds: float | None = None  # from the client's disconnection until its synthesis was cancelled
    retried: bool = False  # because its engine was lost before any audio was sent
    warnings: list[str] = field(default_factory=list)  # one for each sentence that was not spoken completely
    seconds: float = 0.0
    live: bool = False  # it took as long as the text to be written

    @property
    def age(self) -> float:
        """Seconds since the request arrived."""
        return time.monotonic() - self.begun

    def note_audio(self, silence: float | None) -> None:
        """Note that audio was sent; `silence` are the seconds of the clip before its first sound, if that was sent."""
        if self.first_audio_seconds is None:
            self.first_audio_seconds = self.age
        if self.first_sound_seconds is None and silence is not None:
            self.first_sound_seconds = max(self.age, self.first_audio_seconds + silence)

    def fields(self) -> dict[str, object]:
        """The fields of the log line; those that do not apply are left out."""
        values: dict[str, Any] = {
            "request_id": self.request_id,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "seconds": round(self.seconds, 4),
        }
        if _LOGGABLE.fullmatch(self.voice):
            values["voice"] = self.voice
        if self.format:
            values |= {
                "ending": str(self.ending),
                "format": self.format,
                "characters": self.characters,
                "audio_seconds": round(self.audio_seconds, 3),
            }
        if self.retried:
            values["retried"] = True
        if self.warnings:
            values["warnings"] = ",".join(self.warnings)
        if self.first_audio_seconds is not None:
            values["first_audio_seconds"] = round(self.first_audio_seconds, 4)
        if self.first_sound_seconds is not None:
            values["first_sound_seconds"] = round(self.first_sound_seconds, 4)
        return values
