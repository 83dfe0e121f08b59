"""Filling in the sizes in the header of a WAV file; a stream's header is sent before they are known."""

import os
from typing import IO

HEADER_BYTES = 44
"""RIFF and its size, WAVE, the chunk `fmt ` of 24 bytes, then `data` and its size."""

_LARGEST = 0xFFFFFFFF
_UNKNOWN = _LARGEST.to_bytes(4, "little")


def fill_in_sizes(file: IO[bytes]) -> None:
    """Write the sizes into `file` if it is a WAV file whose header says that they are unknown.

    Those of more than 4 GiB have no number in it, and stay unknown.
    """
    total = file.seek(0, os.SEEK_END)
    if total > _LARGEST:
        return
    file.seek(0)
    header = file.read(HEADER_BYTES)
    if header[:8] != b"RIFF" + _UNKNOWN or header[36:] != b"data" + _UNKNOWN:
        return
    _write_size(file, 4, total - 8)
    _write_size(file, HEADER_BYTES - 4, total - HEADER_BYTES)


def _write_size(file: IO[bytes], position: int, size: int) -> None:
    file.seek(position)
    file.write(size.to_bytes(4, "little"))
