"""Keeps the proxy and the Tritons behind it running together: starts all, replaces what breaks, stops all."""

import time
from collections.abc import Callable, Sequence

from launch.errors import StartCancelled
from launch.process.restarts import Restarts
from launch.process.stop_signal import StopSignal
from launch.proxy_server import LIVE, ProxyServer
from launch.triton.keeper import TritonKeeper

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
        self._proxy_restarts = Restarts(proxy, "the proxy", announce)

    def run(self, stop: StopSignal, on_ready: Callable[[], None]) -> None:
        """Serve until `stop`; all servers are down when this returns or raises.

        Raises `PortTaken`, `StartFailed` or `CannotWrite` of a first start. A server that was ready and fails is
        started again, for as long as it takes.
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
        """Replace a proxy that ends until somebody asks to stop; the keepers see to the Tritons."""
        self._proxy_restarts.started()
        while not stop.wait(_CHECK_INTERVAL):
            if self._proxy.exit_status is not None:
                self._proxy_restarts.run(str(self._proxy.death()), lambda: self._restart_proxy(stop), stop)
            for keeper in self._keepers:
                if keeper.failure:
                    raise keeper.failure

    def _restart_proxy(self, stop: StopSignal) -> None:
        # Its own answer is enough: to end it again while it waits for a Triton would help neither.
        self._proxy.start(stop, until=LIVE)
        self._announce("the proxy is back")

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
