"""A request in the engine: its sentences, and what has been emitted of them."""

import numpy as np

from engine.errors import EngineError
from engine.request import SpeechRequest
from engine.scheduling.sequence import Sequence, Stage
from engine.speech import SAMPLE_RATE, AudioSink, Chunk, Samples, SentenceFlag, SentenceStart


class Utterance:
    """Sentences run in parallel, but their audio is emitted in order; the head is the first that is not complete."""

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
        self.arrived = arrived  # in seconds of the clock
        self.has_decoded = False  # whether any audio has been decoded
        self.admitted = 0  # sequences that have had a slot
        self._pending = 0  # samples decoded, not emitted
        self._head = 0
        self._flags: list[SentenceFlag] = []  # of finished sentences, not emitted
        self._samples = 0
        self._tokens = 0
        self.closed = False  # ended, with or without an error
        self.playback_end = 0.0  # when playback of the emitted audio ends if it is played at once, in s
        self._buffer_limit = int(buffered_seconds * SAMPLE_RATE)
        self.suspect = False  # it was part of a step that raised, and is tried once more, alone

    @property
    def finished(self) -> bool:
        """Whether all audio has been emitted."""
        return self._head == len(self.sequences)

    @property
    def has_emitted(self) -> bool:
        """Whether some of its audio has been emitted."""
        return self._samples > 0

    @property
    def audio_seconds(self) -> float:
        """Seconds of audio that have been emitted."""
        return self._samples / SAMPLE_RATE

    @property
    def decoded_seconds(self) -> float:
        """Seconds of audio that have been decoded, emitted or not."""
        return (self._samples + self._pending) / SAMPLE_RATE

    @property
    def pending_seconds(self) -> float:
        """Seconds of audio that have been decoded but not emitted."""
        return self._pending / SAMPLE_RATE

    @property
    def head(self) -> Sequence | None:
        """The sentence whose audio is emitted next; None at the end."""
        return None if self.finished else self.sequences[self._head]

    @property
    def complete(self) -> bool:
        """Whether all sentences are finished."""
        return all(sequence.stage is Stage.FINISHED for sequence in self.sequences)

    def is_head(self, sequence: Sequence) -> bool:
        """Whether this sentence is the head."""
        return sequence.index == self._head

    def is_urgent(self, sequence: Sequence) -> bool:
        """Whether its audio is to be emitted as soon as it is decoded: it is the head of a stream."""
        return self.is_head(sequence) and not self.request.whole

    @property
    def reader_lags(self) -> bool:
        """Whether its reader has so much audio to take that the request pauses."""
        return self.speech.buffered_samples >= self._buffer_limit

    def is_backpressured(self, sequence: Sequence) -> bool:
        """Whether a sentence should pause because its audio is not taken.

        The head pauses only for a slow reader, so that sentences that run ahead can never block it.
        """
        if self.request.whole:
            return False
        if self.reader_lags:
            return True
        return not self.is_head(sequence) and self._pending >= self._buffer_limit

    def add_audio(self, sequence: Sequence, samples: Samples) -> None:
        """Store decoded audio of a sentence until it can be emitted."""
        self.has_decoded = True
        sequence.audio.append(samples)
        self._pending += len(samples)

    def retry(self, sequence: Sequence) -> None:
        """Begin another attempt of a sentence."""
        self._pending -= sequence.audio_samples
        sequence.retry()

    def restart(self) -> None:
        """Discard all sentences' attempts; no audio has been emitted yet."""
        for sequence in self.sequences:
            sequence.restart()
        self.admitted = 0
        self._pending = 0

    def emit(self, now: float) -> Chunk | None:
        """Emit the decoded audio that is next in order to the caller; return it, or None if there is none."""
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
        start = now if self.playback_end else now - self.request.encoder_delay
        self.playback_end = max(self.playback_end, start) + len(chunk.samples) / SAMPLE_RATE
        self.speech.put(chunk)
        return chunk

    def fail(self, error: EngineError) -> None:
        """End the request with an error, after the audio that has been emitted."""
        self.speech.fail(error)

    def _start_of(self, sequence: Sequence) -> SentenceStart:
        sentence = sequence.sentence
        return SentenceStart(sequence.index, self._samples, sentence.start, sentence.end)
