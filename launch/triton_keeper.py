"""Keeps one Triton running: starts it, has it watched, and starts it again when it died or fell silent."""

import threading
import time
from collections import deque
from collections.abc import Callable

from launch.errors import StartCancelled, TritonUnhealthy
from launch.triton_server import TritonServer
from launch.watchdog import Watchdog, WatchdogSettings

RESTARTS = 3
RESTART_PERIOD = 600.0
"""At most so many restarts in so many seconds; a Triton that needs more needs a person."""

_CHECK_INTERVAL = 0.2


class TritonKeeper:
    """Owns a Triton, and the thread `keeper` that looks after it, from `start` to `stop`.

    `announce` gets a sentence for the user about each thing that happens; in them, the Triton is called `name`.
    """

    def __init__(
        self,
        triton: TritonServer,
        watchdog: WatchdogSettings,
        announce: Callable[[str], None],
        name: str = "Triton",
    ) -> None:
        self.triton = triton
        self.name = name
        self._watchdog = watchdog
        self._announce = announce
        self._restarts: deque[float] = deque(maxlen=RESTARTS)
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="keeper")

    @property
    def ready(self) -> bool:
        """Whether it has been ready once."""
        return self._ready.is_set()

    @property
    def failure(self) -> Exception | None:
        """What has become of a Triton that is not kept any more: `PortTaken`, `StartFailed` or `TritonUnhealthy`."""
        return self._failure

    def start(self) -> None:
        """Begin; `ready` or `failure` says how it went."""
        self._thread.start()

    def leave(self) -> None:
        """Look after the Triton no longer; it goes on by itself until it is terminated."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def terminate(self) -> None:
        """Ask the Triton to end, without waiting for it; `stop` still has to follow."""
        self.triton.terminate()

    def stop(self, timeout: float) -> None:
        """End the Triton; what is open gets `timeout` seconds."""
        self.leave()
        self.triton.stop(timeout)

    def _run(self) -> None:
        try:
            self._start()
            self._ready.set()
            while problem := self._watch():
                self._restart(problem)
        except StartCancelled:
            return
        except Exception as error:  # for the owner of this thread, who raises it
            self.triton.stop(timeout=0)
            self._failure = error

    def _start(self) -> None:
        self._announce(f"starting {self.name}; its log is {self.triton.log_path}")
        began = time.monotonic()
        self.triton.start(self._stop)
        self._announce(f"{self.name} is ready after {time.monotonic() - began:.1f} s")

    def _watch(self) -> str | None:
        """Wait until something happens; return why Triton needs a restart, or None to stop."""
        with Watchdog(self.triton.http_url, self._watchdog) as watchdog:
            while not self._stop.wait(_CHECK_INTERVAL):
                if self.triton.exit_status is not None:
                    # As when it fell silent: a broken engine ends its Triton, for somebody to start it again.
                    return str(self.triton.death())
                if watchdog.failure:
                    return watchdog.failure
        return None

    def _restart(self, problem: str) -> None:
        self._spend_restart(problem)
        self._announce(f"restarting {self.name}: {problem}")
        # What cannot speak one word has nothing to finish.
        self.triton.stop(timeout=0)
        self._start()

    def _spend_restart(self, problem: str) -> None:
        now = time.monotonic()
        if len(self._restarts) == RESTARTS and now - self._restarts[0] < RESTART_PERIOD:
            raise TritonUnhealthy(
                f"{self.name} fails again after {RESTARTS} restarts within {RESTART_PERIOD / 60:.0f} minutes: "
                f"{problem}; look into its log, {self.triton.log_path}"
            )
        self._restarts.append(now)
