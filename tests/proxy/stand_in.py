"""A stand-in for the speech engine: a sine tone of known length, in chunks, with faults on request."""

import asyncio
import math
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from proxy.errors import ServiceUnavailable
from proxy.synthesis.interface import AudioChunk, SentenceFlag, SentenceStart, SynthesisParameters, Usage

RATE = 32000
CHUNK_SAMPLES = 6144
FREQUENCY = 440.0
AMPLITUDE = 0.5


def sine(samples: int, start: int = 0, amplitude: float = AMPLITUDE, frequency: float = FREQUENCY) -> NDArray[np.int16]:
    """`samples` samples of the tone, from the sample `start` on."""
    time = np.arange(start, start + samples) / RATE
    tone: NDArray[np.float64] = amplitude * 32767 * np.sin(2 * math.pi * frequency * time)
    return np.round(tone).astype(np.int16)


@dataclass
class StandIn:
    """Speaks `chunks` chunks of tone, `chunk_samples` long; the first `silence` samples are silent.

    The first `failures` requests raise `error` before the chunk with the index `fails_at`. By the index of a chunk,
    `delays` are the seconds to wait before it, `sentences` begin in it, and `flags` are sent with it; flags at index
    `chunks` come after the last. `checkpoint` names the weights. It records the parameters in `asked`, and how the
    requests ended. Of a `spoken` text, each line is a sentence that is spoken so, with its mark.
    """

    chunks: int = 10
    chunk_samples: int = CHUNK_SAMPLES
    silence: int = 0
    delays: dict[int, float] = field(default_factory=dict)
    sentences: dict[int, tuple[SentenceStart, ...]] = field(default_factory=dict)
    flags: dict[int, tuple[SentenceFlag, ...]] = field(default_factory=dict)
    error: Exception | None = None
    fails_at: int = 0
    failures: float = math.inf
    ready: bool = True
    checkpoint: str = "stand-in"
    asked: list[SynthesisParameters] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    finished: int = 0
    closed: bool = False

    @property
    def samples(self) -> int:
        return self.chunks * self.chunk_samples

    @property
    def seconds(self) -> float:
        return self.samples / RATE

    @property
    def spoken(self) -> list[str]:
        """The sentences of the `spoken` texts that it was asked for."""
        return [line for parameters in self.asked for line in parameters.text.split("\n")]

    async def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        self.asked.append(parameters)
        try:
            lines = parameters.text.split("\n") if parameters.spoken else []
            for index in range(self.chunks * max(1, len(lines))):
                sentence, chunk = divmod(index, self.chunks)
                await asyncio.sleep(self.delays.get(chunk, 0))
                if self.error is not None and index == self.fails_at and len(self.asked) <= self.failures:
                    raise self.error
                samples = sine(self.chunk_samples, index * self.chunk_samples)
                samples[: max(0, self.silence - index * self.chunk_samples)] = 0
                sentences = self.sentences.get(index, ())
                if lines and not chunk:
                    sentences = (SentenceStart(sentence, index * self.chunk_samples, 0, 0, lines[sentence]),)
                flags = self.flags.get(index, ())
                usage = Usage(7 * (sentence + 1), 3 * index + 3)
                yield AudioChunk(samples, RATE, usage, sentences, self.checkpoint, flags)
            if self.chunks in self.flags:
                usage = Usage(7, 3 * self.chunks)
                yield AudioChunk(sine(0), RATE, usage, checkpoint=self.checkpoint, flags=self.flags[self.chunks])
            self.finished += 1
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.set()
            raise

    async def check(self) -> None:
        if not self.ready:
            raise ServiceUnavailable("The stand-in is not ready.")

    async def close(self) -> None:
        self.closed = True


class Relay:
    """Connects a server that many tests share to the `engine` of the current test."""

    engine: StandIn

    def synthesize(self, parameters: SynthesisParameters) -> AsyncGenerator[AudioChunk]:
        return self.engine.synthesize(parameters)

    async def check(self) -> None:
        await self.engine.check()

    async def close(self) -> None:
        pass
