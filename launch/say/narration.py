"""A text of any length, spoken in as many sessions as it takes."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launch.errors import ConnectionLost, SpeechFailed
from launch.say.boundaries import Boundaries, Boundary, boundaries_of
from launch.say.events import Acknowledged, Audio, Configured, Done, Sentence, SentenceWarning
from launch.say.recording import Recording, ResumePoint
from launch.say.request import SpeechRequest
from launch.say.session import Server, Session, session
from launch.say.text_feed import TextFeed
from launch.say.wav_sizes import HEADER_BYTES

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


@dataclass(frozen=True)
class Lost:
    """A session has ended too early; another one will be tried after a pause."""

    reason: str


class Narration:
    """Sends a text and records its audio. When a session is lost, the next one goes on after the last whole sentence.

    A sentence is whole when the next one has begun, since the last one before a loss may have been cut. Once a session
    was lost, `patience` seconds may pass between two whole sentences.
    """

    def __init__(
        self, server: Server, request: SpeechRequest, text: TextFeed, recording: Recording, *, patience: float
    ) -> None:
        self._server = server
        self._request = request
        self._text = text
        self._recording = recording
        self._backoff = _Backoff(patience)
        self._has_audio = False

    def events(self) -> Iterator[Sentence | SentenceWarning | Lost]:
        """Yield what happens, with places in the whole text and the whole audio. Raises `SpeechFailed`."""
        while True:
            clip = _Clip(self._request, self._text, self._recording)
            try:
                with session(self._server) as opened:
                    yield from clip.events(opened)
            except ConnectionLost as error:
                self._text.raise_failure()
                self._note(clip)
                if not self._has_audio:
                    raise
                self._backoff.require_patience(error)
                if not clip.can_go_on:
                    raise SpeechFailed(f"{error}; this format cannot be continued: choose another --format") from error
                yield Lost(str(error))
            else:
                return
            self._backoff.wait()
            self._recording.go_on(clip.end)

    def _note(self, clip: "_Clip") -> None:
        """Note what a lost session has brought."""
        self._has_audio |= clip.has_audio
        if clip.has_whole_sentence:
            self._backoff.begin()


class _Backoff:
    """Longer and longer pauses between attempts, for `patience` seconds altogether."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.begin()

    def begin(self) -> None:
        """Begin with short pauses again."""
        self._pause = _FIRST_PAUSE
        self._left = self._patience

    def require_patience(self, error: ConnectionLost) -> None:
        """Raise the error if no time is left for another attempt."""
        if self._left <= 0:
            raise error

    def wait(self) -> None:
        """Wait before the next attempt."""
        pause = min(self._pause, self._left)
        self._left -= pause
        self._pause = min(2 * pause, _LONGEST_PAUSE)
        time.sleep(pause)


class _Clip:
    """What one session speaks."""

    def __init__(self, request: SpeechRequest, text: TextFeed, recording: Recording) -> None:
        self._request = request
        self._text = text
        self._recording = recording
        self._base = recording.point
        self._boundaries: Boundaries | None = None
        self._left_out = 0  # bytes at the beginning that are not recorded
        self._waiting: deque[Sentence] = deque()  # sentences that are not known to be whole
        self.can_go_on = True
        """Whether another clip can be appended."""
        self.has_audio = False
        self.has_whole_sentence = False

    @property
    def end(self) -> ResumePoint:
        """Where the audio ends that was received."""
        if self._boundaries is None:
            return self._base
        last = self._boundaries.last
        return replace(self._base, bytes=self._base.bytes + last.bytes, seconds=self._base.seconds + last.seconds)

    def events(self, opened: Session) -> Iterator[Sentence | SentenceWarning]:
        """Yield the sentences, and at last the warnings. Raises `ConnectionLost` if there is more to come."""
        previous_text = self._text.previous_text()
        opened.start({**self._request.fields(), **({"previous_text": previous_text} if previous_text else {})})
        self._text.attach(opened)
        try:
            for event in opened.events():
                match event:
                    case None:
                        self._text.keep_alive()
                    case Configured():
                        self._configure(event)
                    case Acknowledged():
                        self._text.acknowledge()
                    case Audio():
                        self._write(event.data)
                    case Sentence():
                        yield self._add(event)
                    case Done():
                        if not self._text.is_complete(event.characters):
                            raise ConnectionLost("the server stops before the end of the text")
                        self._finish()
                        yield from map(self._placed_warning, event.warnings)
                        return
        finally:
            self._text.detach()

    def _configure(self, configured: Configured) -> None:
        is_first = self._base.bytes == 0
        encoding = configured.encoding
        self._left_out = HEADER_BYTES if encoding == "wav" and not is_first else 0
        self._boundaries = boundaries_of(encoding, configured.sample_rate, has_header=is_first)
        self.can_go_on = self._boundaries is not None

    def _write(self, data: bytes) -> None:
        self.has_audio = True
        left_out, self._left_out = self._left_out, max(0, self._left_out - len(data))
        self._recording.write(data[left_out:])
        if self._boundaries:
            self._boundaries.feed(data[left_out:])

    def _add(self, sentence: Sentence) -> Sentence:
        """Return the sentence with its place in the whole, and note that those before it are whole."""
        base = self._base
        placed = replace(
            sentence,
            index=base.sentences + sentence.index,
            text_start=base.characters + sentence.text_start,
            text_end=base.characters + sentence.text_end,
            start=base.seconds + sentence.start,
            end=base.seconds + sentence.end,
        )
        while self._waiting and self._boundaries:
            whole = self._waiting[0]
            boundary = self._boundaries.after(whole.end - base.seconds)
            if boundary is None:
                break
            self._complete(self._waiting.popleft(), boundary)
        self._waiting.append(placed)
        return placed

    def _finish(self) -> None:
        """Note that all sentences are whole."""
        end = self._boundaries.last if self._boundaries else Boundary(0, 0.0)
        while self._waiting:
            self._complete(self._waiting.popleft(), end)

    def _complete(self, sentence: Sentence, boundary: Boundary) -> None:
        point = ResumePoint(
            characters=sentence.text_end,
            bytes=self._base.bytes + boundary.bytes,
            seconds=self._base.seconds + boundary.seconds,
            sentences=sentence.index + 1,
        )
        self.has_whole_sentence = True
        self._recording.complete(sentence, point)
        self._text.spoken(point.characters)

    def _placed_warning(self, warning: SentenceWarning) -> SentenceWarning:
        return replace(warning, sentence=self._base.sentences + warning.sentence)
