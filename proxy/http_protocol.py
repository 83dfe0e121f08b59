"""The server's side of one connection: it does not wait for ever for a request, nor for the end of an answer."""

import asyncio
from typing import Any, ClassVar

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_SECONDS = 1.0
"""How much longer the connection waits for a body than its route, which can say what was wrong."""


class DeadlineProtocol(H11Protocol):
    """uvicorn's protocol, with a deadline for the head of a request, for its body, and for the rest of an answer.

    Of uvicorn's own deadlines there is one, for connections without a request; the first byte of one ends it.
    """

    request_deadline: ClassVar[float]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(*args, **kwargs)
        self._served = self.app
        self.app = self._serve
        self._timer: asyncio.TimerHandle | None = None
        self._awaited: object = None  # the client's state that the timer is for

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await(h11.IDLE, self.request_deadline)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of what has begun with `data`, if it is not complete."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it has begun already."""
        super().on_response_complete()
        if self.conn.trailing_data[0]:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection without a request, even if its client has not read the last answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._served(scope, receive, send)
        finally:
            # uvicorn closes the connection next, if the answer was cut.
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
        """A connection that is being closed would else wait until the client has read what it was sent."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._await(h11.MUST_CLOSE, self.request_deadline)


def protocol_with(deadline: float) -> type[DeadlineProtocol]:
    """The protocol, with this `deadline` in seconds; uvicorn makes one for each connection itself."""
    return type("Protocol", (DeadlineProtocol,), {"request_deadline": deadline})
