"""The engine in a process of its own, driven by a measurement."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from queue import SimpleQueue
from typing import Self

from engine.engine import Engine
from engine.errors import EngineError, Overloaded
from engine.request import SamplingParameters, SpeechRequest
from engine.settings import EngineSettings
from engine.speech import SAMPLE_RATE, Speech
from measuring import prose
from measuring.host import Memory, peak_memory
from measuring.stream import Arrival, Stream
from text.sentences import split_sentences

SAMPLING = SamplingParameters(retries=0)
"""Upstream's defaults, which include no second attempt."""

_CHUNKS_BEFORE_BURST = 3


@dataclass
class Request:
    """A request to the engine and its chunks so far; times in seconds by `time.perf_counter`."""

    sent: float
    arrivals: list[Arrival] = field(default_factory=list)
    ended: float | None = None
    error: EngineError | None = None
    """The error that ended it: `Overloaded` if it was refused."""

    @property
    def stream(self) -> Stream:
        """Its chunks. Raises the error that ended it."""
        if self.error:
            raise self.error
        return Stream(self.sent, tuple(self.arrivals))


class Listener:
    """Sends requests and takes their chunks as they arrive, all in one thread, as a server does."""

    def __init__(self, engine: Engine, *, sampling: SamplingParameters = SAMPLING, whole: bool = False) -> None:
        """Send nothing yet. With `whole`, each clip comes in one chunk."""
        self.requests: list[Request] = []
        """In the order of sending."""
        self._engine = engine
        self._sampling = sampling
        self._whole = whole
        self._ended = 0
        self._ready: SimpleQueue[tuple[Request, Speech | None] | None] = SimpleQueue()

    @property
    def streams(self) -> list[Stream]:
        """All requests as streams. Raises the first error that ended one."""
        return [request.stream for request in self.requests]

    @property
    def all_ended(self) -> bool:
        """Whether every request sent so far has ended."""
        return self._ended == len(self.requests)

    @property
    def fewest_chunks(self) -> int:
        """The number of chunks of the request that has received the fewest."""
        return min(len(request.arrivals) for request in self.requests)

    def send(self, texts: Iterable[str], at: Iterable[float] | None = None) -> None:
        """Send the requests without waiting for chunks; `at` has the seconds from now at which to send each."""
        begun = time.perf_counter()
        for moment, text in zip(at or repeat(0.0), texts, strict=False):
            time.sleep(max(0.0, begun + moment - time.perf_counter()))
            request = Request(time.perf_counter())
            self.requests.append(request)
            speech = SpeechRequest(text, self._sampling, whole=self._whole)
            try:
                self._engine.submit(speech, on_ready=partial(self._announce, request), arrived=request.sent)
            except Overloaded as error:
                request.error = error
                self._ready.put((request, None))

    def listen(self, until: Callable[[], bool], on_end: Callable[[], object] = lambda: None) -> None:
        """Take chunks until `until()` is true, which is checked after each; call `on_end` after each request's end."""
        while not until():
            ready = self._ready.get()
            if ready is not None:
                request, speech = ready
                if self._take(request, speech):
                    request.ended = time.perf_counter()
                    self._ended += 1
                    on_end()

    def listen_while_sending(self, texts: Sequence[str], at: Iterable[float] | None = None) -> None:
        """Send `texts` from another thread, and take chunks until all requests have ended."""
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(self.send, texts, at)
            sending.add_done_callback(lambda _: self._ready.put(None))
            self.listen(until=lambda: sending.done() and self.all_ended)
            sending.result()

    def _announce(self, request: Request, speech: Speech) -> None:
        self._ready.put((request, speech))

    def _take(self, request: Request, speech: Speech | None) -> bool:
        """Take the chunks that have arrived; return whether this ended the request."""
        if speech is None or request.ended is not None:
            return request.ended is None
        try:
            while (chunk := speech.take()) is not None:
                steps = self._engine.statistics().counters.steps
                request.arrivals.append(Arrival(time.perf_counter(), len(chunk.samples) / SAMPLE_RATE, steps))
                if chunk.final:
                    return True
        except EngineError as error:
            request.error = error
            return True
        return False


@dataclass(frozen=True)
class Clips:
    """The seconds that passed, and the seconds of audio that were made in them."""

    seconds: float
    audio: float

    @property
    def times_real_time(self) -> float:
        """Seconds of audio made per second."""
        return self.audio / self.seconds

    @classmethod
    def one_after_the_other(cls, clips: Iterable[Self]) -> Self:
        """Add up."""
        listed = list(clips)
        return cls(sum(each.seconds for each in listed), sum(each.audio for each in listed))


class EngineClient:
    """Loads the engine and makes it speak a little first, so that one-time work is not measured."""

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

    def burst(self, running: Sequence[str], newcomers: Sequence[str]) -> tuple[float, list[Stream]]:
        """Stream `running`; when each of them has sent its third chunk, send `newcomers` all at once.

        Return the time of the burst, and the streams in this order.
        """
        listener = Listener(self._engine)
        listener.send(running)
        listener.listen(until=lambda: listener.fewest_chunks >= _CHUNKS_BEFORE_BURST or listener.all_ended)
        if listener.all_ended:
            raise RuntimeError("the running streams ended before the burst; give them longer texts")
        burst = time.perf_counter()
        listener.listen_while_sending(newcomers)
        return burst, listener.streams

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
        """Return the peak memory so far."""
        return peak_memory()
