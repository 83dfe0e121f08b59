"""When decoded audio is emitted to the callers."""

from collections.abc import Callable

from engine.observations import Observations, Quantity
from engine.scheduling.requests import Requests
from engine.scheduling.sequence import Stage
from engine.scheduling.utterance import Utterance

_STEPS_AHEAD = 4  # steps that the first audio of a stream lasts at least
_SHARE_OF_BUFFERED = 0.5  # of the buffered seconds that may pass until the next chunk


class AudioOutput:
    """Emits the audio of streams in chunks at a steady rate, and that of whole clips at their end."""

    def __init__(
        self, requests: Requests, observations: Observations, chunk_wait: float, clock: Callable[[], float]
    ) -> None:
        self._requests = requests
        self._observations = observations
        self._chunk_wait = chunk_wait
        self._clock = clock
        self._waiting: dict[Utterance, None] = {}  # streams with audio that is not due

    def emit(self, utterance: Utterance, step_seconds: float) -> None:
        """Emit what is decoded, if it is due; later otherwise. A request of which all is emitted is closed."""
        now = self._clock()
        if not self._is_due(utterance, now, step_seconds):
            self._waiting[utterance] = None
            return
        self._waiting.pop(utterance, None)
        if utterance.complete:
            self._requests.counters.completed += 1
            self._requests.close(utterance)
        first = not utterance.has_emitted
        chunks = utterance.emit(now)
        if chunks:
            self._requests.counters.audio_samples += sum(chunk.sample_count for chunk in chunks)
            self._observe(utterance, now - utterance.arrived, first=first, final=chunks[-1].final)
            utterance.emit_at = now + min(_SHARE_OF_BUFFERED * (utterance.playback_end - now), self._chunk_wait)

    def emit_waiting(self, step_seconds: float) -> None:
        """Emit what has become due."""
        for utterance in list(self._waiting):
            if utterance.closed:
                del self._waiting[utterance]
            else:
                self.emit(utterance, step_seconds)

    @property
    def next_due(self) -> float:
        """When audio that waits is due, in seconds of the clock; infinity if none waits."""
        return min((utterance.emit_at for utterance in self._waiting), default=float("inf"))

    def _is_due(self, utterance: Utterance, now: float, step_seconds: float) -> bool:
        head = utterance.head
        if utterance.request.whole or head is None or head.stage is Stage.FINISHED:  # the next sentence is urgent now
            return True
        if utterance.has_emitted:
            return now >= utterance.emit_at
        # Playback that started now would underrun before the next chunk.
        playable = utterance.pending_seconds - utterance.request.encoder_delay
        return utterance.sequences[0].stage is not Stage.GENERATING or playable >= _STEPS_AHEAD * step_seconds

    def _observe(self, utterance: Utterance, seconds: float, *, first: bool, final: bool) -> None:
        """Record the measurements of a request that has emitted audio `seconds` after its arrival."""
        if first and not utterance.request.whole:
            self._observations.note(Quantity.FIRST_AUDIO, seconds)
        if final:
            self._observations.note(Quantity.REAL_TIME_FACTOR, seconds / utterance.audio_seconds)
