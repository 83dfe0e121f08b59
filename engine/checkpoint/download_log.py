"""How far a download is: counted, and told in lines of a log where there is no terminal to draw a bar on."""

import logging
import threading
import time

from huggingface_hub.utils.tqdm import tqdm

INTERVAL = 5.0
"""Seconds between two lines."""

_log = logging.getLogger(__name__)


class Abandoned(Exception):
    """Raised in the thread of a download that nobody waits for any more."""


class DownloadLog:
    """Counts how much of `total` bytes (None: not known) has come, and writes it to the log if it is `told`.

    Bytes are counted by bars of the class `bars`, one class for each file, for `huggingface_hub.hf_hub_download`. It
    may have several bars for the same bytes, as they arrive and as they are written; the bar that is ahead is right.
    The bars are `drawn` on the terminal or not.
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
        """Bytes that have come."""
        return sum(self._of_files)

    @property
    def bars(self) -> type[tqdm]:
        """A class of bars that count the bytes of one more file."""
        log = self
        with self._counting:
            file = len(self._of_files)
            self._of_files.append(0.0)

        class Bar(tqdm):
            def __init__(self, *arguments: object, **options: object) -> None:
                self._of_bytes = options.get("unit") == "B"
                # Disabled, it writes nothing of its own to standard error.
                options = options if log._to_terminal else {**options, "disable": True}
                super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]

            def update(self, n: float | None = 1) -> bool:
                """Count; a connection that begins again takes back what it had. Raises `Abandoned`."""
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
        """Write how much has come, if it is time for a line; also while nothing comes."""
        with self._counting:
            self._report()

    def finish(self) -> None:
        """Say that everything is here, unless nothing had to be fetched."""
        if self._to_log and self.fetched:
            _log.info("fetched all %s", size(self.fetched))

    def abandon(self) -> None:
        """End the download with its next bytes."""
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
    """Write a number of bytes with three digits and its unit."""
    return str(tqdm.format_sizeof(count, "B"))
