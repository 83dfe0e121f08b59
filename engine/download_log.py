"""The progress of a download as lines of a log, for where there is no terminal to draw a bar on."""

import logging
import time
from typing import ClassVar

from tqdm import tqdm

_INTERVAL = 5.0  # seconds between two lines

_log = logging.getLogger(__name__)


class DownloadLog(tqdm):  # type: ignore[misc]  # it has no types
    """Takes the place of the bars of `huggingface_hub.snapshot_download`, as its `tqdm_class`."""

    _next_line: ClassVar[float] = 0.0  # there are several bars for the same bytes

    def display(self, *_: object, **__: object) -> bool:
        """Write a line, now and then, where a bar would be drawn; of bytes only, as there are bars of other things."""
        now = time.monotonic()
        if self.unit == "B" and self.total and self.n and now >= DownloadLog._next_line:
            DownloadLog._next_line = now + _INTERVAL
            _log.info("fetched %.0f of %.0f MB so far", self.n / 1e6, self.total / 1e6)
        return False
