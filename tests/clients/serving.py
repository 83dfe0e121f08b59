"""The real `soprano serve`, from the virtual environment in which it is installed."""

import os
import re
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from launch.process import ports
from tests.launch.processes import ProcessSnapshot, descendants, wait_until_gone
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SOPRANO = str(ROOT / ".venv" / "bin" / "soprano")
KEY = "sk-of-a-listener"
BUILTIN = "builtin"
"""The checkpoint of the built-in voice."""
START_TIMEOUT = 180.0
STOP_TIMEOUT = 30.0


def write_checkpoint(path: Path) -> None:
    """Write a tiny synthetic checkpoint; it makes noise of about the length of speech."""
    subprocess.run([SOPRANO, "checkpoint", "synthetic", str(path), "--size", "tiny"], check=True, timeout=START_TIMEOUT)


class Server:
    """`soprano serve` on free ports in a `with` block; `settings` are environment variables."""

    def __init__(self, checkpoint: Path, folder: Path, **settings: str) -> None:
        self.port, *others = ports.find_free("127.0.0.1", 4)
        http_port, grpc_port, metrics_port = others
        self._output = folder / "serve.txt"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SOPRANO_")},
            "XDG_CACHE_HOME": str(checkpoint.parent / "cache"),
            "XDG_STATE_HOME": str(folder / "state"),
            "SOPRANO_CHECKPOINT": str(checkpoint),
            "SOPRANO_DTYPE": "float32",
            "SOPRANO_THREADS": "1",  # leaves a core for the clients
            "SOPRANO_MAX_WAIT": "600",  # refuses no request because the machine is busy
            "SOPRANO_PORT": str(self.port),
            "SOPRANO_TRITON_HTTP_PORT": str(http_port),
            "SOPRANO_TRITON_GRPC_PORT": str(grpc_port),
            "SOPRANO_TRITON_METRICS_PORT": str(metrics_port),
            **settings,
        }

    def __enter__(self) -> Self:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [SOPRANO, "serve"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(lambda: self._ready() or self._process.poll() is not None, START_TIMEOUT)
            assert self._ready(), self._output.read_text()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        tree = descendants(self._process.pid)
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT)
        finally:
            self._process.kill()
            self._process.wait()
        wait_until_gone(tree, STOP_TIMEOUT)

    @property
    def url(self) -> str:
        """The URL without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The base URL for OpenAI clients."""
        return f"{self.url}/v1"

    @property
    def engine(self) -> ProcessSnapshot:
        """The engine's process."""
        (stub,) = [each for each in descendants(self._process.pid) if "soprano_stream/1/model.py" in each.command]
        return stub

    @property
    def proxy(self) -> ProcessSnapshot:
        """The proxy's process, which is started again when it ends."""
        processes = descendants(self._process.pid)
        (proxy,) = [each for each in processes if each.command.endswith("-m proxy") and "tether" not in each.command]
        return proxy

    def wait_until_ready(self) -> None:
        """Wait until the proxy, which may be starting again, has spoken."""
        wait_until(self._has_spoken, START_TIMEOUT)

    def in_flight(self) -> int:
        """The number of clips that are being made."""
        gauge = re.search(r"^soprano_proxy_in_flight (\S+)$", httpx.get(f"{self.url}/metrics").text, re.MULTILINE)
        assert gauge
        return int(float(gauge[1]))

    def _has_spoken(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _ready(self) -> bool:
        return "Listening on" in self._output.read_text()
