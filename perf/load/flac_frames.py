"""The seconds in a FLAC stream that comes piece by piece (RFC 9639).

libav's own parser is no measure here: it holds ten frames back to be sure of the first, and so delays the audio.
"""

import re
from dataclasses import dataclass

from perf.load.unplayable import Unplayable

_MARKER = b"fLaC"
_BLOCK_HEAD_BYTES = 4
_STREAM_INFO = 0
_LAST_BLOCK = 0x80
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_LONGEST_HEADER = 16
_RESERVED_SIZE, _FORBIDDEN_RATE = 0, 15


@dataclass(frozen=True)
class _Header:
    size: int  # bytes
    number: int  # of the frame, or of its first sample where frames differ in length
    samples: int
    samples_are_numbered: bool

    @property
    def next_number(self) -> int:
        return self.number + (self.samples if self.samples_are_numbered else 1)


class FlacFrames:
    """Counts the samples of frames that are there whole.

    A frame does not say where it ends. It has ended where the next one begins, or where its checksum comes out right
    at the end of what is there. That may also happen by chance, once in 65,536 times in the middle of a frame, so only
    the next frame's beginning decides where to read on.
    """

    def __init__(self) -> None:
        self._unread = bytearray()
        self._rate = 0
        self._in_frames = False
        self._counted = False  # whether the frame that is read next has been

    def take(self, data: bytes) -> float:
        """Return the seconds that can be played from `data` on. Raises `Unplayable`."""
        self._unread += data
        if not self._in_frames:
            self._skip_metadata()
        return self._count_samples() / self._rate if self._in_frames else 0.0

    def finish(self) -> None:
        """Raise `Unplayable` if the last frame is not there whole."""
        if self._unread and not self._counted:
            raise Unplayable("a FLAC stream ends in the middle of a frame")

    def _skip_metadata(self) -> None:
        if self._unread[:4] != _MARKER[: len(self._unread)]:
            raise Unplayable(f"a FLAC stream does not begin with {bytes(self._unread[:4])!r}")
        begin, last = len(_MARKER), False
        while not last:
            body = begin + _BLOCK_HEAD_BYTES
            end = body + int.from_bytes(self._unread[begin + 1 : body], "big")
            if len(self._unread) < max(body, end):
                return
            kind, last = self._unread[begin] & ~_LAST_BLOCK, bool(self._unread[begin] & _LAST_BLOCK)
            if kind == _STREAM_INFO:
                self._rate = int.from_bytes(self._unread[body + 10 : body + 13], "big") >> 4
            begin = end
        if not self._rate:
            raise Unplayable("a FLAC stream does not say its sample rate")
        del self._unread[:begin]
        self._in_frames = True

    def _count_samples(self) -> int:
        samples = 0
        while header := self._front():
            end = self._end_of(header)
            if not self._counted and (end is not None or _checksum(self._unread, _CRC_16, 16) == 0):
                samples += header.samples
                self._counted = True
            if end is None:
                break
            del self._unread[:end]
            self._counted = False
        return samples

    def _front(self) -> _Header | None:
        """Read the header of the frame that is next, if it is there whole."""
        header = _header(self._unread)
        if header is None and len(self._unread) >= _LONGEST_HEADER:
            raise Unplayable(f"a FLAC frame does not begin with {bytes(self._unread[:4])!r}")
        return header

    def _end_of(self, header: _Header) -> int | None:
        """Return where the frame after this one begins, if that is there."""
        for sync in _SYNC.finditer(self._unread, header.size):
            following = _header(self._unread[sync.start() : sync.start() + _LONGEST_HEADER])
            if following is not None and following.number == header.next_number:
                return sync.start()
        return None


def _header(data: bytes | bytearray) -> _Header | None:
    """Read the header at the beginning of `data`; None if there is none, or not all of it."""
    if len(data) < 6 or not _SYNC.match(data):
        return None
    number_bytes = 1 if data[4] < 0x80 else 8 - (data[4] ^ 0xFF).bit_length()
    size_code, rate_code = data[2] >> 4, data[2] & 0x0F
    if size_code == _RESERVED_SIZE or rate_code == _FORBIDDEN_RATE:
        return None  # what looks like a header, in the middle of a frame
    size_begin = 4 + number_bytes
    rate_begin = size_begin + {6: 1, 7: 2}.get(size_code, 0)
    size = rate_begin + {12: 1, 13: 2, 14: 2}.get(rate_code, 0) + 1
    if len(data) < size or _checksum(data[:size], _CRC_8, 8):
        return None
    return _Header(
        size=size,
        number=_number(data[4 : 4 + number_bytes]),
        samples=_block_size(size_code, int.from_bytes(data[size_begin:rate_begin], "big")),
        samples_are_numbered=bool(data[1] & 1),
    )


def _number(coded: bytes | bytearray) -> int:
    """Decode a number that is written as UTF-8 writes a character, in up to 7 bytes."""
    if len(coded) == 1:
        return coded[0]
    number = coded[0] & (0x7F >> len(coded))
    for byte in coded[1:]:
        number = number << 6 | byte & 0x3F
    return number


def _block_size(code: int, written_out: int) -> int:
    """Return the samples of a frame, by a code that may stand for a number that follows."""
    if code in (6, 7):
        return written_out + 1
    if code == 1:
        return 192
    return 576 << (code - 2) if code < 6 else 256 << (code - 8)


def _crc_table(polynomial: int, bits: int) -> list[int]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for byte in range(256):
        remainder = byte << (bits - 8)
        for _ in range(8):
            remainder = (remainder << 1 ^ (polynomial if remainder & top else 0)) & mask
        table.append(remainder)
    return table


_CRC_8 = _crc_table(0x07, 8)
_CRC_16 = _crc_table(0x8005, 16)


def _checksum(data: bytes | bytearray, table: list[int], bits: int) -> int:
    """Return the checksum, which is 0 of data that ends with its own."""
    shift, mask = bits - 8, (1 << bits) - 1
    remainder = 0
    for byte in data:
        remainder = (remainder << 8 & mask) ^ table[remainder >> shift ^ byte]
    return remainder
