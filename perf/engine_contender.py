"""Our engine, as the benchmark drives it. Lives in a process of its own."""

import time
from collections.abc import Sequence

from engine.engine import Engine
from engine.request import SpeechRequest
from engine.settings import EngineSettings
from engine.speech import SAMPLE_RATE
from perf import prose
from perf.burst import CHUNKS_BEFORE_BURST, BurstRun
from perf.clips import Clips
from perf.listener import SAMPLING, Listener
from perf.memory import peak_memory
from perf.results import Memory
from perf.stream import Stream
from text.sentences import split_sentences


class EngineContender:
    """Loads the engine and has it speak a little, so that what only happens once is not measured."""

    def __init__(self, checkpoint: str, device: str, dtype: str, slots: int, max_requests: int) -> None:
        self._engine = Engine(
            EngineSettings(checkpoint=checkpoint, device=device, dtype=dtype, slots=slots, max_requests=max_requests)
        )
        short = prose.short_text()
        self.together([short, short])
        self.stream([short])

    def alone(self, texts: Sequence[str]) -> Clips:
        """Make whole clips, one request after the other."""
        return Clips.one_after_the_other(self.together([text]) for text in texts)

    def together(self, texts: Sequence[str]) -> Clips:
        """Make whole clips, all requests at once."""
        start = time.perf_counter()
        speeches = [self._engine.submit(SpeechRequest(text, SAMPLING, whole=True)) for text in texts]
        samples = sum(len(chunk.samples) for speech in speeches for chunk in speech)
        return Clips(time.perf_counter() - start, samples / SAMPLE_RATE)

    def stream_alone(self, texts: Sequence[str]) -> list[Stream]:
        """Stream one request after the other."""
        return [stream for text in texts for stream in self.stream([text])]

    def stream(self, texts: Sequence[str]) -> list[Stream]:
        """Stream all requests at once."""
        listener = Listener(self._engine)
        listener.send(texts)
        listener.listen(until=lambda: listener.all_ended)
        return listener.streams

    def burst(self, running: Sequence[str], newcomers: Sequence[str]) -> BurstRun:
        """Stream `running`; when each of them has sent its third chunk, send `newcomers` all at once."""
        listener = Listener(self._engine)
        listener.send(running)
        listener.listen(until=lambda: listener.fewest_chunks >= CHUNKS_BEFORE_BURST or listener.all_ended)
        if listener.all_ended:
            raise RuntimeError("the running streams ended before the burst; give them longer texts")
        burst = time.perf_counter()
        listener.listen_while_sending(newcomers)
        streams = listener.streams
        return BurstRun(burst, tuple(streams[: len(running)]), tuple(streams[len(running) :]))

    def first_audio(self, text: str) -> float:
        """Return the seconds to the first chunk of a stream, which is then cancelled."""
        start = time.perf_counter()
        speech = self._engine.submit(SpeechRequest(text, SAMPLING))
        next(iter(speech))
        seconds = time.perf_counter() - start
        speech.cancel()
        while self._engine.statistics().open_requests:
            time.sleep(0.001)
        return seconds

    def longest_sentence(self, text: str) -> str:
        """Return the longest of the sentences that the engine would speak."""
        return max((sentence.text for sentence in split_sentences(text)), key=len)

    def memory(self) -> Memory:
        """Return the most memory that it has held so far."""
        return peak_memory()
