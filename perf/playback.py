"""Measures when the audio of an encoded body could be played, and when it is heard."""

import io
import wave
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from measuring.stream import Arrival, Stream
from proxy.audio.formats import AUDIO_FORMATS, AudioFormat, FormatName
from proxy.audio.samples import Samples, joined
from proxy.audio.silence import SoundDetector

_SAMPLE_BYTES: Mapping[FormatName, int] = {"pcm": 2, "pcmu": 1, "pcma": 1}
"""For the formats that are nothing but samples."""

_UNKNOWN_SIZE = 0xFFFFFFFF
_MAGIC = {"flac": b"fLaC", "opus": b"OggS", "wav": b"RIFF"}


class Unplayable(Exception):
    """A body is not valid audio in its format; `str()` says why."""


class PlaybackMeter:
    """Measures how many seconds of one body could be played at each time.

        meter = PlaybackMeter("mp3", sent=time.perf_counter())
        for piece in body:
            meter.take(time.perf_counter(), piece)
        stream = meter.finish()

    A piece counts with the audio that it completes: whole frames in mp3, aac and flac, whole pages in opus, samples in
    the others. A piece that completes nothing does not count as an arrival. The body is decoded at the end, when the
    server is idle.
    """

    def __init__(self, audio_format: FormatName, sent: float) -> None:
        self._format = audio_format
        self._sent = sent
        self._pieces: list[tuple[float, bytes]] = []

    def take(self, time: float, piece: bytes) -> None:
        """Add a piece that arrived at `time`."""
        self._pieces.append((time, piece))

    def finish(self) -> Stream:
        """Return the stream after the end of the body.

        Raises `Unplayable` if the body has no audio, is damaged, or ends in the middle of a frame.
        """
        body = b"".join(piece for _, piece in self._pieces)
        decoded = _decoded(self._format, body)
        arrivals = []
        received, played = 0, 0.0
        for time, piece in self._pieces:
            received += len(piece)
            if (seconds := decoded.playable(received)) > played:
                arrivals.append(Arrival(time, seconds - played))
                played = seconds
        if not arrivals:
            raise Unplayable(f"there is no audio in {len(body)} bytes of {self._format}")
        return Stream(self._sent, tuple(arrivals), decoded.silence)


@dataclass(frozen=True)
class _Decoded:
    """`playable` maps a number of received bytes to the seconds that can be played; `silence` is that of `Stream`."""

    playable: Callable[[int], float]
    silence: float | None = None


def _decoded(audio_format: FormatName, body: bytes) -> _Decoded:
    magic = _MAGIC.get(audio_format, b"")
    if body[: len(magic)] != magic[: len(body)]:
        raise Unplayable(f"a body of {audio_format} does not begin with {body[: len(magic)]!r}")
    if audio_format in _SAMPLE_BYTES:
        sample_bytes, rate = _SAMPLE_BYTES[audio_format], AUDIO_FORMATS[audio_format].rate
        if len(body) % sample_bytes:
            raise Unplayable("the last sample is incomplete")
        samples = _raw_samples(AUDIO_FORMATS[audio_format], body)
        return _Decoded(lambda size: size / sample_bytes / rate, _silence(samples, rate))
    if audio_format == "wav":
        return _wav_samples(body)
    ends, totals = [], [0.0]
    detector: SoundDetector | None = None
    for end, frames in _FRAMES[audio_format](body):
        ends.append(end)
        totals.append(totals[-1] + sum(frame.samples / frame.sample_rate for frame in frames))
        for frame in frames:
            detector = detector or SoundDetector(frame.sample_rate)
            if detector.first is None:
                detector.add(_samples(frame))
    return _Decoded(lambda size: totals[bisect_right(ends, size)], detector.seconds if detector else None)


def _samples(frame: av.AudioFrame) -> Samples:
    """Return the samples of a mono frame; of others, those of the first channel."""
    samples: NDArray[np.int16 | np.float32] = frame.to_ndarray()[0]
    scale = 1 if samples.dtype == np.int16 else 32767
    return (scale * samples).astype(np.int16)


def _raw_samples(audio_format: AudioFormat, body: bytes) -> Samples:
    """Return the samples of a body that is nothing else."""
    context = av.AudioCodecContext.create(audio_format.codec, "r")
    context.sample_rate = audio_format.rate
    context.layout = av.AudioLayout("mono")
    frames = context.decode(av.Packet(body)) if body else []
    return joined(np.zeros(0, dtype=np.int16), *map(_samples, frames))


def _silence(samples: Samples, rate: int) -> float | None:
    detector = SoundDetector(rate)
    detector.add(samples)
    return detector.seconds


def _wav_samples(body: bytes) -> _Decoded:
    file = io.BytesIO(body)
    try:
        with wave.open(file) as opened:
            begin = file.tell()
            is_ours = (opened.getnchannels(), opened.getsampwidth()) == (1, _SAMPLE_BYTES["pcm"])
            frame_bytes = opened.getnchannels() * opened.getsampwidth()
            size, rate = opened.getnframes() * frame_bytes, opened.getframerate()
    except EOFError:
        return _Decoded(lambda _: 0.0)
    except wave.Error as error:
        raise Unplayable(f"a WAV file cannot be played: {error}") from error
    is_known = size < _UNKNOWN_SIZE - frame_bytes
    if is_known and len(body) < begin + size:
        raise Unplayable(f"a WAV file lacks the last {begin + size - len(body)} bytes")
    count = min(len(body) - begin, size) // frame_bytes
    silence = _silence(np.frombuffer(body, "<i2", count, begin), rate) if is_ours else None
    return _Decoded(lambda received: max(0, min(received - begin, size)) / frame_bytes / rate, silence)


def _parsed(codec: str, body: bytes) -> Iterator[tuple[int, list[av.AudioFrame]]]:
    """Yield the end of each packet, in bytes, and its frames, for formats without a container."""
    context = cast("av.AudioCodecContext", av.CodecContext.create(codec, "r"))
    end = 0
    try:
        for packet in context.parse(body):
            end += packet.size
            yield end, context.decode(packet)
        rest = context.parse(None)
    except av.error.FFmpegError as error:
        raise Unplayable(f"the body is not valid {codec}: {error}") from error
    if rest and end:
        raise Unplayable(f"the {codec} ends in the middle of a frame")


def _demuxed(container: str, body: bytes) -> Iterator[tuple[int, list[av.AudioFrame]]]:
    """Yield the end of each packet, in bytes, and its frames, for formats with a container."""
    end, following = 0, 0
    try:
        with av.open(io.BytesIO(body), "r", format=container) as opened:
            stream = opened.streams.audio[0]
            stream.codec_context.options = {"err_detect": "explode"}
            for packet in opened.demux(stream):
                if packet.pos is None or packet.pts is None:
                    continue
                if packet.pts != following:
                    raise Unplayable(f"the {container} lacks audio after {end} bytes")
                following = packet.pts + (packet.duration or 0)
                frames = packet.decode()
                end = _page_end(body, packet.pos) if container == "ogg" else packet.pos + packet.size
                yield end, frames
    except (av.error.FFmpegError, IndexError) as error:
        if end:
            raise Unplayable(f"the {container} is damaged or ends in the middle of a frame: {error}") from error
        return
    if end != len(body):
        raise Unplayable(f"the {container} ends in the middle of a frame")


def _page_end(body: bytes, begin: int) -> int:
    """Return where an Ogg page ends (RFC 3533); libav gives a packet only the position of its page."""
    sizes = begin + 27
    data = sizes + body[begin + 26]
    return data + sum(body[sizes:data])


_FRAMES: Mapping[FormatName, Callable[[bytes], Iterator[tuple[int, list[av.AudioFrame]]]]] = {
    "mp3": lambda body: _parsed("mp3", body),
    "aac": lambda body: _parsed("aac", body),
    "flac": lambda body: _demuxed("flac", body),
    "opus": lambda body: _demuxed("ogg", body),
}
