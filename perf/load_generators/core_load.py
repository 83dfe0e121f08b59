"""Load on an engine core in this thread, without processes and without the preparation of texts."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.errors import EngineError
from engine.loading import LoadedEngine
from engine.request import SpeechRequest
from engine.speech import SAMPLE_RATE, Chunk
from measuring.stream import Arrival, Stream
from perf.load_generators.speech_load import LoadFailed
from text.options import ReadingOptions
from text.preparation import PreparedSentence, prepare

_IDLE = 0.0005  # seconds to wait if every stream has enough audio


class Listener:
    """The `AudioSink` of a request; with `plays`, its reader takes the audio at the speed of playback."""

    def __init__(self, *, plays: bool = False, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.sent = clock()
        self.arrivals: list[Arrival] = []
        self.left_at: float | None = None
        self.ended = False
        self._plays = plays
        self._samples = 0

    @property
    def buffered_samples(self) -> int:
        """Samples that were not played."""
        if not (self._plays and self.arrivals):
            return 0
        played = int((self._clock() - self.arrivals[0].time) * SAMPLE_RATE)
        return max(0, self._samples - played)

    def put(self, chunk: Chunk) -> None:
        """Note a chunk."""
        self.arrivals.append(Arrival(self._clock(), chunk.sample_count / SAMPLE_RATE))
        self._samples += chunk.sample_count
        self.ended = chunk.final

    def fail(self, error: EngineError) -> None:
        """End the measurement, unless the request was cancelled. Raises `LoadFailed`."""
        self.ended = True
        if self.left_at is None:
            raise LoadFailed(f"a request failed: {error}")

    @property
    def stream(self) -> Stream:
        """What was heard."""
        return Stream(self.sent, tuple(self.arrivals))


def hear(
    begin: Callable[[], Listener],
    turn: Callable[[], object],
    clock: Callable[[], float],
    *,
    at_once: int,
    spread: float,
    seconds: float,
) -> list[Listener]:
    """Let `at_once` listeners hear one text after the other, and return all of them.

    `begin` begins a text, the first ones within `spread` seconds of `clock`; `turn` takes a turn of the engine's loop.
    """
    begun = clock()
    ended: list[Listener] = []
    listening: list[Listener] = []
    while (now := clock() - begun) < seconds:
        ended += [each for each in listening if each.ended]
        listening = [each for each in listening if not each.ended]
        due = min(at_once, int(at_once * now / spread) + 1) - len(listening)
        listening += [begin() for _ in range(due)]
        turn()
    return ended + listening


@dataclass(frozen=True)
class Throughput:
    """Clips that were all there at the beginning."""

    slots: int
    clips: int
    times_real_time: float
    rows: float
    """Rows that drew a token, in each step."""
    step_milliseconds: float


class CoreLoad:
    """Speaks prepared texts on a loaded engine. All of it raises `LoadFailed` if a request fails."""

    def __init__(self, loaded: LoadedEngine, texts: Sequence[str]) -> None:
        self._loaded = loaded
        self._core = loaded.core
        tokenizer = loaded.checkpoint.tokenizer
        self._prepared: list[tuple[str, list[PreparedSentence]]] = [
            (text, prepare(text, tokenizer, loaded.settings.max_characters, ReadingOptions())) for text in texts
        ]
        self._texts = self._all_texts()

    def throughput(self, clips: int) -> Throughput:
        """Speak whole clips, all sent at once."""
        before = self._core.statistics(open_requests=0, rejected=0).counters
        begun = time.perf_counter()
        listeners = [self._begin(Listener(), whole=True) for _ in range(clips)]
        self._run(lambda: not all(each.ended for each in listeners))
        seconds = time.perf_counter() - begun
        after = self._core.statistics(open_requests=0, rejected=0).counters
        steps = after.steps - before.steps
        audio = (after.audio_samples - before.audio_samples) / SAMPLE_RATE
        rows = (after.tokens - before.tokens) / steps
        return Throughput(self._loaded.settings.slots, clips, audio / seconds, rows, seconds / steps * 1000)

    def turns(self, clips: int, count: int) -> None:
        """Begin whole clips, take `count` turns of the engine's loop, and leave."""
        listeners = [self._begin(Listener(), whole=True) for _ in range(clips)]
        for _ in range(count):
            self._core.step()
        for each in listeners:
            self._leave(each)
        self._core.step()

    def streams(self, at_once: int, seconds: float) -> list[Stream]:
        """Let `at_once` listeners hear one text after the other, which begin spread over the first second."""
        listeners = hear(
            lambda: self._begin(Listener(plays=True)),
            self._turn,
            time.perf_counter,
            at_once=at_once,
            spread=1.0,
            seconds=seconds,
        )
        for each in listeners:
            self._leave(each)
        self._core.step()
        return [each.stream for each in listeners if each.arrivals]

    def first_audio(self) -> float:
        """Return the seconds until the first audio of a stream that is alone."""
        listener = self._begin(Listener())
        self._run(lambda: not listener.arrivals)
        self._leave(listener)
        self._core.step()
        return listener.stream.first_audio

    def _begin(self, listener: Listener, *, whole: bool = False) -> Listener:
        text, sentences = next(self._texts)
        self._loaded.add(SpeechRequest(text, whole=whole), sentences, listener, listener.sent)
        return listener

    def _leave(self, listener: Listener) -> None:
        if not listener.ended:
            listener.left_at = time.perf_counter()
            self._core.left(listener)

    def _run(self, goes_on: Callable[[], bool]) -> None:
        while goes_on():
            self._turn()

    def _turn(self) -> None:
        if not self._core.step():
            time.sleep(_IDLE)

    def _all_texts(self) -> Iterator[tuple[str, list[PreparedSentence]]]:
        while True:
            yield from self._prepared
