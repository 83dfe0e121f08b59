"""The seconds in a WAV file that comes piece by piece."""

import struct

from perf.load.unplayable import Unplayable

_RIFF_BYTES = 12
_CHUNK_HEAD = struct.Struct("<4sI")  # its name and size
_FORMAT = struct.Struct("<HxxxxxxI")  # the kind of samples, and bytes a second
_UNKNOWN_SIZE = 0xFFFFFFFF
_UNCOMPRESSED = {1, 3, 0xFFFE}  # integers, floats, and either with more words


class WavSamples:
    """Counts the samples behind a header that may itself come in pieces. Uncompressed ones only."""

    def __init__(self) -> None:
        self._header = b""
        self._bytes_per_second = 0
        self._bytes_left: int | None = None  # of audio, by the header; None as long as that is incomplete
        self._size_is_known = True

    def take(self, data: bytes) -> float:
        """Return the seconds that can be played from `data` on. Raises `Unplayable`."""
        if self._bytes_left is None:
            self._header += data
            data = self._behind_header()
        if self._bytes_left is None:
            return 0.0
        audio = min(len(data), self._bytes_left)
        self._bytes_left -= audio
        return audio / self._bytes_per_second

    def finish(self) -> None:
        """Raise `Unplayable` if there is less audio than the header says."""
        if self._bytes_left and self._size_is_known:
            raise Unplayable(f"a WAV file lacks the last {self._bytes_left} bytes")

    def _behind_header(self) -> bytes:
        header = self._header
        if header[:4] != b"RIFF"[: len(header)] or header[8:12] != b"WAVE"[: max(0, len(header) - 8)]:
            raise Unplayable(f"a WAV file does not begin with {header[:12]!r}")
        begin = _RIFF_BYTES
        while begin + _CHUNK_HEAD.size <= len(header):
            name, size = _CHUNK_HEAD.unpack_from(header, begin)
            body = begin + _CHUNK_HEAD.size
            if name == b"data":
                self._begin_audio(size)
                return header[body:]
            if name == b"fmt " and body + size <= len(header):
                self._read_format(header[body : body + size])
            begin = body + size + size % 2  # chunks begin at even positions
        return b""

    def _read_format(self, chunk: bytes) -> None:
        kind, self._bytes_per_second = _FORMAT.unpack_from(chunk)
        if kind not in _UNCOMPRESSED:
            raise Unplayable(f"the samples of a WAV file are compressed (kind {kind})")

    def _begin_audio(self, size: int) -> None:
        if not self._bytes_per_second:
            raise Unplayable("a WAV file has samples before it says what they are")
        self._bytes_left = size
        self._size_is_known = size != _UNKNOWN_SIZE
