"""The encoder for every format: takes samples and returns encoded bytes incrementally."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import av

from proxy.audio.formats import AudioFormat
from proxy.audio.samples import Samples, audio_frame
from proxy.audio.tempo import Tempo


class Encoder:
    """Encodes one clip, piece by piece.

        encoder = Encoder(AUDIO_FORMATS["mp3"], input_rate=32000)
        for samples in clip:
            send(encoder.encode(samples))
        send(encoder.finish())

    The tempo filter, the resampler and the codec keep their state between pieces, so the audio does not depend on how
    the clip is cut. With `whole`, `finish()` returns all bytes, and headers that state a length (FLAC) state the exact
    one. To be used by one thread at a time; `finish()` must be the last call.
    """

    def __init__(self, audio_format: AudioFormat, input_rate: int, *, speed: float = 1.0, whole: bool = False) -> None:
        self._input_rate = input_rate
        self._tempo = None if speed == 1.0 else Tempo(input_rate, speed)
        self._output = _WholeOutput() if whole else _PipeOutput()
        self._container = av.open(
            self._output,
            mode="w",
            format=audio_format.muxer,
            options=dict(audio_format.muxer_options),
        )
        self._stream = self._container.add_stream(
            audio_format.codec,
            rate=audio_format.rate,
            options=dict(audio_format.codec_options),
            layout="mono",
        )
        if audio_format.bit_rate is not None:
            self._stream.bit_rate = audio_format.bit_rate
        self._container.start_encoding()
        self._begun = False

    def encode(self, samples: Samples) -> bytes:
        """The bytes that are complete after `samples`: first the header; often none after a short piece."""
        self._encode(self._tempo.change(samples) if self._tempo else samples)
        return self._output.take()

    def finish(self) -> bytes:
        """The rest of the clip."""
        if self._tempo:
            self._encode(self._tempo.finish())
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._output.take_rest()

    @property
    def held(self) -> int:
        """Bytes that `finish()` will return and that take memory until then."""
        return self._output.held

    def _encode(self, samples: Samples) -> None:
        if samples.size and not self._begun:
            # The first frame makes PyAV create its resampler. One sample, because other threads may use that core.
            with _one_core():
                self._add(samples[:1])
            self._begun = True
            samples = samples[1:]
        if samples.size:
            self._add(samples)

    def _add(self, samples: Samples) -> None:
        self._container.mux(self._stream.encode(audio_frame(samples, self._input_rate)))


@contextmanager
def _one_core() -> Iterator[None]:
    """Restrict this thread to one core inside the block, so that libav sees one core.

    Each of its filter graphs starts up to 16 threads, one per core, which audio does not use; and PyAV has no other
    way to limit the threads of its resampler.
    """
    cores = os.sched_getaffinity(0)
    try:
        with suppress(PermissionError):  # in a sandbox; the clip then has more threads
            os.sched_setaffinity(0, {min(cores)})
        yield
    finally:
        with suppress(PermissionError):
            os.sched_setaffinity(0, cores)


class _PipeOutput:
    """A file that cannot seek, so libav writes only final bytes."""

    held = 0

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data

    take_rest = take


class _WholeOutput(io.BytesIO):
    """A file that can seek, so libav completes the header at the end."""

    @property
    def held(self) -> int:
        return self.getbuffer().nbytes

    def take(self) -> bytes:
        return b""

    def take_rest(self) -> bytes:
        return self.getvalue()
