"""A clip as the bytes of its format."""

from proxy.body import Body
from proxy.clip_response import STREAM_HEADERS, ClipResponse
from proxy.errors import ApiError
from proxy.readahead import Readahead

HEADER_HOLD_SECONDS = 0.05
"""How long a WAV header waits for the end of the clip, which it would like to state."""
HELD_CHARACTERS = 100
"""Longer texts do not wait: even at a hundred times real time they are not complete by then."""


class AudioResponse(ClipResponse):
    """Sends audio as it is made, or as one body of stated length. An error after the first audio cuts the body."""

    async def deliver(self, pieces: Readahead, body: Body) -> None:
        """See `ClipResponse`."""
        first = await pieces.take()
        complete = self.clip.whole
        if self.clip.format.sized_header and not complete and self.clip.characters <= HELD_CHARACTERS:
            first += await pieces.take_for(HEADER_HOLD_SECONDS)
            complete = pieces.ended
        if complete:
            await body.send_whole(
                self.clip.format.content_type, self.clip.header(len(first)) + first, self.headers_of_clip
            )
        else:
            await self._stream(first, pieces, body)

    async def _stream(self, first: bytes, rest: Readahead, body: Body) -> None:
        await body.start(self.clip.format.content_type, STREAM_HEADERS | self.headers_of_clip)
        piece = self.clip.header(None) + first
        try:
            while piece:
                await body.write(piece)
                piece = await rest.take()
        except ApiError as error:
            self.note_cut(error)
            return
        await body.end()
