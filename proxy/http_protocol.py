"""The server's side of one HTTP connection, with deadlines for requests and responses."""

import asyncio
from typing import Any, ClassVar

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_SECONDS = 1.0
"""Seconds that the connection waits for a body longer than its route does; the route can send a proper error."""


class DeadlineProtocol(H11Protocol):
    """uvicorn's protocol, with deadlines for the head and the body of a request and for the end of a cut response.

    uvicorn itself has only a deadline for idle connections, which no longer applies once a request's first byte came.
    """

    request_deadline: ClassVar[float]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(*args, **kwargs)
        self._served = self.app
        self.app = self._serve
        self._timer: asyncio.TimerHandle | None = None
        self._awaited: object = None  # the h11 state of the client that the timer limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline for the first request's head."""
        super().connection_made(transport)
        self._await(h11.IDLE, self.request_deadline)

    def data_received(self, data: bytes) -> None:
        """Start the deadline for the rest of the head or body, unless `data` completes it."""
        super().data_received(data)
        if self.transport.get_protocol() is self:
            self._watch()
        else:  # it has become a WebSocket
            self._stop()

    def on_response_complete(self) -> None:
        """Start the deadline for the next request if part of it has arrived already."""
        super().on_response_complete()
        if self.conn.trailing_data[0]:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline."""
        self._stop()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, even if its client has not read the last response."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._served(scope, receive, send)
        finally:
            # If the response was cut, uvicorn closes the connection right after this.
            self.loop.call_soon(self._limit_closing)

    def _watch(self) -> None:
        match self.conn.their_state:
            case h11.IDLE:
                self._await(h11.IDLE, self.request_deadline)
            case h11.SEND_BODY:
                self._await(h11.SEND_BODY, self.request_deadline + GRACE_SECONDS)
            case _:
                self._stop()

    def _await(self, state: object, seconds: float) -> None:
        if self._awaited is not state:
            self._stop()
            self._awaited = state
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._awaited = None

    def _limit_closing(self) -> None:
        """Limit how long a closing connection waits for its client to read the rest; asyncio sets no limit."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._await(h11.MUST_CLOSE, self.request_deadline)


def protocol_with(deadline: float) -> type[DeadlineProtocol]:
    """A protocol class with this `deadline` in seconds; uvicorn creates an instance for each connection."""
    return type("Protocol", (DeadlineProtocol,), {"request_deadline": deadline})
