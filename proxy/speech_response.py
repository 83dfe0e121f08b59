"""The HTTP response that carries speech."""

import logging
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from proxy.audio_format import AudioFormat
from proxy.connection import ClientDisconnected, while_connected
from proxy.encoding import encoded
from proxy.errors import ApiError
from proxy.readahead import Readahead
from proxy.synthesis import SynthesisParameters, Synthesizer
from proxy.wav import wav_header

HEADER_HOLD_SECONDS = 0.05
"""How long a WAV header waits for the end of the clip, which it would like to state."""

log = logging.getLogger(__name__)


class SpeechResponse(Response):
    """Speaks, encodes and sends, from the moment it is returned by a route.

    Status 200 goes out with the first encoded audio and not before: an `ApiError` up to then propagates and becomes
    a real answer. Once audio was sent, an error cuts the body, so that the client sees that it is incomplete. A
    client that leaves, at any moment, takes the synthesis with it.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        parameters: SynthesisParameters,
        audio_format: AudioFormat,
        *,
        stream: bool,
    ) -> None:
        super().__init__(media_type=audio_format.content_type)
        self._synthesizer = synthesizer
        self._parameters = parameters
        self._format = audio_format
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  (ASGI's signature)
        """Answer the request."""
        try:
            await while_connected(receive, self._answer(send))
        except ClientDisconnected:
            log.info("Request %s: the client left; its synthesis is cancelled.", self._parameters.request_id)

    async def _answer(self, send: Send) -> None:
        chunks = self._synthesizer.synthesize(self._parameters)
        pieces = encoded(chunks, self._format, whole=not self._stream)
        async with aclosing(chunks), aclosing(Readahead(pieces)) as ahead:
            first = await ahead.take()
            if not self._stream:
                # Encoded as a whole, the clip comes in one piece.
                await self._send_whole(send, first)
                return
            if self._format.sized_header:
                first += await ahead.take_for(HEADER_HOLD_SECONDS)
                if ahead.ended:
                    await self._send_whole(send, first)
                    return
            await self._send_stream(send, first, ahead)

    async def _send_whole(self, send: Send, audio: bytes) -> None:
        body = self._header(len(audio)) + audio
        await self._send_start(send, content_length=len(body))
        await send({"type": "http.response.body", "body": body})

    async def _send_stream(self, send: Send, first: bytes, rest: Readahead) -> None:
        await self._send_start(send)
        piece = self._header(None) + first
        try:
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await rest.take()
        except ApiError as error:
            # Returning with the body unfinished makes the server close the connection without an end of the chunks.
            log.error("Request %s: cut after audio was sent: %s", self._parameters.request_id, error)  # noqa: TRY400
            return
        await send({"type": "http.response.body", "body": b""})

    async def _send_start(self, send: Send, content_length: int | None = None) -> None:
        headers = [(b"content-type", self._format.content_type.encode())]
        if content_length is not None:
            headers.append((b"content-length", str(content_length).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    def _header(self, audio_bytes: int | None) -> bytes:
        return wav_header(self._format.rate, audio_bytes) if self._format.sized_header else b""
