"""Runs the proxy and the Tritons behind it: starts all, restarts those that fail, and stops all."""

import time
from collections.abc import Callable, Sequence

from ipc.stop_signal import StopSignal
from launch.errors import StartCancelled
from launch.process.restarts import Restarts
from launch.proxy_server import LIVE, ProxyServer
from launch.triton.keeper import TritonKeeper

STOP_TIMEOUT = 3.5
"""Seconds that all servers together have to end after Ctrl-C."""

_CHECK_INTERVAL = 0.2


class Supervisor:
    """Owns the servers while `run` runs."""

    def __init__(self, keepers: Sequence[TritonKeeper], proxy: ProxyServer, announce: Callable[[str], None]) -> None:
        """Start nothing yet. `announce` is called with a sentence for the user about each event."""
        self._keepers = keepers
        self._proxy = proxy
        self._announce = announce
        self._proxy_restarts = Restarts(proxy, "the proxy", announce)

    def run(self, stop: StopSignal, on_ready: Callable[[], None]) -> None:
        """Serve until `stop`; all servers have ended when this returns or raises.

        Raises `PortTaken`, `StartFailed` or `CannotWrite` if the first start fails. A server that fails later is
        restarted until it works again.
        """
        # Checked before Triton is started, which may take minutes to load.
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
        """Return whether all are ready; False if the user asked to stop."""
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
        """Restart the proxy whenever it ends, until the user asks to stop; the keepers restart the Tritons."""
        self._proxy_restarts.started()
        while not stop.wait(_CHECK_INTERVAL):
            if self._proxy.exit_status is not None:
                self._proxy_restarts.run(str(self._proxy.death()), lambda: self._restart_proxy(stop), stop)
            for keeper in self._keepers:
                if keeper.failure:
                    raise keeper.failure

    def _restart_proxy(self, stop: StopSignal) -> None:
        # LIVE is enough: the proxy may have to wait for a Triton, and restarting it would not help.
        self._proxy.start(stop, until=LIVE)
        self._announce("the proxy is back")

    def _stop_all(self) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT
        # All at the same time: Triton finishes the proxy's open requests, and needs three seconds even if it is idle.
        self._proxy.terminate()
        for keeper in self._keepers:
            keeper.detach()
            keeper.terminate()
        self._proxy.stop(max(0.0, deadline - time.monotonic()))
        for keeper in self._keepers:
            keeper.stop(max(0.0, deadline - time.monotonic()))
