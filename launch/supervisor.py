"""Keeps the proxy and the Tritons behind it running together: starts all, replaces what breaks, stops all."""

import time
from collections.abc import Callable, Sequence

from launch.errors import StartCancelled
from launch.proxy_server import ProxyServer
from launch.stop_signal import StopSignal
from launch.triton_keeper import TritonKeeper

STOP_TIMEOUT = 3.5
"""Seconds that all servers together get to end after Ctrl-C."""

_CHECK_INTERVAL = 0.2


class Supervisor:
    """Owns the servers for as long as `run` runs."""

    def __init__(self, keepers: Sequence[TritonKeeper], proxy: ProxyServer, announce: Callable[[str], None]) -> None:
        """Prepare; `announce` gets a sentence for the user about each thing that happens."""
        self._keepers = keepers
        self._proxy = proxy
        self._announce = announce

    def run(self, stop: StopSignal, on_ready: Callable[[], None]) -> None:
        """Serve until `stop`; all servers are down when this returns or raises.

        Raises `PortTaken`, `StartFailed`, `ServerDied` when the proxy ends by itself, and `TritonUnhealthy` when
        restarting the last Triton does not help.
        """
        # Before Triton, which may take minutes to load.
        self._proxy.require_port()
        try:
            if self._start_tritons(stop):
                self._proxy.start(stop)
                on_ready()
                self._watch(stop)
        except StartCancelled:
            return
        finally:
            self._announce("stopping")
            self._stop_all()

    def _start_tritons(self, stop: StopSignal) -> bool:
        """Return whether all are ready; False if somebody asked to stop."""
        for keeper in self._keepers:
            keeper.start()
        while not all(keeper.ready for keeper in self._keepers):
            for keeper in self._keepers:
                if keeper.failure:
                    raise keeper.failure
            if stop.wait(_CHECK_INTERVAL):
                return False
        return True

    def _watch(self, stop: StopSignal) -> None:
        """Wait until somebody asks to stop, or there is nothing left to serve with."""
        kept = list(self._keepers)
        while not stop.wait(_CHECK_INTERVAL):
            if self._proxy.exit_status is not None:
                raise self._proxy.death()
            for keeper in [keeper for keeper in kept if keeper.failure]:
                kept.remove(keeper)
                if not kept and keeper.failure:
                    raise keeper.failure
                self._announce(f"{keeper.failure}; the others go on")

    def _stop_all(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        # All at once: Triton finishes what the proxy is still passing on, and needs three seconds even if idle.
        self._proxy.terminate()
        for keeper in self._keepers:
            keeper.leave()
            keeper.terminate()
        self._proxy.stop(max(0.0, deadline - time.monotonic()))
        for keeper in self._keepers:
            keeper.stop(max(0.0, deadline - time.monotonic()))
