"""What a listener hears of an encoded body that comes piece by piece."""

from collections.abc import Callable, Mapping
from typing import Protocol, cast

import av
import av.error

from perf.load.flac_frames import FlacFrames
from perf.load.ogg_pages import OggPages
from perf.load.unplayable import Unplayable
from perf.load.wav_samples import WavSamples
from perf.stream import Arrival, Stream
from proxy.audio.formats import AUDIO_FORMATS, FormatName

_BYTES_PER_SAMPLE = 2


class _Player(Protocol):
    """Takes a body piece by piece and says how much more of it can be played."""

    def take(self, data: bytes) -> float:
        """Return seconds. Raises `Unplayable`."""

    def finish(self) -> None:
        """Raise `Unplayable` if something is missing at the end."""


class Ear:
    """Listens to one body: when how many seconds of it could be played.

        ear = Ear("mp3", sent=time.perf_counter())
        for piece in body:
            ear.hear(time.perf_counter(), piece)
        stream = ear.finish()

    A piece counts with what it completes: whole frames in mp3, aac and flac, whole pages in opus, samples in wav and
    pcm. One that completes nothing is no arrival.
    """

    def __init__(self, audio_format: FormatName, sent: float) -> None:
        self._format = audio_format
        self._sent = sent
        self._player = _PLAYERS[audio_format]()
        self._arrivals: list[Arrival] = []
        self._bytes = 0
        self._unplayable: Unplayable | None = None

    def hear(self, time: float, piece: bytes) -> None:
        """Take a piece that came at `time`."""
        self._bytes += len(piece)
        if self._unplayable:
            return
        try:
            seconds = self._player.take(piece)
        except Unplayable as error:
            self._unplayable = error
            return
        if seconds > 0:
            self._arrivals.append(Arrival(time, seconds))

    def finish(self) -> Stream:
        """Return what was heard, once the body has come to its end.

        Raises `Unplayable` if that is nothing, or if the body is damaged or is cut off in the middle of a frame.
        """
        if self._unplayable:
            raise self._unplayable
        if not self._arrivals:
            raise Unplayable(f"there is no audio in {self._bytes} bytes of {self._format}")
        self._player.finish()
        return Stream(self._sent, tuple(self._arrivals))


class _PcmSamples:
    def __init__(self) -> None:
        self._bytes = 0

    def take(self, data: bytes) -> float:
        self._bytes += len(data)
        return len(data) / _BYTES_PER_SAMPLE / AUDIO_FORMATS["pcm"].rate

    def finish(self) -> None:
        if self._bytes % _BYTES_PER_SAMPLE:
            raise Unplayable("the samples end with half of one")


class _Decoder:
    """Decodes with libav, whose parsers of these formats give each frame as soon as its last byte is there."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._context = cast("av.AudioCodecContext", av.CodecContext.create(codec, "r"))

    def take(self, data: bytes) -> float:
        try:
            frames = [frame for packet in self._context.parse(data) for frame in self._context.decode(packet)]
        except av.error.FFmpegError as error:
            raise Unplayable(f"what is said to be {self._codec} cannot be decoded: {error}") from error
        return float(sum(frame.samples / frame.sample_rate for frame in frames))

    def finish(self) -> None:
        if self._context.parse(None):
            raise Unplayable(f"the {self._codec} ends in the middle of a frame")


_PLAYERS: Mapping[FormatName, Callable[[], _Player]] = {
    "mp3": lambda: _Decoder("mp3"),
    "opus": OggPages,
    "aac": lambda: _Decoder("aac"),
    "flac": FlacFrames,
    "wav": WavSamples,
    "pcm": _PcmSamples,
}
