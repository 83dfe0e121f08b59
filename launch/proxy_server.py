"""The proxy, `python -m proxy`, as a child process."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from ipc.stop_signal import Cancellation
from launch.authority import authority
from launch.errors import InvalidSetting, ServerDied
from launch.process import ports
from launch.process.readiness import wait_until_ready
from launch.process.tethered_process import TetheredProcess, describe_exit

LIVE = "/health/live"
"""The path that answers with 200 once the proxy's process responds."""
READY = "/health/ready"
"""The path that answers with 200 once Triton has spoken."""


@dataclass(frozen=True)
class ProxySettings:
    """The settings of the proxy's process. Raises `InvalidSetting`."""

    triton_url: str
    """Triton's host and port for `transport`, without a scheme; several are separated by commas."""
    transport: str = "grpc"
    host: str = "127.0.0.1"
    port: int = 8080
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables in addition to this process's own."""
    start_timeout: float = 120.0

    def __post_init__(self) -> None:
        """Check everything that can be checked before the start."""
        if self.transport not in ("grpc", "http"):
            raise InvalidSetting(f"the transport is grpc or http, not {self.transport!r}: change --transport")
        if self.transport == "http" and "," in self.triton_url:
            raise InvalidSetting("several devices can share the work over gRPC only: leave --transport out")
        if not 0 < self.port <= 65535:
            raise InvalidSetting(f"port {self.port} does not exist: choose --port between 1 and 65535")


class ProxyServer:
    """One proxy process. `start` raises `PortTaken` or `StartFailed`."""

    def __init__(self, settings: ProxySettings) -> None:
        self.settings = settings
        self._process: TetheredProcess | None = None

    @property
    def url(self) -> str:
        """Base URL for clients on this machine."""
        return f"http://{authority(self.settings.host, self.settings.port)}"

    @property
    def exit_status(self) -> int | None:
        """The exit status if the proxy ended unexpectedly; None while it runs and before it is started."""
        return self._process.exit_status if self._process else None

    def require_port(self) -> None:
        """Check that the proxy's port is free. Raises `PortTaken`."""
        ports.require_free(self.settings.host, self.settings.port, option="--port")

    def start(self, cancellation: Cancellation, until: str = READY) -> None:
        """Start the proxy and wait until the path `until` answers with 200. If this raises, the proxy is stopped."""
        self.require_port()
        # -P: ignore a folder named proxy in the current directory.
        command = [sys.executable, "-P", "-m", "proxy"]
        self._process = TetheredProcess(command, environment=self._environment())
        try:
            self._wait(self._process, cancellation, until)
        except BaseException:
            self.stop(timeout=0)
            raise

    def terminate(self) -> None:
        """Ask the proxy to end, and do not wait for it; `stop` must be called afterwards."""
        if self._process:
            self._process.terminate()

    def stop(self, timeout: float) -> None:
        """Stop the proxy; open requests have `timeout` seconds to finish."""
        if self._process:
            self._process.stop(timeout)
            self._process = None

    def death(self) -> ServerDied:
        """The error for a proxy that ended unexpectedly."""
        how = describe_exit(self.exit_status)
        return ServerDied(f"the proxy ended by itself, {how}: its own message stands above")

    def _environment(self) -> dict[str, str]:
        own = {
            "SOPRANO_HOST": self.settings.host,
            "SOPRANO_PORT": str(self.settings.port),
            "SOPRANO_TRANSPORT": self.settings.transport,
            "SOPRANO_TRITON_URL": self.settings.triton_url,
        }
        return {**os.environ, **self.settings.environment, **own}

    def _wait(self, process: TetheredProcess, cancellation: Cancellation, path: str) -> None:
        def explain(what: str, answer: str) -> str:
            if process.exit_status is None:
                return f"{what}, and says: {answer}"
            return f"{what}: its own message stands above"

        wait_until_ready(
            process,
            "the proxy",
            self.url,
            [path],
            timeout=self.settings.start_timeout,
            explain=explain,
            cancellation=cancellation,
        )
