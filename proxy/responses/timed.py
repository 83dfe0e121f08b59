"""A clip as one JSON object, with the time of every sentence."""

from base64 import b64encode

from proxy.api_types import SpeechUsage, TimedSpeech
from proxy.errors import ApiError
from proxy.responses.backlog import Backlog
from proxy.responses.base import ClipResponse
from proxy.responses.body import Body

CONTENT_TYPE = "application/json"


class TimedResponse(ClipResponse):
    """Sends a `TimedSpeech`; the clip is encoded as a whole."""

    async def deliver(self, pieces: Backlog, body: Body) -> None:
        """See `ClipResponse`."""
        await pieces.complete()
        header = self.clip.header(pieces.size)
        before, after = self._around_audio()
        audio_size = len(header) + pieces.size
        size = len(before) + (audio_size + 2) // 3 * 4 + len(after)
        await body.start(CONTENT_TYPE, {"content-length": str(size), **self.headers_of_clip})
        try:
            await body.write(before)
            await _write_base64(header, pieces, body)
        except ApiError as error:
            self.note_cut(error)
            return
        await body.write(after)
        await body.end()

    def _around_audio(self) -> tuple[bytes, bytes]:
        """The JSON before and after the audio."""
        clip = self.clip
        speech = TimedSpeech(
            audio="",
            content_type=clip.format.content_type,
            sample_rate=clip.format.rate,
            duration=clip.seconds,
            sentences=clip.sentences,
            usage=SpeechUsage.of(clip.usage),
            warnings=clip.warnings or None,
        )
        left_out = None if clip.warnings else {"warnings"}
        before, quote, after = speech.model_dump_json(exclude=left_out).encode().partition(b'"audio":"')
        return before + quote, after


async def _write_base64(header: bytes, pieces: Backlog, body: Body) -> None:
    """Write the audio part by part, because a whole clip as one base64 string would take several times its size."""
    left = header
    while part := await pieces.take():
        data = left + part
        whole = len(data) // 3 * 3
        left = data[whole:]
        await body.write(b64encode(data[:whole]))
    await body.write(b64encode(left))
