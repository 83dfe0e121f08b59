"""How far a clip is, on the terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from launch.say.events import Sentence


class SpeechProgress:
    """A bar on standard error, a context manager: how much of the text is spoken, how long that is, what it took.

    It counts in sentences that are complete; until the first one it only shows that something is going on.
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
            # Ctrl-C may come when the cursor is hidden already and `__exit__` is not yet due.
            self._progress.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def spoken(self, sentence: Sentence) -> None:
        """Take note of a complete sentence."""
        self._progress.update(self._task, total=self._characters, completed=sentence.text_end, seconds=sentence.end)

    def finish(self) -> None:
        """Show that the clip is complete, whatever blanks follow its last sentence."""
        self._progress.update(self._task, total=self._characters, completed=self._characters)
