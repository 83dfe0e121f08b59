"""Wyoming's events: a line of JSON each, and what it announces.

{"type": "audio-chunk", "data_length": 42, "payload_length": 4096}
42 bytes of JSON, whose fields may also stand in the line, as `data`
4096 bytes of audio
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from proxy.errors import BodyTooLarge
from proxy.json_body import json_object, validated


@dataclass(frozen=True)
class Event:
    """One event; those of clients are read without their payload, since none that matters here has one."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def encoded(self) -> bytes:
        """The event as it is sent."""
        data = json.dumps(self.data).encode()
        header = {"type": self.type, "data_length": len(data), "payload_length": len(self.payload)}
        return json.dumps(header).encode() + b"\n" + data + self.payload


class _Received(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Header(_Received):
    type: str
    data: dict[str, Any] | None = None
    data_length: Annotated[int, Field(ge=0)] | None = None
    payload_length: Annotated[int, Field(ge=0)] | None = None


class Voice(_Received):
    """The voice that a client asks for; without a name it is any."""

    name: str | None = None


class Synthesize(_Received):
    """The data of the events that begin to speak; `synthesize-start` has no text."""

    text: str = ""
    voice: Voice | None = None


class SynthesizeChunk(_Received):
    """A piece of a text that is still being written."""

    text: str


async def read_event(reader: asyncio.StreamReader, max_bytes: int) -> Event | None:
    """The next event, None at the end of the stream.

    Raises `InvalidJson` and `InvalidValue`, and `BodyTooLarge` for more than `max_bytes`; the limit of the reader must
    be the same.
    """
    try:
        line = await reader.readuntil(b"\n")
        header = validated(_Header, json_object(line, "event"))
        size, payload_size = header.data_length or 0, header.payload_length or 0
        if size + payload_size > max_bytes:
            raise BodyTooLarge(max_bytes)
        data = json_object(await reader.readexactly(size), "event") if size else {}
        await reader.readexactly(payload_size)
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise BodyTooLarge(max_bytes) from error
    return Event(header.type, {**(header.data or {}), **data})
