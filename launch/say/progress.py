"""A progress bar for a clip."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from launch.say.events import Sentence


class SpeechProgress:
    """A bar on standard error with the share of the text that is spoken, the seconds of audio and the elapsed time.

    A context manager. The bar advances with each complete sentence; before the first one it only shows activity.
    """

    def __init__(self, name: str, characters: int, *, shown: bool) -> None:
        self._characters = characters
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[seconds]:.1f} s of audio"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            # Standard output carries the audio.
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not shown,
        )
        self._task = self._progress.add_task(name, total=None, seconds=0.0)

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
        self._progress.update(self._task, total=self._characters, completed=sentence.text_end, seconds=sentence.end)

    def finish(self) -> None:
        """Show that the clip is complete, even if spaces follow its last sentence."""
        self._progress.update(self._task, total=self._characters, completed=self._characters)
