"""Upstream's `SopranoTTS` in a process of its own, driven by a measurement."""

import time
from collections.abc import Sequence

from engine.speech import SAMPLE_RATE
from measuring import prose
from measuring.engine_client import Clips
from measuring.host import Memory, peak_memory
from measuring.stream import Arrival, Stream


class UpstreamClient:
    """Loads upstream as its documentation does, with the transformers backend, which runs on every device.

    Upstream warms itself up with one `infer`; the remaining warm-up is done here. Its output is dropped by the worker.
    """

    def __init__(self, checkpoint: str, device: str) -> None:
        from soprano.tts import SopranoTTS  # takes seconds, and only this process needs it

        self._tts = SopranoTTS(backend="transformers", device=device, model_path=checkpoint)
        short = prose.short_text()
        self.batch([short, short])
        self.stream([short])

    def alone(self, texts: Sequence[str]) -> Clips:
        """Make whole clips with `infer`, one after the other."""
        start = time.perf_counter()
        samples = sum(self._tts.infer(text).numel() for text in texts)
        return Clips(time.perf_counter() - start, samples / SAMPLE_RATE)

    def batch(self, texts: Sequence[str]) -> Clips:
        """Make whole clips with one `infer_batch`."""
        start = time.perf_counter()
        samples = sum(clip.numel() for clip in self._tts.infer_batch(list(texts)))
        return Clips(time.perf_counter() - start, samples / SAMPLE_RATE)

    def stream(self, texts: Sequence[str]) -> list[Stream]:
        """Stream with `infer_stream`, one after the other."""
        streams = []
        for text in texts:
            sent = time.perf_counter()
            arrivals = [
                Arrival(time.perf_counter(), chunk.numel() / SAMPLE_RATE) for chunk in self._tts.infer_stream(text)
            ]
            streams.append(Stream(sent, tuple(arrivals)))
        return streams

    def memory(self) -> Memory:
        """Return the peak memory so far."""
        return peak_memory()
