"""A request inside the engine: its sentences in order, and what of them has been handed over."""

import numpy as np

from engine.errors import EngineError
from engine.request import SpeechRequest
from engine.scheduling.sequence import Sequence, Stage
from engine.speech import SAMPLE_RATE, AudioSink, Chunk, Samples, SentenceFlag, SentenceStart


class Utterance:
    """Sentences run side by side, but audio leaves in order; the first one not handed over in full is the head."""

    def __init__(
        self,
        request: SpeechRequest,
        sequences: list[Sequence],
        speech: AudioSink,
        buffered_seconds: float,
        arrived: float = 0.0,
    ) -> None:
        self.request = request
        self.sequences = sequences
        self.speech = speech
        self.arrived = arrived  # in seconds
        self.has_decoded = False  # whether any was made, handed over or not
        self.admitted = 0  # sequences that have had a slot
        self._pending = 0  # samples decoded, not handed over
        self._head = 0
        self._flags: list[SentenceFlag] = []  # of sentences that are over, not handed over
        self._samples = 0
        self._tokens = 0
        self.closed = False  # ended, whichever way
        self.playback_end = 0.0  # when the audio handed over has been played, if it is played as it comes; in seconds
        self._buffer_limit = int(buffered_seconds * SAMPLE_RATE)
        self.suspect = False  # whether a step in which it took part failed: it is tried once more, by itself

    @property
    def finished(self) -> bool:
        """Whether all audio has been handed over."""
        return self._head == len(self.sequences)

    @property
    def has_emitted(self) -> bool:
        """Whether some of its audio has been handed over."""
        return self._samples > 0

    @property
    def audio_seconds(self) -> float:
        """How much of its audio has been handed over."""
        return self._samples / SAMPLE_RATE

    @property
    def made_seconds(self) -> float:
        """How much audio has been made, handed over or not."""
        return (self._samples + self._pending) / SAMPLE_RATE

    @property
    def pending_seconds(self) -> float:
        """How much audio has been made that has not been handed over."""
        return self._pending / SAMPLE_RATE

    @property
    def head(self) -> Sequence | None:
        """The sentence that the listener waits for."""
        return None if self.finished else self.sequences[self._head]

    @property
    def complete(self) -> bool:
        """Whether every sentence has been made."""
        return all(sequence.stage is Stage.FINISHED for sequence in self.sequences)

    def is_head(self, sequence: Sequence) -> bool:
        """Whether the listener waits for this sentence."""
        return sequence.index == self._head

    def is_urgent(self, sequence: Sequence) -> bool:
        """Whether its audio is wanted in small pieces, as it is made."""
        return self.is_head(sequence) and not self.request.whole

    @property
    def reader_lags(self) -> bool:
        """Whether it pauses because its reader leaves so much untaken."""
        return self.speech.buffered_samples >= self._buffer_limit

    def is_backpressured(self, sequence: Sequence) -> bool:
        """Whether a sentence should pause because its audio would only pile up.

        The head pauses for its reader alone, so that sentences which run ahead can never block it.
        """
        if self.request.whole:
            return False
        if self.reader_lags:
            return True
        return not self.is_head(sequence) and self._pending >= self._buffer_limit

    def add_audio(self, sequence: Sequence, samples: Samples) -> None:
        """Keep decoded audio of a sentence until it is its turn."""
        self.has_decoded = True
        sequence.audio.append(samples)
        self._pending += len(samples)

    def retry(self, sequence: Sequence) -> None:
        """Let a sentence be made anew."""
        self._pending -= sequence.audio_samples
        sequence.retry()

    def restart(self) -> None:
        """Forget all that was made, none of which has been handed over."""
        for sequence in self.sequences:
            sequence.restart()
        self.admitted = 0
        self._pending = 0

    def emit(self, now: float) -> Chunk | None:
        """Put the audio that is next in order into the caller's `Speech`; return it, or None if there is none."""
        if self.request.whole and not self.complete:
            return None
        audio: list[Samples] = []
        starts: list[SentenceStart] = []
        while not self.finished:
            sequence = self.sequences[self._head]
            if sequence.audio and not sequence.started:
                starts.append(self._start_of(sequence))
            for piece in sequence.take_audio():
                audio.append(piece)
                self._samples += len(piece)
                self._pending -= len(piece)
            if sequence.stage is not Stage.FINISHED:
                break
            if sequence.flag is not None:
                self._flags.append(SentenceFlag(sequence.index, sequence.flag))
            self._tokens += sequence.states
            self._head += 1
        if not audio and not self.finished:
            return None
        flags, self._flags = tuple(self._flags), []
        chunk = Chunk(
            samples=np.concatenate(audio) if audio else np.zeros(0, dtype=np.int16),
            sentences=tuple(starts),
            prompt_tokens=sum(len(sequence.prompt) for sequence in self.sequences),
            audio_tokens=self._tokens + (0 if self.finished else self.sequences[self._head].states),
            final=self.finished,
            flags=flags,
        )
        begins = now if self.playback_end else now - self.request.encoder_delay
        self.playback_end = max(self.playback_end, begins) + len(chunk.samples) / SAMPLE_RATE
        self.speech.put(chunk)
        return chunk

    def fail(self, error: EngineError) -> None:
        """End the request with an error, after the audio that has been handed over."""
        self.speech.fail(error)

    def _start_of(self, sequence: Sequence) -> SentenceStart:
        sentence = sequence.sentence
        return SentenceStart(sequence.index, self._samples, sentence.start, sentence.end)
