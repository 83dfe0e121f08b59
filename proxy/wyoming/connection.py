"""One client of Wyoming.

    client  describe                              server  info
    client  ping {text}                           server  pong {text}
    client  synthesize {text, voice}              server  audio-start, audio-chunk …, audio-stop
    client  synthesize-start {voice},
            synthesize-chunk {text} …,
            synthesize {text, voice}: all of it,
            synthesize-stop                       server  audio-start, audio-chunk …, audio-stop, synthesize-stopped
                                                  server  error {text, code}, and the connection is closed

Home Assistant repeats a text that it has sent in chunks, for servers that take none. Other events are ignored. After an
error the connection is closed, since Home Assistant waits for audio until then.
"""

import asyncio
import logging
import uuid
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import NoReturn

from proxy.errors import PROXY_FAILED, ApiError, InvalidValue, QueueFull, ServerError, ServiceUnavailable, first_error
from proxy.json_body import validated
from proxy.live.speech import LiveSpeech
from proxy.middleware.access import log_request
from proxy.request_record import RequestRecord
from proxy.responses.slow_reader_timeout import ReaderStalled, SlowReaderTimeout
from proxy.routers.live.options import LiveRequest, live_options
from proxy.services import Services
from proxy.wyoming.events import Event, Synthesize, SynthesizeChunk, Voice, read_event
from proxy.wyoming.info import INFO

ROUTE = "wyoming"
"""How clips are counted in the metrics."""

RATE = 32000
"""Hz, as the model makes them; Home Assistant converts them to what its players want."""

_DESCRIPTION = {"rate": RATE, "width": 2, "channels": 1}
_MOST_WAITING = 8  # texts of a client that are to be spoken; it is not heard while there are more
_CLOSE_SECONDS = 5.0

log = logging.getLogger(__name__)


class _ClientLeft(Exception):
    """The client has closed the connection."""


class _Stopped(Exception):
    """The server stops, and everything that was written has been said."""


@dataclass(frozen=True)
class _Utterance:
    speech: LiveSpeech
    in_chunks: bool


class Connection:
    """Serves one client until it leaves, or until the server stops."""

    def __init__(
        self,
        services: Services,
        stopping: asyncio.Event,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._services = services
        self._stopping = stopping
        self._reader = reader
        self._writer = writer
        self._utterances: asyncio.Queue[_Utterance] = asyncio.Queue(_MOST_WAITING)
        self._written: LiveSpeech | None = None  # the text that comes in chunks
        self._sending = asyncio.Lock()
        settings = services.settings
        self._slow_reader = SlowReaderTimeout(settings.reader_deadline, settings.reader_pace)
        self._idle = asyncio.timeout(settings.live_idle_deadline)

    async def run(self) -> None:
        """Serve the client, and close the connection."""
        error: ApiError | None = None
        try:
            async with asyncio.timeout(self._services.settings.live_deadline), self._idle, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive())
                tasks.create_task(self._speak())
                tasks.create_task(self._stop())
        except* (_ClientLeft, _Stopped, ReaderStalled, ConnectionError, TimeoutError):
            pass
        except* ApiError as group:
            error = first_error(group)
        except* Exception:
            log.exception("a Wyoming connection failed")
            error = ServerError(PROXY_FAILED)
        finally:
            await self._close(error)

    async def _receive(self) -> NoReturn:
        limit = self._services.settings.max_body_bytes
        while event := await read_event(self._reader, limit):
            self._note_activity()
            await self._take(event)
        raise _ClientLeft

    async def _take(self, event: Event) -> None:
        match event.type:
            case "describe":
                await self._send(INFO)
            case "ping":
                await self._send(Event("pong", {"text": event.data.get("text")}))
            case "synthesize":
                await self._synthesize(validated(Synthesize, event.data))
            case "synthesize-start":
                if self._written:
                    raise InvalidValue("type", "send synthesize-stop before another synthesize-start.")
                self._written = await self._begin(validated(Synthesize, event.data).voice, in_chunks=True)
            case "synthesize-chunk":
                self._writing(event.type).append(validated(SynthesizeChunk, event.data).text)
            case "synthesize-stop":
                self._writing(event.type).end()
                self._written = None

    async def _synthesize(self, request: Synthesize) -> None:
        if self._written is None:
            speech = await self._begin(request.voice, in_chunks=False)
            speech.append(request.text)
            speech.end()
        elif not self._written.record.characters:
            self._written.append(request.text)

    def _writing(self, event: str) -> LiveSpeech:
        if self._written is None:
            raise InvalidValue("type", f"send synthesize-start before {event}.")
        return self._written

    async def _begin(self, voice: Voice | None, *, in_chunks: bool) -> LiveSpeech:
        """Make a speech, which is read when those before have ended."""
        if self._stopping.is_set():
            raise ServiceUnavailable("The server is stopping; connect again.")
        fields = {"voice": voice and voice.name, "response_format": "pcm", "sample_rate": RATE}
        options = live_options(validated(LiveRequest, fields), self._services)
        path = "synthesize-start" if in_chunks else "synthesize"
        record = RequestRecord(f"req_{uuid.uuid4().hex}", "WYOMING", path, route=ROUTE, live=True)
        speech = LiveSpeech(self._services, options, record)
        await self._utterances.put(_Utterance(speech, in_chunks))
        return speech

    async def _speak(self) -> None:
        while True:
            utterance = await self._utterances.get()
            try:
                with self._services.admission.permit():
                    self._services.buffer_budget.require_room()
                    await self._send_speech(utterance)
            except QueueFull as error:
                if not utterance.speech.finished:
                    self._note_refusal(utterance.speech.record, error)
                raise
            self._utterances.task_done()

    async def _send_speech(self, utterance: _Utterance) -> None:
        begun = False
        async with aclosing(utterance.speech.pieces()) as pieces:
            async for piece in pieces:
                if piece.data and not begun:
                    await self._send(Event("audio-start", _DESCRIPTION))
                    begun = True
                if piece.data:
                    await self._send(Event("audio-chunk", _DESCRIPTION, piece.data))
        if not begun:  # there are no words in the text
            await self._send(Event("audio-start", _DESCRIPTION))
        await self._send(Event("audio-stop"))
        if utterance.in_chunks:
            await self._send(Event("synthesize-stopped"))

    def _note_refusal(self, record: RequestRecord, error: QueueFull) -> None:
        record.status, record.seconds = error.status, record.age
        self._services.metrics.observe(record)
        log_request(record)

    async def _stop(self) -> NoReturn:
        """When the server stops, have everything said that was written, and end."""
        await self._stopping.wait()
        if self._written:
            self._written.end()
        await self._utterances.join()
        raise _Stopped

    async def _send(self, event: Event) -> None:
        data = event.encoded()
        async with self._sending, self._slow_reader.wait_for(len(data)):
            self._writer.write(data)
            await self._writer.drain()
        self._note_activity()

    def _note_activity(self) -> None:
        if not self._idle.expired():
            self._idle.reschedule(asyncio.get_running_loop().time() + self._services.settings.live_idle_deadline)

    async def _close(self, error: ApiError | None) -> None:
        if error is not None:
            self._writer.write(Event("error", {"text": str(error), "code": error.code}).encoded())
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                with suppress(ConnectionError):
                    await self._writer.wait_closed()
        except TimeoutError:  # the client does not read
            self._writer.transport.abort()
