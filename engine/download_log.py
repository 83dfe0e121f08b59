"""The progress of a download as lines of a log, for where there is no terminal to draw a bar on."""

import logging
import threading
import time

from tqdm import tqdm

INTERVAL = 5.0
"""Seconds between two lines."""

_log = logging.getLogger(__name__)


class DownloadLog:
    """Writes how much of `total` bytes (None: not known) has come, now and then and once at the end.

    Bytes are counted by bars of the class `bars`, for `huggingface_hub.snapshot_download`. It has several for the same
    ones, as they arrive and as they are written, and others for other things; the bar that is ahead is right. What
    such a bar takes for the total is not used: that grows, file by file, while the download runs.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._counting = threading.Lock()
        self._fetched = 0.0
        self._next_line = time.monotonic() + INTERVAL

    @property
    def bars(self) -> type[tqdm]:
        """The class of bars that draw nothing and count for this log."""
        log = self

        class Bar(tqdm):  # type: ignore[misc]  # it has no types
            def __init__(self, *arguments: object, **options: object) -> None:
                self._of_bytes = options.get("unit") == "B"
                # Disabled, it writes nothing of its own to standard error.
                super().__init__(*arguments, **{**options, "disable": True})

            def update(self, n: float | None = 1) -> bool:
                """Count; a connection that begins anew takes back what it had."""
                with log._counting:
                    self.n += n or 0
                    if self._of_bytes:
                        log._count(self.n)
                return False

        return Bar

    def finish(self) -> None:
        """Say that everything is here, unless nothing had to be fetched."""
        if self._fetched:
            _log.info("fetched all %s", _size(self._fetched))

    def _count(self, fetched: float) -> None:
        self._fetched = max(self._fetched, fetched)
        now = time.monotonic()
        if now < self._next_line:
            return
        self._next_line = now + INTERVAL
        total = "" if self._total is None else f" of {_size(self._total)}"
        _log.info("fetched %s%s so far", _size(self._fetched), total)


def _size(count: float) -> str:
    """Write a number of bytes with three digits and its unit."""
    return str(tqdm.format_sizeof(count, "B"))
