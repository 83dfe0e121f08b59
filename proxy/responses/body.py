"""Sending the headers and the body of one response."""

from collections.abc import Callable, Mapping

from starlette.types import Message, Send

from proxy.request_record import RequestRecord
from proxy.responses.slow_reader_timeout import SlowReaderTimeout


class Body:
    """Sends status 200, headers and body. Raises `ReaderStalled` when `slow_reader_timeout` is used up.

    `silence` returns the seconds of the clip before its first sound; None until the bytes of that sound are taken.
    """

    def __init__(
        self,
        send: Send,
        record: RequestRecord,
        slow_reader_timeout: SlowReaderTimeout,
        silence: Callable[[], float | None],
    ) -> None:
        self._send = send
        self._silence = silence
        self._record = record
        self._slow_reader_timeout = slow_reader_timeout

    async def start(self, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Send the status and the headers."""
        lines = {"content-type": content_type, **(headers or {})}
        raw = [(name.encode(), value.encode()) for name, value in lines.items()]
        await self._deliver({"type": "http.response.start", "status": 200, "headers": raw})

    async def write(self, data: bytes) -> None:
        """Send a part and wait until the client has read it. Parts must be small, since the server buffers them."""
        await self._deliver({"type": "http.response.body", "body": data, "more_body": True}, len(data))
        self._record.note_audio(self._silence())

    async def end(self) -> None:
        """Mark the body as complete. Without this call the server cuts the body by closing the connection."""
        await self._deliver({"type": "http.response.body", "body": b""})

    async def _deliver(self, message: Message, size: int = 0) -> None:
        async with self._slow_reader_timeout.wait_for(size):
            await self._send(message)
