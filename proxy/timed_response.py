"""A clip as one JSON object, with the time of every sentence."""

from base64 import b64encode

from proxy.api_types import SpeechUsage, TimedSpeech
from proxy.body import Body
from proxy.clip_response import ClipResponse
from proxy.readahead import Readahead

CONTENT_TYPE = "application/json"


class TimedResponse(ClipResponse):
    """Sends a `TimedSpeech`; the clip is encoded as a whole."""

    async def deliver(self, pieces: Readahead, body: Body) -> None:
        """See `ClipResponse`."""
        audio = await pieces.take()
        clip = self.clip
        speech = TimedSpeech(
            audio=b64encode(clip.header(len(audio)) + audio).decode(),
            content_type=clip.format.content_type,
            sample_rate=clip.format.rate,
            duration=clip.seconds,
            sentences=clip.sentences,
            usage=SpeechUsage.of(clip.usage),
            warnings=clip.warnings or None,
        )
        left_out = None if clip.warnings else {"warnings"}
        await body.send_whole(CONTENT_TYPE, speech.model_dump_json(exclude=left_out).encode(), self.headers_of_clip)
