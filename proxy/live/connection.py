"""One WebSocket of a live session: messages within deadlines, and the tasks that speak."""

import asyncio
import itertools
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn

from pydantic import BaseModel
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from proxy.errors import (
    PROXY_FAILED,
    ApiError,
    InvalidRequest,
    QueueFull,
    ServerError,
    ServiceUnavailable,
    SessionExpired,
    first_error,
)
from proxy.json_body import json_object
from proxy.live.speech import LiveOptions, LiveSpeech
from proxy.request_record import RequestRecord
from proxy.responses.slow_reader_timeout import ReaderStalled, SlowReaderTimeout
from proxy.services import Services

NORMAL, GOING_AWAY, POLICY_VIOLATION, INTERNAL_ERROR, SERVICE_RESTART, TRY_AGAIN_LATER = (
    1000,
    1001,
    1008,
    1011,
    1012,
    1013,
)
"""Codes with which a WebSocket is closed (RFC 6455, section 7.4, and its registry)."""

_CLOSE_SECONDS = 5.0
"""How long a client that does not read is waited for before its connection is closed."""

Message = dict[str, Any]

log = logging.getLogger(__name__)


class ClientLeft(Exception):
    """The client has closed the connection."""


class SessionComplete(Exception):
    """Everything has been said that this connection was for."""


class ServerStopping(Exception):
    """The server stops, and everything that was written has been said."""


class LiveConnection:
    """A WebSocket that was accepted. To be had from `live_connection`."""

    def __init__(self, websocket: WebSocket, services: Services, tasks: asyncio.TaskGroup) -> None:
        self.services = services
        self.request_id: str = websocket.state.request_id
        self._websocket = websocket
        self._tasks = tasks
        settings = services.settings
        self._idle_deadline = settings.live_idle_deadline
        self._reader = SlowReaderTimeout(settings.reader_deadline, settings.reader_pace)
        self._last_active = time.monotonic()
        self._clips = itertools.count(1)
        self._sending = asyncio.Lock()
        self._speeches: list[LiveSpeech] = []
        self._work: set[asyncio.Task[None]] = set()
        self.was_cut = False
        """Whether a server that stops has ended a text that its writer had not."""
        self._stopped = tasks.create_task(self._stop())

    async def messages(self) -> AsyncIterator[Message]:
        """Yield the client's messages, without an end.

        Raises `ClientLeft` when the client has closed the connection, `InvalidJson` for a message that is no JSON
        object, and `SessionExpired` if nothing came and nothing was sent for too long.
        """
        while True:
            yield json_object((await self._receive()).encode(), "message")
            await asyncio.sleep(0)  # others are served, too, however many messages have arrived

    def limit_idle(self, seconds: float | None) -> None:
        """End the session when it is idle for `seconds`, if the settings do not end it before."""
        if seconds is not None:
            self._idle_deadline = min(self._idle_deadline, seconds)

    def release(self) -> None:
        """End the watch for a stopping server, which would keep the connection open."""
        self._stopped.cancel()

    def complete(self) -> NoReturn:
        """End the session: all tasks are cancelled and the WebSocket is closed normally. To be called in any task.

        If the server has ended a text that its writer had not, the WebSocket is closed as by a server that stops.
        """
        raise ServerStopping if self.was_cut else SessionComplete

    async def send(self, message: BaseModel | Mapping[str, Any]) -> None:
        """Send a message; waits while the client does not read. Raises `ReaderStalled` if it takes too long."""
        text = message.model_dump_json() if isinstance(message, BaseModel) else json.dumps(message)
        await self._send(len(text), {"type": "websocket.send", "text": text})

    async def send_audio(self, data: bytes) -> None:
        """Send bytes as a binary message; otherwise as `send`."""
        await self._send(len(data), {"type": "websocket.send", "bytes": data})

    def start(self, work: Coroutine[Any, Any, None], *, endless: bool = False) -> asyncio.Task[None]:
        """Run a coroutine beside the others of this connection.

        What it raises ends the connection. A server that stops waits for it, unless it is `endless`.
        """
        task = self._tasks.create_task(work)
        if not endless:
            self._work.add(task)
            task.add_done_callback(self._work.discard)
        return task

    def speech(self, options: LiveOptions) -> LiveSpeech:
        """A new clip, with a log line of its own."""
        record: RequestRecord = self._websocket.state.record
        clip = RequestRecord(f"{self.request_id}-{next(self._clips)}", record.method, record.path, live=True)
        clip.route = getattr(self._websocket.scope.get("route"), "path", record.route)
        speech = LiveSpeech(self.services, options, clip)
        self._speeches = [each for each in self._speeches if not each.finished] + [speech]
        return speech

    async def _stop(self) -> None:
        """When the server stops, have everything said that was written, and end."""
        await self._websocket.state.stopping.wait()
        self.was_cut = not all(speech.has_ended for speech in self._speeches)
        for speech in self._speeches:
            speech.end()
        if self._work:
            await asyncio.wait(self._work)
        raise ServerStopping

    async def _receive(self) -> str:
        """The next message."""
        while True:
            idle = time.monotonic() - self._last_active
            try:
                async with asyncio.timeout(max(0.0, self._idle_deadline - idle)):
                    message = await self._websocket.receive()
            except TimeoutError as error:
                if time.monotonic() - self._last_active < self._idle_deadline:
                    continue  # something was said meanwhile
                raise SessionExpired(
                    f"Nothing was sent or spoken for {self._idle_deadline:g} seconds; connect again."
                ) from error
            if message["type"] == "websocket.disconnect":
                raise ClientLeft
            self._last_active = time.monotonic()
            text: str | None = message.get("text")
            return (message.get("bytes") or b"").decode(errors="replace") if text is None else text

    async def _send(self, size: int, message: Message) -> None:
        async with self._sending, self._reader.wait_for(size):
            await self._websocket.send(message)
        self._last_active = time.monotonic()


@asynccontextmanager
async def live_connection(
    websocket: WebSocket,
    services: Services,
    error_message: Callable[[ApiError], Mapping[str, Any]],
    *,
    subprotocol: str | None = None,
) -> AsyncIterator[LiveConnection]:
    """Accept a WebSocket, and close it at the end of the block, when all tasks of the connection have ended.

    An `ApiError` from the block, or from a task, is sent to the client as `error_message` writes it, and the WebSocket
    is closed with a code that tells who is to blame. When the client leaves, all tasks are cancelled. The session holds
    one permit, like a clip. Raises `QueueFull` before it accepts.
    """
    settings = services.settings
    with services.admission.permit(websocket.state.api_key):
        services.buffer_budget.require_room()
        await websocket.accept(subprotocol)
        error: ApiError | None = None
        code = NORMAL
        connected, seconds = True, _CLOSE_SECONDS
        try:
            async with asyncio.timeout(settings.live_deadline), asyncio.TaskGroup() as tasks:
                connection = LiveConnection(websocket, services, tasks)
                yield connection
                connection.release()
        except* SessionComplete:
            pass
        except* ServerStopping:
            code = SERVICE_RESTART
        except* asyncio.CancelledError:  # the server waits no longer
            code, seconds = SERVICE_RESTART, 0.0
        # The third is raised by what sends after another task has found that the client left.
        except* (ClientLeft, WebSocketDisconnect, WebSocketDisconnected, ReaderStalled):
            connected = False
        except* ApiError as group:
            error = first_error(group)
        except* TimeoutError:
            error = SessionExpired(f"The session has lasted {settings.live_deadline:g} seconds; connect again.")
        except* Exception:
            log.exception("live session failed", extra={"fields": {"request_id": websocket.state.request_id}})
            error = ServerError(PROXY_FAILED)
        if error is not None:
            code = _code(error)
        if connected:
            await _close(websocket, code, error_message(error) if error else None, seconds)


async def _close(websocket: WebSocket, code: int, last: Mapping[str, Any] | None, seconds: float) -> None:
    with suppress(WebSocketDisconnect, TimeoutError):  # the client has left, or does not read
        async with asyncio.timeout(seconds):
            if last is not None:
                await websocket.send_json(last)
            await websocket.close(code)


def _code(error: ApiError) -> int:
    match error:
        case SessionExpired():
            return GOING_AWAY
        case InvalidRequest():
            return POLICY_VIOLATION
        case QueueFull() | ServiceUnavailable():
            return TRY_AGAIN_LATER
    return INTERNAL_ERROR
