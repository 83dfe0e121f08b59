import struct

import pytest

from perf.load.ogg_pages import OggPages
from perf.load.unplayable import Unplayable

PRE_SKIP = 480
HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, PRE_SKIP, 32000, 0, 0)


def page(granule: int, body: bytes) -> bytes:
    """A page of one packet, which may be longer than one segment."""
    segments = [255] * (len(body) // 255) + [len(body) % 255]
    return struct.pack("<4sBBqIIIB", b"OggS", 0, 0, granule, 1, 0, 0, len(segments)) + bytes(segments) + body


def played(*pages: bytes) -> list[float]:
    ogg = OggPages()
    return [ogg.take(each) for each in pages]


def test_pre_skip_is_not_heard() -> None:
    begin = page(0, HEAD), page(0, b"OpusTags"), page(PRE_SKIP, b"silence")
    assert played(*begin, page(PRE_SKIP + 48000, b"a second")) == [0, 0, 0, 1.0]


def test_page_on_which_no_packet_ends_is_no_audio_yet() -> None:
    assert played(page(0, HEAD), page(-1, bytes(600)), page(PRE_SKIP + 24000, bytes(600))) == [0, 0, 0.5]


def test_page_is_heard_with_its_last_byte() -> None:
    long_page = page(PRE_SKIP + 24000, bytes(600))
    assert played(page(0, HEAD), long_page[:-1], long_page[-1:]) == [0, 0, 0.5]


def test_other_codecs_are_refused() -> None:
    with pytest.raises(Unplayable, match="vorbis"):
        played(page(0, b"\x01vorbis and so on"))
