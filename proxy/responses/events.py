"""A clip as server-sent events, in OpenAI's format."""

import asyncio
from base64 import b64encode
from typing import ClassVar

from proxy.api_types import ErrorDetail, SpeechUsage
from proxy.errors import PROXY_FAILED, ApiError, ServerError
from proxy.responses.backlog import Backlog
from proxy.responses.base import STREAM_HEADERS, ClipResponse
from proxy.responses.body import Body
from proxy.responses.event_types import AudioDelta, AudioDone, AudioError, AudioSentence, Event

CONTENT_TYPE = "text/event-stream; charset=utf-8"
LINGER_SECONDS = 1.0
"""How long the connection stays open after an error event, unless the client disconnects first."""


class EventResponse(ClipResponse):
    """Sends `speech.audio.delta` events, then one `speech.audio.done`; on failure one `speech.audio.error` and a cut.

    `TimedEventResponse` sends sentence events as well.
    """

    _timestamps: ClassVar[bool] = False

    async def deliver(self, pieces: Backlog, body: Body) -> None:
        """See `ClipResponse`."""
        whole = self.clip.whole and await pieces.complete()
        await pieces.begin()
        piece = self.clip.header(pieces.size if whole else None) + await pieces.take()
        await body.start(CONTENT_TYPE, STREAM_HEADERS | self.headers_of_clip)
        while piece:
            await _send(body, AudioDelta(audio=b64encode(piece).decode()))
            await self._send_sentences(pieces, body)
            try:
                piece = await pieces.take()
            except ApiError as error:
                self.note_cut(error)
                await _send_error(body, error)
                return
            except Exception as error:
                self.note_cut(error)
                await _send_error(body, ServerError(PROXY_FAILED))
                raise
        await self._send_sentences(pieces, body)
        await _send(body, AudioDone(usage=SpeechUsage.of(self.clip.usage), warnings=self.clip.warnings or None))
        await body.end()

    async def _send_sentences(self, pieces: Backlog, body: Body) -> None:
        while self._timestamps and pieces.sentences:
            await _send(body, AudioSentence(**pieces.sentences.pop(0).model_dump()))


class TimedEventResponse(EventResponse):
    """Also sends a `speech.audio.sentence` after the last audio of each sentence."""

    _timestamps = True


async def _send_error(body: Body, error: ApiError) -> None:
    await _send(body, AudioError(error=ErrorDetail(**error.body()["error"])))
    # The body is cut afterwards, because a client that does not know this event would take a clean end for the end of
    # the clip. A client that knows the event needs time to read it, since browsers drop unread data when a body is
    # cut, and then disconnects by itself.
    await asyncio.sleep(LINGER_SECONDS)


async def _send(body: Body, event: Event) -> None:
    # OpenAI's event has no key `warnings`, so it is sent only if there are any.
    left_out = {"warnings"} if isinstance(event, AudioDone) and event.warnings is None else None
    await body.write(f"data: {event.model_dump_json(exclude=left_out)}\n\n".encode())
