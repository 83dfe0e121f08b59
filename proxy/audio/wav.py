"""The WAV header."""

import struct

UNKNOWN_SIZE = 0xFFFFFFFF
HEADER_BYTES = 44


def wav_header(rate: int, data_bytes: int | None) -> bytes:
    """The 44-byte header of 16-bit mono samples at `rate` Hz.

    If `data_bytes` is None, because the length is not known yet, both sizes are 0xFFFFFFFF: the standard library's
    `wave`, libsndfile and libav then read to the end, while a size of 0 would make them read nothing.
    """
    riff_size, data_size = UNKNOWN_SIZE, UNKNOWN_SIZE
    if data_bytes is not None:
        # RIFF's size does not count the first 8 bytes.
        riff_size, data_size = HEADER_BYTES - 8 + data_bytes, data_bytes
    pcm, channels, sample_bytes = 1, 1, 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        riff_size,
        b"WAVE",
        b"fmt ",
        16,
        pcm,
        channels,
        rate,
        rate * channels * sample_bytes,
        channels * sample_bytes,
        8 * sample_bytes,
        b"data",
        data_size,
    )
