"""A progress bar for a clip."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from launch import console
from launch.say.events import Sentence
from launch.say.recording import ResumePoint


class SpeechProgress:
    """A bar on standard error: the share of the text that is spoken, the sentences, the seconds of audio, the time.

    A context manager. The bar advances with each complete sentence; before the first one it only shows activity, as it
    does for a text whose number of `characters` is not known. `begun` is what was made before.
    """

    def __init__(self, name: str, characters: int | None, begun: ResumePoint, *, shown: bool) -> None:
        self._characters = characters
        self._begun = begun
        self._begun_at = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("sentence {task.fields[sentences]}"),
            TextColumn("{task.fields[seconds]:.1f} s of audio"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[rate]}"),
            console=Console(stderr=True),
            # Standard output carries the audio.
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not shown,
        )
        self._task = self._progress.add_task(
            name, total=None, sentences=begun.sentences, seconds=begun.seconds, rate=""
        )

    def __enter__(self) -> Self:
        try:
            self._progress.start()
        except BaseException:
            # Ctrl-C may arrive after the cursor was hidden; `__exit__` is not called then.
            self._progress.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def spoken(self, sentence: Sentence) -> None:
        """Advance the bar to the end of a complete sentence."""
        rate = (sentence.end - self._begun.seconds) / max(0.001, time.monotonic() - self._begun_at)
        self._progress.update(
            self._task,
            total=self._characters,
            completed=sentence.text_end,
            sentences=sentence.index + 1,
            seconds=sentence.end,
            rate=f"{rate:.1f}x",
        )

    def tell(self, message: str) -> None:
        """Write a line above the bar, or just a line where no bar is shown."""
        if self._progress.disable:
            console.warn(message)
        else:
            self._progress.console.print(f"soprano: {message}", style="yellow", markup=False, highlight=False)

    def finish(self) -> None:
        """Show that the clip is complete, even if spaces follow its last sentence."""
        self._progress.update(self._task, total=self._characters, completed=self._characters)
