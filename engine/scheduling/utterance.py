"""A request in the engine: its sentences, and what has been emitted of them."""

import numpy as np

from engine.errors import EngineError
from engine.request import SpeechRequest
from engine.scheduling.sequence import Sequence, Stage
from engine.speech import SAMPLE_RATE, AudioSink, Chunk, Samples, SentenceEnd, SentenceFlag, SentenceStart

_LONGEST_SILENCE = SAMPLE_RATE
"""Samples of a pause in one chunk of a stream: a longer pause is cut, so that no chunk is much longer than others."""


class Utterance:
    """Sentences run in parallel, but their audio is emitted in order; the head is the first that is not complete.

    The pauses that sentences ask for are silence in the audio. A pause at the beginning is emitted with the first
    audio, any other one as soon as the audio before it is.
    """

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
        self._samples = 0
        self._dtype: np.dtype[np.float32 | np.int16] = np.dtype(np.int16)  # of the audio
        self._begin()
        self.closed = False  # ended, with or without an error
        self.playback_end = 0.0  # when playback of the emitted audio ends if it is played at once, in s
        self.emit_at = 0.0  # when to emit the next audio, so that chunks come at a steady rate, in s
        self._buffer_limit = int(buffered_seconds * SAMPLE_RATE)
        self.suspect = False  # it was part of a step that raised, and is tried once more, alone

    def _begin(self) -> None:
        self._pending = 0  # samples decoded, not emitted
        self._head = 0
        self._open: int | None = None  # the sentence that the last audio belongs to, unless a pause follows it
        self._flags: list[SentenceFlag] = []  # of finished sentences, not emitted
        self._tokens = 0
        self._pause = self._pause_at_head()  # samples of silence to emit before the next audio

    def _pause_at_head(self) -> int:
        """Return the samples of the pause before the head, or at the end of the text."""
        if self.head is not None:
            return round(self.head.sentence.pause_before * SAMPLE_RATE)
        return round(self.sequences[-1].sentence.pause_after * SAMPLE_RATE) if self.sequences else 0

    @property
    def finished(self) -> bool:
        """Whether the audio of all sentences has been emitted."""
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
        """Seconds of audio that have been decoded but not emitted, with the pause before it."""
        return (self._pause + self._pending) / SAMPLE_RATE

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
        self._dtype = samples.dtype
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
        self._begin()

    def emit(self, now: float) -> list[Chunk]:
        """Emit the decoded audio that is next in order, and the pauses around it, to the caller; return the chunks."""
        if self.request.whole and not self.complete:
            return []
        chunks: list[Chunk] = []
        while not (chunks and chunks[-1].final) and (chunk := self._next_chunk()) is not None:
            start = now if self.playback_end else now - self.request.encoder_delay
            self.playback_end = max(self.playback_end, start) + chunk.sample_count / SAMPLE_RATE
            self.speech.put(chunk)
            chunks.append(chunk)
        return chunks

    def _next_chunk(self) -> Chunk | None:
        """Return the audio that is next in order, up to what is not decoded or into a long pause, if there is any."""
        audio: list[Samples] = []
        starts: list[SentenceStart] = []
        ends: list[SentenceEnd] = []
        while self._take_pause(audio, ends) and (sequence := self.head) is not None:
            if pieces := sequence.take_audio():
                if self._open != sequence.index:
                    starts.append(self._start_of(sequence))
                self._pending -= self._add(audio, pieces)
            if sequence.stage is not Stage.FINISHED:
                break
            self._pass(sequence)
        final = self.finished and not self._pause
        if not audio and not final:
            return None
        flags, self._flags = tuple(self._flags), []
        return Chunk(
            pieces=self._pieces(audio),
            sentences=tuple(starts),
            prompt_tokens=sum(len(sequence.prompt) for sequence in self.sequences),
            audio_tokens=self._tokens + (0 if self.head is None else self.head.states),
            final=final,
            flags=flags,
            ends=tuple(ends),
        )

    def _pieces(self, audio: list[Samples]) -> tuple[Samples, ...]:
        """Return the pieces of a chunk: those of a stream are joined, since each is a view of all that a beat made."""
        if not audio:
            return (np.zeros(0, dtype=self._dtype),)
        return tuple(audio) if self.request.whole else (np.concatenate(audio),)

    def _take_pause(self, audio: list[Samples], ends: list[SentenceEnd]) -> bool:
        """Add the pause that is next, unless no audio is decoded before or after it; return False if it is cut."""
        due = self.has_emitted or bool(audio) or self.head is None or bool(self.head.audio)
        if not self._pause or not due:
            return True
        if self._open is not None:
            ends.append(SentenceEnd(self._open, self._samples))
            self._open = None
        silence = self._pause if self.request.whole else min(self._pause, _LONGEST_SILENCE)
        self._add(audio, [np.zeros(silence, dtype=self._dtype)])
        self._pause -= silence
        return not self._pause

    def _add(self, audio: list[Samples], pieces: list[Samples]) -> int:
        """Add pieces to the audio that is emitted; return their samples."""
        count = sum(map(len, pieces))
        audio += pieces
        self._samples += count
        return count

    def _pass(self, sequence: Sequence) -> None:
        """Make the sentence after the head the head."""
        if sequence.flag is not None:
            self._flags.append(SentenceFlag(sequence.index, sequence.flag))
        self._tokens += sequence.states
        self._head += 1
        self._pause += self._pause_at_head()

    def fail(self, error: EngineError) -> None:
        """End the request with an error, after the audio that has been emitted."""
        self.speech.fail(error)

    def _start_of(self, sequence: Sequence) -> SentenceStart:
        sentence = sequence.sentence
        self._open = sequence.index
        return SentenceStart(sequence.index, self._samples, sentence.start, sentence.end, sentence.text)
