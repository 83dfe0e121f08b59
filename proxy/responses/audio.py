"""A clip as plain audio bytes."""

from proxy.errors import ApiError
from proxy.responses.backlog import Backlog
from proxy.responses.base import STREAM_HEADERS, ClipResponse
from proxy.responses.body import Body

HEADER_HOLD_SECONDS = 0.05
"""How long the response to a WAV request waits for the end of the clip, so that the header can state its size."""
HELD_CHARACTERS = 100
"""Longest text that waits; longer ones would not be complete in time even at a hundred times real time."""


class AudioResponse(ClipResponse):
    """Streams audio, or sends one body with Content-Length. An error after the first audio cuts the body."""

    async def deliver(self, pieces: Backlog, body: Body) -> None:
        """See `ClipResponse`."""
        complete = await self._is_complete(pieces)
        header = self.clip.header(pieces.size if complete else None)
        framing = {"content-length": str(len(header) + pieces.size)} if complete else STREAM_HEADERS
        await body.start(self.clip.format.content_type, framing | self.headers_of_clip)
        try:
            part = header + await pieces.take()
            while part:
                await body.write(part)
                part = await pieces.take()
        except ApiError as error:
            self.note_cut(error)
            return
        await body.end()

    async def _is_complete(self, pieces: Backlog) -> bool:
        """Whether the clip is complete, after a wait that depends on its format; its first bytes exist in any case."""
        if self.clip.whole:
            return await pieces.complete()
        await pieces.begin()
        states_length = self.clip.format.sized_header and self.clip.characters <= HELD_CHARACTERS
        return states_length and await pieces.complete(HEADER_HOLD_SECONDS)
