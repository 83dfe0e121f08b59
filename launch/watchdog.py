"""Tells whether Triton still speaks."""

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from launch.errors import InvalidSetting
from launch.one_word import OneWord

_RECHECK = 1.0


@dataclass(frozen=True)
class WatchdogSettings:
    """How patient the watchdog is; the defaults let a machine under full load pass. Raises `InvalidSetting`."""

    interval: float = 10.0
    """Seconds between two checks, but one at most after a failure; 0 turns them off."""
    deadline: float = 75.0
    """Seconds that one word may take; it waits its turn behind the requests of others. More than the engine's own
    deadline for first audio, so that an engine with too much to do can still say so."""
    failures: int = 3
    """Failed checks in a row that count as broken."""

    def __post_init__(self) -> None:
        """Check every value."""
        if self.interval < 0 or self.deadline <= 0 or self.failures < 1:
            raise InvalidSetting(
                "the watchdog needs --watchdog-interval of at least 0, --watchdog-deadline above 0 and "
                "--watchdog-failures of at least 1"
            )


class Watchdog:
    """Has Triton speak one word every few seconds; a context manager that watches inside its block.

    The thread `watchdog` belongs to the block: it ends with it, at once, also in the middle of a check.
    """

    def __init__(self, triton_url: str, settings: WatchdogSettings) -> None:
        self._word = OneWord(triton_url, settings.deadline)
        self._settings = settings
        self._stop = threading.Event()
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._watch, name="watchdog")

    def __enter__(self) -> Self:
        if self._settings.interval:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._word.interrupt()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def failure(self) -> str | None:
        """Why Triton counts as broken; None as long as it does not."""
        return self._failure

    def _watch(self) -> None:
        failures = 0
        # A failure is looked into at once; what is only late has had its time in the check itself.
        while not self._stop.wait(min(self._settings.interval, _RECHECK) if failures else self._settings.interval):
            problem = self._word.speak()
            failures = failures + 1 if problem else 0
            if failures == self._settings.failures and not self._stop.is_set():
                self._failure = f"{failures} one-word requests in a row failed, the last one because {problem}"
                return
