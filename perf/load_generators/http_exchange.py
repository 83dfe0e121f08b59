"""One request for speech whose client may read slowly or leave, and the audio in its response."""

import asyncio
import json
import socket
import time
from base64 import b64decode
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from launch.errors import SpeechFailed
from perf.playback import PlaybackMeter
from proxy.audio.formats import FormatName
from proxy.audio.wav import HEADER_BYTES

SPEECH = "/v1/audio/speech"
_HOST = "127.0.0.1"
_KEPT_BYTES = 1 << 17  # of each end of a body that is not kept; the last event may list a thousand sentences
_SLOW_BUFFER = 4096  # bytes of a slow reader's socket buffer, so that the server is soon blocked
_LONGEST_READ = 65536
_EVENT = b"data: "
References = Mapping[tuple[str, FormatName], bytes]
"""The audio of texts that were spoken alone."""


class Ending(StrEnum):
    """How a request ended for its client."""

    COMPLETE = "complete"  # the body is complete
    CUT = "cut"  # the connection broke after the head of the response
    UNANSWERED = "unanswered"  # the connection was refused, or broke before a response
    LEFT = "left"  # the client disconnected
    LATE = "late"  # the client's patience ended


@dataclass(frozen=True)
class Client:
    """How a client behaves."""

    leaves_after: float | None = None
    """Seconds from sending until it disconnects."""
    bytes_per_second: float | None = None
    """The speed at which it reads; None: without a limit."""
    patience: float = 120.0
    """Seconds until it counts the request as lost."""
    keeps_body: bool = True
    """Whether it keeps the whole body, or only its beginning and its end."""


@dataclass
class Exchange:
    """A request and its response; times in seconds by `time.perf_counter`."""

    sent: float
    ended: float = 0.0
    ending: Ending = Ending.UNANSWERED
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    """The whole body if it is kept; otherwise its first bytes followed by its last bytes."""
    size: int = 0
    first_piece: float | None = None
    problem: str = ""
    """The error that broke the connection."""

    @property
    def first_audio(self) -> float | None:
        """The time of the first bytes of a clip; None for an error, or if nothing came."""
        return self.first_piece if self.status == 200 else None

    @property
    def event_stream_ended(self) -> bool:
        """Whether the last server-sent event says that the clip is whole."""
        return b'data: {"type":"speech.audio.done"' in self.body[-_KEPT_BYTES:]


async def exchange(
    port: int,
    content: bytes,
    client: Client,
    *,
    content_type: str = "application/json",
    on_audio: Callable[[float], None] = lambda _: None,
) -> Exchange:
    """Post `content` to the speech API at `port` and return the result; never raises because of the server's behaviour.

    `on_audio` is called once, when the first bytes of a clip have arrived, with the time at which the request was sent.
    """
    result = Exchange(time.perf_counter())
    reply = _Reply(result, client, on_audio)
    limit = min(client.patience, client.leaves_after or client.patience)
    try:
        async with asyncio.timeout(limit):
            await reply.get(port, _request(port, content, content_type))
    except TimeoutError:
        result.ending = Ending.LEFT if limit == client.leaves_after else Ending.LATE
    except (OSError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError) as error:
        result.ending = Ending.UNANSWERED if result.status is None else Ending.CUT
        result.problem = f"{type(error).__name__}: {error}"
    finally:
        reply.hang_up()
        result.ended = time.perf_counter()
    return result


def _request(port: int, content: bytes, content_type: str) -> bytes:
    head = (
        f"POST {SPEECH} HTTP/1.1\r\nHost: {_HOST}:{port}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content


class _Reply:
    """Reads a response into `result`."""

    def __init__(self, result: Exchange, client: Client, on_audio: Callable[[float], None]) -> None:
        self._result = result
        self._client = client
        self._on_audio = on_audio
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, port: int, request: bytes) -> None:
        """Send the request and read the response. Raises `OSError` or `EOFError` for a cut, others for invalid HTTP."""
        slow = self._client.bytes_per_second is not None
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            if slow:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SLOW_BUFFER)
            await asyncio.get_running_loop().sock_connect(connection, (_HOST, port))
            # `readuntil` needs room for a whole head.
            reader, self._writer = await asyncio.open_connection(sock=connection, limit=_LONGEST_READ)
        except BaseException:
            connection.close()
            raise
        self._writer.write(request)
        await self._writer.drain()
        self._read_head(await reader.readuntil(b"\r\n\r\n"))
        async with aclosing(self._pieces(reader)) as pieces:
            async for piece in pieces:
                self._take(piece)
                if self._client.bytes_per_second is not None:
                    await asyncio.sleep(len(piece) / self._client.bytes_per_second)
        self._result.ending = Ending.COMPLETE

    def hang_up(self) -> None:
        """Close the connection at once, so that the server notices it; unread data is lost."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.transport.abort()

    def _read_head(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self._result.status = int(lines[0].split()[1])
        pairs = (line.partition(":") for line in lines[1:] if line)
        self._result.headers = {name.lower(): value.strip() for name, _, value in pairs}

    async def _pieces(self, reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
        headers = self._result.headers
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(await reader.readuntil(b"\r\n"), 16):
                async for piece in _exactly(reader, size):
                    yield piece
                await reader.readexactly(2)
            await reader.readuntil(b"\r\n")
        else:
            async for piece in _exactly(reader, int(headers["content-length"])):
                yield piece

    def _take(self, piece: bytes) -> None:
        result = self._result
        if result.first_piece is None:
            result.first_piece = time.perf_counter()
            if result.status == 200:
                self._on_audio(result.sent)
        result.size += len(piece)
        result.body += piece
        if not self._client.keeps_body and len(result.body) > 3 * _KEPT_BYTES:
            result.body = result.body[:_KEPT_BYTES] + result.body[-_KEPT_BYTES:]


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncGenerator[bytes]:
    """Yield `size` bytes as they arrive. Raises `EOFError` if there are fewer."""
    while size:
        piece = await reader.read(min(size, _LONGEST_READ))
        if not piece:
            raise EOFError(f"{size} bytes are missing at the end")
        size -= len(piece)
        yield piece


class Delivery(StrEnum):
    """How a clip is delivered."""

    STREAM = "stream"
    WHOLE = "whole"
    EVENTS = "sse"
    JSON = "json"  # whole, with timestamps


def is_whole(exchange: Exchange, delivery: Delivery) -> bool:
    """Whether the response is marked as complete, by its format of delivery."""
    complete = exchange.status == 200 and exchange.ending is Ending.COMPLETE
    return complete and (delivery is not Delivery.EVENTS or exchange.event_stream_ended)


def audio(body: bytes, delivery: Delivery) -> bytes:
    """Return the encoded audio. Raises `ValueError` for a body that does not fit `delivery`."""
    match delivery:
        case Delivery.EVENTS:
            events = [json.loads(line.removeprefix(_EVENT)) for line in body.split(b"\n\n") if line]
            return b"".join(b64decode(event["audio"]) for event in events if event["type"] == "speech.audio.delta")
        case Delivery.JSON:
            return b64decode(json.loads(body)["audio"])
        case _:
            return bytes(body)


def samples(encoded: bytes, audio_format: FormatName) -> NDArray[np.int16]:
    """Return the samples of a wav or pcm body, shape [n]. Raises `ValueError` if the last sample is incomplete."""
    if audio_format not in ("wav", "pcm"):
        raise ValueError(f"{audio_format} cannot be compared sample for sample")
    return np.frombuffer(encoded, np.dtype("<i2"), offset=HEADER_BYTES if audio_format == "wav" else 0)


def seconds(encoded: bytes, audio_format: FormatName) -> float:
    """Return the duration of a clip. Raises `Unplayable`."""
    meter = PlaybackMeter(audio_format, sent=0.0)
    meter.take(0.0, encoded)
    return meter.finish().audio


def speech(text: str, audio_format: FormatName, delivery: Delivery) -> bytes:
    """Return the body of a request; if the engine computes exactly, the response is the same every time."""
    fields: dict[str, object] = {"model": "soprano", "input": text, "response_format": audio_format, "seed": 1}
    match delivery:
        case Delivery.WHOLE:
            fields["stream"] = False
        case Delivery.EVENTS:
            fields["stream_format"] = "sse"
        case Delivery.JSON:
            fields |= {"stream": False, "timestamps": True}
    return json.dumps(fields).encode()


async def speak_alone(port: int, texts: Sequence[str], formats: Sequence[FormatName]) -> References:
    """Have each text spoken in each format, one request after the other. Raises `SpeechFailed` if one is not spoken."""
    references = {}
    for text in texts:
        for audio_format in formats:
            result = await exchange(port, speech(text, audio_format, Delivery.STREAM), Client())
            if not is_whole(result, Delivery.STREAM):
                answer = f"status {result.status}, {result.ending}"
                raise SpeechFailed(f"a text is not spoken, although no other request is open: {answer}")
            references[text, audio_format] = audio(bytes(result.body), Delivery.STREAM)
    return references
