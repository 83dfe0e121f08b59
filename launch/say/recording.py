"""Where the audio goes: a file that can be continued, or something that is heard at once."""

from dataclasses import dataclass, replace

from launch.say.events import Sentence
from launch.say.output_file import OutputFile


@dataclass(frozen=True)
class ResumePoint:
    """The end of a sentence: what is before it in the text, in the audio, and of sentences."""

    characters: int = 0
    bytes: int = 0
    seconds: float = 0.0
    sentences: int = 0


BEGINNING = ResumePoint()


class Recording:
    """Takes the audio as it comes. Nothing of it can be taken back."""

    point: ResumePoint
    """The end of the last complete sentence."""

    def __init__(self, output: OutputFile, *, keeps_sentences: bool) -> None:
        self.point = BEGINNING
        self.output = output
        self._sentences: list[Sentence] | None = [] if keeps_sentences else None

    def write(self, data: bytes) -> None:
        """Append `data`. Raises `CannotWrite`, or `BrokenPipeError` if the reader has gone."""
        self.output.write(data)

    def complete(self, sentence: Sentence, point: ResumePoint) -> None:
        """Note that a sentence is complete, and where it ends."""
        self.point = point
        if self._sentences is not None:
            self._sentences.append(sentence)

    def sentences(self) -> list[Sentence]:
        """Those that are complete, if they are kept."""
        return self._sentences or []

    def go_on(self, end: ResumePoint, /) -> None:
        """Prepare for the text after `point`, when the audio ends at `end`: what was heard of it is heard again."""
        self.point = replace(self.point, bytes=end.bytes, seconds=end.seconds)
