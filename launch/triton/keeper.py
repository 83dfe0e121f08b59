"""Keeps one Triton running: starts it, monitors it, and restarts it when it dies or stops speaking."""

import threading
import time
from collections.abc import Callable

from launch.errors import StartCancelled
from launch.process.restarts import Restarts
from launch.triton.server import TritonServer
from launch.triton.watchdog import Watchdog, WatchdogSettings

_CHECK_INTERVAL = 0.2


class TritonKeeper:
    """Owns a Triton, and the thread `keeper` that monitors it, from `start` to `stop`.

    `announce` is called with a sentence for the user about each event, which calls the Triton `name`.
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
        self._restarts = Restarts(triton, name, announce)
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="keeper")

    @property
    def ready(self) -> bool:
        """Whether the Triton has been ready at least once."""
        return self._ready.is_set()

    @property
    def failure(self) -> Exception | None:
        """The error that ended the keeper: `PortTaken`, `StartFailed` or `CannotWrite` of the first start."""
        return self._failure

    def start(self) -> None:
        """Start the Triton in the background; `ready` and `failure` tell the result."""
        self._thread.start()

    def detach(self) -> None:
        """Stop monitoring the Triton; it runs on until it is terminated."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def terminate(self) -> None:
        """Ask the Triton to end, and do not wait for it; `stop` must be called afterwards."""
        self.triton.terminate()

    def stop(self, timeout: float) -> None:
        """Stop the Triton; open requests have `timeout` seconds to finish."""
        self.detach()
        self.triton.stop(timeout)

    def _run(self) -> None:
        try:
            self._start()
            self._restarts.started()
            self._ready.set()
            while problem := self._watch():
                self._restarts.run(problem, self._start, self._stop)
        except StartCancelled:
            return
        except Exception as error:  # the owner of this thread raises it
            self.triton.stop(timeout=0)
            self._failure = error

    def _start(self) -> None:
        self._announce(f"starting {self.name}; its log is {self.triton.log_path}")
        began = time.monotonic()
        self.triton.start(self._stop)
        self._announce(f"{self.name} is ready after {time.monotonic() - began:.1f} s")

    def _watch(self) -> str | None:
        """Wait until Triton needs a restart and return the reason; None if monitoring is to stop."""
        with Watchdog(self.triton.http_url, self.triton.metrics_url, self._watchdog) as watchdog:
            while not self._stop.wait(_CHECK_INTERVAL):
                if death := self.triton.find_death():
                    return str(death)
                if watchdog.failure:
                    return watchdog.failure
        return None
