"""Periodic checks that Triton still speaks."""

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from launch.errors import InvalidSetting
from launch.triton.probe import Finding, Health, Probe

_RECHECK = 1.0


@dataclass(frozen=True)
class WatchdogSettings:
    """The watchdog's limits; with the defaults a machine under full load passes. Raises `InvalidSetting`."""

    interval: float = 10.0
    """Seconds between two checks, at most 1 after a failure; 0 turns the checks off."""
    deadline: float = 75.0
    """Seconds that one word may take, including its wait behind other requests. Longer than the engine's own deadline
    for first audio, so that an overloaded engine can still report that it is overloaded."""
    failures: int = 3
    """Failed checks in a row after which Triton counts as broken."""
    recovery: float = 60.0
    """Seconds that a model may take to replace its engine, which is faster than a restart of Triton."""

    def __post_init__(self) -> None:
        """Check every value."""
        if self.interval < 0 or self.deadline <= 0 or self.failures < 1 or self.recovery < 0:
            raise InvalidSetting(
                "the watchdog needs --watchdog-interval of at least 0, --watchdog-deadline above 0, "
                "--watchdog-failures of at least 1 and --watchdog-recovery of at least 0"
            )


class Watchdog:
    """Makes Triton speak one word every few seconds; a context manager that does so inside its block.

    The thread `watchdog` ends at once when the block ends, even in the middle of a check.
    """

    def __init__(self, triton_url: str, metrics_url: str, settings: WatchdogSettings) -> None:
        self._probe = Probe(triton_url, metrics_url, settings.deadline)
        self._settings = settings
        self._failures = 0
        self._recovering_since: float | None = None
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
        self._probe.interrupt()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def failure(self) -> str | None:
        """Why Triton counts as broken; None if it does not."""
        return self._failure

    def _watch(self) -> None:
        # After a failure the next check is soon; a late answer has already used up the time of its check.
        soon = min(self._settings.interval, _RECHECK)
        while not self._stop.wait(soon if self._failures or self._recovering_since else self._settings.interval):
            failure = self._judge(self._probe.run())
            if failure and not self._stop.is_set():
                self._failure = failure
                return

    def _judge(self, finding: Finding) -> str | None:
        """Return why Triton counts as broken after this finding; None if it does not."""
        now = time.monotonic()
        match finding.health:
            case Health.ALIVE:
                self._failures = 0
                self._recovering_since = None
            case Health.RECOVERING:
                self._recovering_since = self._recovering_since or now
                if now - self._recovering_since >= self._settings.recovery:
                    return f"its engine has not been replaced within {self._settings.recovery:g} s: {finding.problem}"
            case Health.BROKEN:
                self._failures += 1
                if self._failures == self._settings.failures:
                    return f"{self._failures} one-word requests failed, the last one because {finding.problem}"
        return None
