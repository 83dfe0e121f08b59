"""Where encoded audio can be cut, and how much of it lies before."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from launch.say.wav_sizes import HEADER_BYTES


@dataclass(frozen=True)
class Boundary:
    """Between two frames: so many `bytes` and `seconds` of the clip lie before."""

    bytes: int
    seconds: float


class Boundaries(Protocol):
    """The boundaries of a clip that is still being received."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the clip."""

    @property
    def last(self) -> Boundary:
        """The last one so far."""

    def after(self, seconds: float) -> Boundary | None:
        """The first one that has everything before it that the server made in the first `seconds`; None if there is
        none yet. Earlier ones are forgotten."""


def boundaries_of(encoding: str, rate: int, *, has_header: bool) -> Boundaries | None:
    """The boundaries of a clip, by the server's description of it; None if its format cannot be continued.

    `has_header` tells whether a clip that is WAV has one.
    """
    match encoding:
        case "mp3":
            return FrameBoundaries(_mp3_frame, _LAME_DELAY / rate)
        case "aac":
            return FrameBoundaries(_adts_frame, _AAC_DELAY / rate)
        case "opus":
            return FrameBoundaries(_OggPages().page)
        case "pcm_s16le":
            return SampleBoundaries(2, rate)
        case "pcmu" | "pcma":
            return SampleBoundaries(1, rate)
        case "wav":
            return SampleBoundaries(2, rate, HEADER_BYTES if has_header else 0)
    return None


class SampleBoundaries:
    """Every sample is one."""

    def __init__(self, sample_bytes: int, rate: int, header_bytes: int = 0) -> None:
        self._sample_bytes = sample_bytes
        self._rate = rate
        self._header_bytes = header_bytes
        self._received = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the clip."""
        self._received += len(data)

    @property
    def last(self) -> Boundary:
        """The last one so far."""
        return self._at(max(0, self._received - self._header_bytes) // self._sample_bytes)

    def after(self, seconds: float) -> Boundary | None:
        """The sample at this time."""
        boundary = self._at(round(seconds * self._rate))
        return boundary if boundary.bytes <= self._received else None

    def _at(self, sample: int) -> Boundary:
        return Boundary(self._header_bytes + sample * self._sample_bytes, sample / self._rate)


@dataclass(frozen=True)
class Frame:
    """The size of a frame in bytes, and its length in samples."""

    bytes: int
    samples: int
    rate: int


class FrameBoundaries:
    """Those between the frames that `parse` finds.

    `parse` returns the frame at the beginning of its argument, or None if it is not complete, and raises `ValueError`
    if there is none: then no more are found. What is decoded comes `delay` seconds later than what was encoded.
    """

    def __init__(self, parse: Callable[[bytes], Frame | None], delay: float = 0.0) -> None:
        self._parse = parse
        self._delay = delay
        self._rest = b""
        self._bytes = 0
        self._samples = 0
        self._found = deque([Boundary(0, 0.0)])
        self._is_broken = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the clip."""
        if self._is_broken:
            return
        self._rest += data
        position = 0
        try:
            while (frame := self._parse(self._rest[position:])) is not None:
                position += frame.bytes
                self._add(frame)
        except ValueError:
            self._is_broken = True
            position = len(self._rest)
        self._rest = self._rest[position:]

    @property
    def last(self) -> Boundary:
        """The last one so far."""
        return self._found[-1]

    def after(self, seconds: float) -> Boundary | None:
        """The first one that has everything before it of the first `seconds`."""
        while len(self._found) > 1 and self._found[0].seconds < seconds + self._delay:
            self._found.popleft()
        first = self._found[0]
        return first if first.seconds >= seconds + self._delay else None

    def _add(self, frame: Frame) -> None:
        self._bytes += frame.bytes
        self._samples += frame.samples
        self._found.append(Boundary(self._bytes, self._samples / frame.rate))


_LAME_DELAY = 1105
"""Samples by which what is decoded lags: LAME's 576 and a decoder's 529, which nothing in the stream takes out."""
_AAC_DELAY = 1024
"""The same of libav's AAC encoder."""

_MP3_RATES = (44100, 48000, 32000)
_MP3_KBIT = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_LOW_KBIT = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3_frame(data: bytes) -> Frame | None:
    """The frame of MPEG audio, layer III, that begins here (ISO 11172-3 and 13818-3)."""
    if len(data) < 4:
        return None
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bit_rate, rate = data[2] >> 4, data[2] >> 2 & 3
    if data[0] != 0xFF or data[1] & 0xE0 != 0xE0 or version == 1 or layer != 1 or bit_rate in (0, 15) or rate == 3:
        raise ValueError("no frame of an MP3 begins here")
    is_first = version == 3
    hertz = _MP3_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    samples = 1152 if is_first else 576
    kbit = (_MP3_KBIT if is_first else _MP3_LOW_KBIT)[bit_rate - 1]
    return _whole(data, Frame(samples // 8 * kbit * 1000 // hertz + (data[2] >> 1 & 1), samples, hertz))


_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _adts_frame(data: bytes) -> Frame | None:
    """The frame of AAC that begins here with its ADTS header (ISO 13818-7)."""
    if len(data) < 7:
        return None
    rate = data[2] >> 2 & 15
    if data[0] != 0xFF or data[1] & 0xF6 != 0xF0 or rate >= len(_AAC_RATES):
        raise ValueError("no frame of AAC begins here")
    size = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return _whole(data, Frame(size, 1024 * ((data[6] & 3) + 1), _AAC_RATES[rate]))


class _OggPages:
    """The pages of an Ogg stream with Opus (RFC 3533 and 7845), whose positions count samples of 48 kHz.

    A page of sound tells the position at its end. libav's first one does not begin at 0, and all others as much later.
    """

    def __init__(self) -> None:
        self._left_out: int | None = None  # samples at the beginning that a decoder leaves out
        self._start: int | None = None
        self._samples = 0

    def page(self, data: bytes) -> Frame | None:
        """The next page, which begins here."""
        if len(data) < 27 or len(data) < 27 + data[26]:
            return None
        if data[:4] != b"OggS":
            raise ValueError("no page of an Ogg stream begins here")
        lacing = data[27 : 27 + data[26]]
        size = 27 + len(lacing) + sum(lacing)
        if len(data) < size:
            return None
        samples = self._advance(int.from_bytes(data[6:14], "little"), lacing, data[27 + len(lacing) : size])
        return Frame(size, samples, 48000)

    def _advance(self, position: int, lacing: bytes, body: bytes) -> int:
        """Samples of the page that are played."""
        if self._left_out is None:
            if not body.startswith(b"OpusHead"):
                raise ValueError("the stream does not begin with Opus")
            self._left_out = int.from_bytes(body[10:12], "little")
            return 0
        if position == 0:  # the second page, with tags
            return 0
        if self._start is None:
            packets = sum(length < _WHOLE_SEGMENT for length in lacing)
            self._start = position - packets * _opus_samples(body)
        played = max(0, position - self._start - self._left_out)
        samples, self._samples = played - self._samples, played
        return samples


_WHOLE_SEGMENT = 255
_OPUS_MILLISECONDS = (*(10, 20, 40, 60) * 3, *(10, 20) * 2, *(2.5, 5, 10, 20) * 4)


def _opus_samples(packet: bytes) -> int:
    """Samples in a packet, from its first bytes (RFC 6716, section 3.1)."""
    code = packet[0] & 3
    frames = packet[1] & 63 if code == 3 else min(2, code + 1)
    return round(frames * _OPUS_MILLISECONDS[packet[0] >> 3] * 48)


def _whole(data: bytes, frame: Frame) -> Frame | None:
    return frame if frame.bytes <= len(data) else None
