"""The body of one response, as it is sent."""

import asyncio
from collections.abc import Mapping

from starlette.types import Send

from proxy.request_record import RequestRecord


class ReaderStalled(Exception):
    """The client has left its audio unread for too long."""


class Body:
    """Sends status 200 and what follows. Raises `ReaderStalled` when nothing could be sent for `deadline` seconds."""

    def __init__(self, send: Send, record: RequestRecord, deadline: float) -> None:
        self._send = send
        self._record = record
        self._deadline = deadline

    async def start(self, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Send the status and the headers."""
        lines = {"content-type": content_type, **(headers or {})}
        raw = [(name.encode(), value.encode()) for name, value in lines.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})

    async def write(self, data: bytes) -> None:
        """Send a part."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._send({"type": "http.response.body", "body": data, "more_body": True})
        except TimeoutError as error:
            raise ReaderStalled from error
        if self._record.first_audio_seconds is None:
            self._record.first_audio_seconds = self._record.age

    async def end(self) -> None:
        """Say that this was all. A body that is not ended is cut: the server closes the connection."""
        await self._send({"type": "http.response.body", "body": b""})

    async def send_whole(self, content_type: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Send a body of known length."""
        await self.start(content_type, {"content-length": str(len(data)), **headers})
        await self.write(data)
        await self.end()
