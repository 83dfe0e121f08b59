"""Encoding a clip while it is being made."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import ParamSpec, TypeVar

from proxy.audio_format import AudioFormat
from proxy.encoder import Encoder
from proxy.synthesis import AudioChunk

P = ParamSpec("P")
T = TypeVar("T")


async def encoded(
    chunks: AsyncGenerator[AudioChunk], audio_format: AudioFormat, *, whole: bool
) -> AsyncGenerator[bytes]:
    """The clip encoded, in pieces of which none is empty; with `whole`, in one piece whose headers are exact."""

    async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if audio_format.in_thread:
            return await asyncio.to_thread(work, *args, **kwargs)
        return work(*args, **kwargs)

    encoder: Encoder | None = None
    async for chunk in chunks:
        if encoder is None:
            encoder = await run(Encoder, audio_format, chunk.rate, whole=whole)
        if piece := await run(encoder.encode, chunk.samples):
            yield piece
    if encoder is not None and (piece := await run(encoder.finish)):
        yield piece
