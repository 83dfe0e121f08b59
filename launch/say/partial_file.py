"""A recording that is continued after a loss, by the same command or by the next one.

Beside `book.mp3`, the audio stands in `book.mp3.partial` until it is complete. `book.mp3.partial.jsonl` is its journal:
a line with the digest of the text and the options, and a line for each complete sentence with its times and the place
in the audio and in the text where the next one begins.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from launch import console
from launch.errors import CannotWrite
from launch.say.events import Sentence
from launch.say.output_file import OutputFile, refusals
from launch.say.recording import Recording, ResumePoint
from launch.say.wav_sizes import fill_in_sizes


@dataclass(frozen=True)
class _Line:
    """A line of the journal."""

    sentence: Sentence
    point: ResumePoint

    @classmethod
    def parse(cls, line: bytes) -> "_Line | None":
        """Return the line; None if it is not complete."""
        try:
            fields: dict[str, Any] = json.loads(line)
            return cls(Sentence(**fields["sentence"]), ResumePoint(**fields["point"]))
        except (ValueError, KeyError, TypeError):
            return None


class PartialFile(Recording):
    """The audio of an unfinished file, and its journal."""

    def __init__(self, name: str, audio: IO[bytes], journal: IO[bytes]) -> None:
        super().__init__(OutputFile(name, audio, live=False), keeps_sentences=False)  # the journal does
        self._audio = audio
        self._journal = journal

    def begin(self, digest: str | None) -> None:
        """Go on where the journal ends, if it is of this digest; otherwise begin a new one."""
        header = json.dumps({"digest": digest}).encode() + b"\n"
        with refusals(self.output.name):
            size = os.fstat(self._audio.fileno()).st_size
            self._journal.seek(0)
            end = len(header)
            if digest is not None and self._journal.readline() == header:
                for line in self._journal:
                    entry = _Line.parse(line)
                    if entry is None or entry.point.bytes > size:
                        break
                    self.point = entry.point
                    end += len(line)
            else:
                self._journal.truncate(0)
                self._journal.seek(0)
                self._journal.write(header)
            self._journal.truncate(end)
            self._journal.seek(end)
            self._cut()

    def complete(self, sentence: Sentence, point: ResumePoint) -> None:
        """Note it in the journal."""
        super().complete(sentence, point)
        with refusals(self.output.name):
            self._journal.write(json.dumps({"sentence": asdict(sentence), "point": asdict(point)}).encode() + b"\n")

    def go_on(self, _: ResumePoint, /) -> None:
        """Cut what comes after the last complete sentence."""
        with refusals(self.output.name):
            self._cut()

    def sentences(self) -> list[Sentence]:
        """Those that are complete, from the journal."""
        self._journal.seek(0)
        lines = [_Line.parse(line) for line in self._journal.readlines()[1:]]
        return [line.sentence for line in lines if line]

    def _cut(self) -> None:
        self._audio.truncate(self.point.bytes)
        self._audio.seek(self.point.bytes)


@contextmanager
def open_partial(path: Path, digest: str | None, *, resume: bool) -> Iterator[PartialFile]:
    """The unfinished file of `path`, which gets its name if the block succeeds.

    If it does not, what is complete is kept for the next command with the same `digest`; without one, nothing is.
    Raises `CannotWrite`, also if another command is writing it.
    """
    # If the path is a link, the file that it points to is replaced, not the link.
    target = path.resolve()
    draft, journal = (target.with_name(f"{target.name}.partial{suffix}") for suffix in ("", ".jsonl"))
    with refusals(str(path)):
        if path.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        audio_file = _open(draft)
        journal_file = _open(journal)
    with audio_file, journal_file:
        _lock(audio_file, path)
        partial = PartialFile(str(path), audio_file, journal_file)
        if not resume:
            journal_file.truncate(0)
        try:
            partial.begin(digest)
            yield partial
            fill_in_sizes(audio_file)
            with refusals(str(path)):
                draft.replace(target)
            journal.unlink()
        except BaseException:
            if digest is None or not partial.point.bytes:
                draft.unlink(missing_ok=True)
                journal.unlink(missing_ok=True)
            else:
                kept = f"{partial.point.seconds:.1f} s of audio are kept in {draft.name}"
                console.say(f"{kept}: run the same command again to go on")
            raise


def _open(path: Path) -> IO[bytes]:
    """Open a file without a buffer, so that what was written survives this process; create it if it is not there."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotWrite(f"another `soprano say` is writing {path}: wait for it, or choose another file") from error
