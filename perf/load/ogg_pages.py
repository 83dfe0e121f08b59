"""The seconds in an Ogg Opus stream that comes piece by piece (RFC 3533, RFC 7845)."""

import struct

from perf.load.unplayable import Unplayable

_HEAD = struct.Struct("<4sxxqIIIB")  # OggS, version and type, granule position, serial, sequence, checksum, segments
_RATE = 48_000  # of granule positions, whatever the rate of the input was
_OPUS_HEAD = struct.Struct("<8sxxH")  # OpusHead, version and channels, pre-skip


class OggPages:
    """Reads how far each page goes: that is what can be played once the page is there whole."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._pre_skip: int | None = None
        self._playable = 0  # samples

    def take(self, data: bytes) -> float:
        """Return the seconds that can be played from `data` on. Raises `Unplayable`."""
        self._unread += data
        before = self._playable
        while page := self._next_page():
            self._read(page)
        return (self._playable - before) / _RATE

    def finish(self) -> None:
        """Raise `Unplayable` if the last page is not there whole."""
        if self._unread:
            raise Unplayable("a stream of Opus ends in the middle of a page")

    def _next_page(self) -> bytes | None:
        """Take the next page off, if it is there whole."""
        if self._unread[:4] != b"OggS"[: len(self._unread)]:
            raise Unplayable(f"an Ogg page does not begin with {bytes(self._unread[:4])!r}")
        if len(self._unread) < _HEAD.size:
            return None
        body = _HEAD.size + self._unread[_HEAD.size - 1]
        end = body + sum(self._unread[_HEAD.size : body])
        if len(self._unread) < max(body, end):
            return None
        page = bytes(self._unread[:end])
        del self._unread[:end]
        return page

    def _read(self, page: bytes) -> None:
        granule = _HEAD.unpack_from(page)[1]
        if self._pre_skip is None:
            self._pre_skip = _pre_skip(page)
        else:  # -1 where no packet ends on the page
            self._playable = max(self._playable, granule - self._pre_skip)


def _pre_skip(page: bytes) -> int:
    """Return the samples that a player drops at first, from the page with the stream's header."""
    packet = page[_HEAD.size + page[_HEAD.size - 1] :]
    name, pre_skip = _OPUS_HEAD.unpack_from(packet) if len(packet) >= _OPUS_HEAD.size else (packet, 0)
    if name != b"OpusHead":
        raise Unplayable(f"a stream of Opus does not begin with {name!r}")
    return int(pre_skip)
