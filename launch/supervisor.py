"""Keeps Triton and the proxy running together: starts both, restarts a Triton that fell silent or died, stops both."""

import time
from collections import deque
from collections.abc import Callable

from launch.errors import StartCancelled, TritonUnhealthy
from launch.proxy_server import ProxyServer
from launch.stop_signal import StopSignal
from launch.triton_server import TritonServer
from launch.watchdog import Watchdog, WatchdogSettings

STOP_TIMEOUT = 3.5
"""Seconds that both servers together get to end after Ctrl-C."""

RESTARTS = 3
RESTART_PERIOD = 600.0
"""At most so many restarts in so many seconds; a Triton that needs more needs a person."""

_CHECK_INTERVAL = 0.2


class Supervisor:
    """Owns the two servers for as long as `run` runs."""

    def __init__(
        self, triton: TritonServer, proxy: ProxyServer, watchdog: WatchdogSettings, announce: Callable[[str], None]
    ) -> None:
        """Prepare; `announce` gets a sentence for the user about each thing that happens."""
        self._triton = triton
        self._proxy = proxy
        self._watchdog = watchdog
        self._announce = announce
        self._restarts: deque[float] = deque(maxlen=RESTARTS)

    def run(self, stop: StopSignal, on_ready: Callable[[], None]) -> None:
        """Serve until `stop`; both servers are down when this returns or raises.

        Raises `PortTaken`, `StartFailed`, `ServerDied` when the proxy ends by itself, and `TritonUnhealthy` when
        restarting Triton does not help.
        """
        # Before Triton, which may take minutes to load.
        self._proxy.require_port()
        try:
            self._start_triton(stop)
            self._proxy.start(stop)
            on_ready()
            while problem := self._watch(stop):
                self._restart_triton(problem, stop)
        except StartCancelled:
            return
        finally:
            self._announce("stopping")
            self._stop_both()

    def _start_triton(self, stop: StopSignal) -> None:
        self._announce(f"starting Triton; its log is {self._triton.log_path}")
        began = time.monotonic()
        self._triton.start(stop)
        self._announce(f"Triton is ready after {time.monotonic() - began:.1f} s")

    def _watch(self, stop: StopSignal) -> str | None:
        """Wait until something happens; return why Triton needs a restart, or None to stop."""
        with Watchdog(self._triton.http_url, self._watchdog) as watchdog:
            while not stop.wait(_CHECK_INTERVAL):
                if self._proxy.exit_status is not None:
                    raise self._proxy.death()
                if self._triton.exit_status is not None:
                    # As when it fell silent: a broken engine ends its Triton, for somebody to start it again.
                    return str(self._triton.death())
                if watchdog.failure:
                    return watchdog.failure
        return None

    def _restart_triton(self, problem: str, stop: StopSignal) -> None:
        self._spend_restart(problem)
        self._announce(f"restarting Triton: {problem}")
        # What cannot speak one word has nothing to finish.
        self._triton.stop(timeout=0)
        self._start_triton(stop)

    def _spend_restart(self, problem: str) -> None:
        now = time.monotonic()
        if len(self._restarts) == RESTARTS and now - self._restarts[0] < RESTART_PERIOD:
            raise TritonUnhealthy(
                f"Triton fails again after {RESTARTS} restarts within {RESTART_PERIOD / 60:.0f} minutes: {problem}; "
                f"look into its log, {self._triton.log_path}"
            )
        self._restarts.append(now)

    def _stop_both(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        # Both at once: Triton finishes what the proxy is still passing on, and needs three seconds even if idle.
        self._proxy.terminate()
        self._triton.terminate()
        self._proxy.stop(max(0.0, deadline - time.monotonic()))
        self._triton.stop(max(0.0, deadline - time.monotonic()))
