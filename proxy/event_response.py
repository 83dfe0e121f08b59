"""A clip as server-sent events, in OpenAI's form."""

import json
from base64 import b64encode
from dataclasses import asdict

from proxy.admission import Admission
from proxy.api_types import SpeechUsage
from proxy.audio_response import header
from proxy.body import Body
from proxy.clip import Clip
from proxy.clip_response import STREAM_HEADERS, ClipResponse
from proxy.errors import ApiError, ServerError
from proxy.readahead import Readahead

CONTENT_TYPE = "text/event-stream; charset=utf-8"


class EventResponse(ClipResponse):
    """Sends `speech.audio.delta` events and at the end one `speech.audio.done`, or one `speech.audio.error`.

    With `timestamps`, a `speech.audio.sentence` follows the last audio of each sentence.
    """

    def __init__(self, clip: Clip, admission: Admission, *, reader_deadline: float, timestamps: bool = False) -> None:
        super().__init__(clip, admission, reader_deadline=reader_deadline)
        self._timestamps = timestamps

    async def deliver(self, pieces: Readahead, body: Body) -> None:
        """See `ClipResponse`."""
        piece = await pieces.take()
        size = len(piece) if self.clip.whole else None
        piece = header(self.clip.format, size) + piece
        await body.start(CONTENT_TYPE, STREAM_HEADERS)
        while piece:
            await self._send(body, "delta", audio=b64encode(piece).decode())
            await self._send_sentences(body)
            try:
                piece = await pieces.take()
            except ApiError as error:
                self.note_cut(error)
                await self._send_error(body, error)
                return
            except Exception:
                await self._send_error(body, ServerError("The proxy failed; its log tells why."))
                raise
        await self._send_sentences(body)
        await self._send(body, "done", usage=SpeechUsage.of(self.clip.usage).model_dump())
        await body.end()

    async def _send_error(self, body: Body, error: ApiError) -> None:
        await self._send(body, "error", **error.body())
        await body.end()

    async def _send_sentences(self, body: Body) -> None:
        while self._timestamps and self.clip.sentences:
            await self._send(body, "sentence", **asdict(self.clip.sentences.pop(0)))

    async def _send(self, body: Body, kind: str, **fields: object) -> None:
        event = json.dumps({"type": f"speech.audio.{kind}", **fields}, separators=(",", ":"))
        await body.write(f"data: {event}\n\n".encode())
