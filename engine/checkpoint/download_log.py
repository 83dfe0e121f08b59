"""The progress of a download: counted, and shown as bars on a terminal or as lines in the log."""

import logging
import threading
import time

from huggingface_hub.utils.tqdm import tqdm

INTERVAL = 5.0
"""Seconds between two log lines."""

_log = logging.getLogger(__name__)


class Abandoned(Exception):
    """Raised on the thread of a download after `abandon`."""


class DownloadLog:
    """Counts the fetched bytes of `total` (None if unknown), and writes them to the log if `to_log` is set.

    The bytes are counted by progress bars of the class `bars`, one class for each file, which are passed to
    `huggingface_hub.hf_hub_download`. That may create several bars for the same bytes, as they arrive and as they are
    written; the largest count is used. The bars are drawn on the terminal if `to_terminal` is set.
    """

    def __init__(self, total: int | None, *, to_log: bool = True, to_terminal: bool = False) -> None:
        self._total = total
        self._to_log = to_log
        self._to_terminal = to_terminal
        self._counting = threading.Lock()
        self._of_files: list[float] = []
        self._abandoned = False
        self._next_line = time.monotonic() + INTERVAL

    @property
    def fetched(self) -> float:
        """The bytes fetched so far."""
        return sum(self._of_files)

    @property
    def bars(self) -> type[tqdm]:
        """A new class of bars, which count the bytes of one file."""
        log = self
        with self._counting:
            file = len(self._of_files)
            self._of_files.append(0.0)

        class Bar(tqdm):
            def __init__(self, *arguments: object, **options: object) -> None:
                self._of_bytes = options.get("unit") == "B"
                # A disabled bar writes nothing to standard error.
                options = options if log._to_terminal else {**options, "disable": True}
                super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]

            def update(self, n: float | None = 1) -> bool:
                """Add `n` bytes; negative when a connection restarts. Raises `Abandoned`."""
                with log._counting:
                    if self.disable:
                        self.n += n or 0
                    else:
                        super().update(n)
                    if self._of_bytes:
                        log._count(file, self.n)
                return False

        return Bar

    def report(self) -> None:
        """Write a log line if `INTERVAL` has passed since the last one."""
        with self._counting:
            self._report()

    def finish(self) -> None:
        """Write the total to the log, unless nothing was fetched."""
        if self._to_log and self.fetched:
            _log.info("fetched all %s", size(self.fetched))

    def abandon(self) -> None:
        """Stop the download when its next bytes arrive."""
        self._abandoned = True

    def _count(self, file: int, fetched: float) -> None:
        if self._abandoned:
            raise Abandoned
        self._of_files[file] = max(self._of_files[file], fetched)
        self._report()

    def _report(self) -> None:
        now = time.monotonic()
        if not self._to_log or now < self._next_line:
            return
        self._next_line = now + INTERVAL
        total = "" if self._total is None else f" of {size(self._total)}"
        _log.info("fetched %s%s so far", size(self.fetched), total)


def size(count: float) -> str:
    """Format a number of bytes with three digits and a unit."""
    return str(tqdm.format_sizeof(count, "B"))
