"""Listeners who begin one after the other and hear one clip each, for as long as a measurement takes."""

import asyncio
import json
import time
from contextlib import closing
from urllib.parse import urlsplit

from perf.measurements import Percentiles
from proxy.audio.formats import FormatName

_READ_BYTES = 65536


def listen(url: str, text: str, audio_format: FormatName, listeners: int, ramp: float, seconds: float) -> Percentiles:
    """Let `listeners` begin within `ramp` seconds, and return the gaps between pieces in the `seconds` after that.

    Raises `OSError` if a connection breaks, and `ValueError` if a clip is refused or ends before.
    """
    return asyncio.run(_listen(url, text, audio_format, listeners, ramp, seconds))


async def _listen(
    url: str, text: str, audio_format: FormatName, listeners: int, ramp: float, seconds: float
) -> Percentiles:
    body = json.dumps({"input": text, "response_format": audio_format}).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    request = f"{head}\r\n\r\n".encode() + body
    since = time.monotonic() + ramp
    begins = [since - ramp * (1 - index / listeners) for index in range(listeners)]
    heard = await asyncio.gather(*(_listener(url, request, begin, since, since + seconds) for begin in begins))
    gaps = Percentiles.of([gap for each in heard for gap in each])
    if gaps is None:
        raise ValueError("nobody has heard anything")
    return gaps


async def _listener(url: str, request: bytes, begin: float, since: float, until: float) -> list[float]:
    """Ask at the moment `begin` and read until `until`; return the gaps between the pieces that came after `since`."""
    await asyncio.sleep(begin - time.monotonic())
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    with closing(writer):
        writer.write(request)
        status = await reader.readline()
        if b" 200 " not in status:
            raise ValueError(f"a clip was refused: {status.decode().strip()}")
        gaps, last = [], time.monotonic()
        while last < until:
            if not await reader.read(_READ_BYTES):
                raise ValueError("a clip ended before the measurement")
            now = time.monotonic()
            if last >= since:
                gaps.append(now - last)
            last = now
        return gaps
