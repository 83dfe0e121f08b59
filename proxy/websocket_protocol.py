"""The server's side of one WebSocket."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.http11 import Request

CLOSE_SECONDS = 10.0
"""How long a connection that was closed waits for its client."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which lets a session end by itself when the server stops.

    It sets the event `state.stopping` then; uvicorn itself would cut the connection. It writes none of uvicorn's log
    lines, which have the query, that may hold a secret, and no request id.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(*args, **kwargs)
        self.logger = logging.getLogger(__name__)
        self.logger.setLevel(logging.WARNING)
        self.conn.logger = self.logger
        self.close_timeout = CLOSE_SECONDS
        self._stopping = asyncio.Event()

    def handle_connect(self, event: Request) -> None:
        """Add the event to the state of the new session."""
        self.app_state = {**self.app_state, "stopping": self._stopping}
        super().handle_connect(event)

    def handle_ping(self) -> None:
        """Answer a ping, unless the client reads nothing: the answers would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def send_receive_event_to_app(self) -> None:
        """Pass a message on, if it is text as it says; uvicorn would log a traceback for one that is not."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_utf8(b"".join(self.frames)):
            self.conn.fail(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Limit how long the connection waits for its client to read the rest; asyncio sets no limit."""
        super().on_task_complete(task)
        self.loop.call_later(self.close_timeout, self._abort)

    def _abort(self) -> None:
        if not self.disconnected:  # asyncio's transport fails then
            self.transport.abort()

    async def send(self, message: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        """Send a message; a refusal completes the handshake, which uvicorn would miss and log.

        Raises `ClientDisconnected` as soon as the connection is being closed: uvicorn would go on writing into it.
        """
        await self.writable.wait()
        if self.handshake_complete and self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def shutdown(self) -> None:
        """Tell the session that the server stops. uvicorn waits for its end for as long as for that of a response."""
        if self.handshake_complete and not self.close_sent:
            self._stopping.set()
        else:
            super().shutdown()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
