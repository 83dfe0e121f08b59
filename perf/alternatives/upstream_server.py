"""Upstream's own server, as a process of its own."""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

from launch.authority import authority
from launch.errors import StartFailed
from launch.process import ports
from launch.process.readiness import POLL_TIMEOUT
from launch.process.tethered_process import TetheredProcess, describe_exit

_ADDRESS = "127.0.0.1"
_PROGRAM = Path(__file__).with_name("upstream_app.py")
_POLL_INTERVAL = 0.1
_END_TIMEOUT = 10.0  # seconds for the clip that is being made
_LAST_WORDS = 2000  # bytes of its output that are shown if it does not start


class UpstreamServer:
    """One process of `soprano.server` on a free port of 127.0.0.1; a context manager that is ready inside its block.

        with UpstreamServer(checkpoint) as upstream:
            httpx.post(upstream.url + "/v1/audio/speech", json={"input": "Hello."})

    Raises `StartFailed`, with the server's last words, when entered.
    """

    def __init__(
        self,
        checkpoint: Path,
        *,
        device: str = "auto",
        environment: Mapping[str, str] | None = None,
        start_timeout: float = 600.0,
    ) -> None:
        """Prepare a server; `environment` comes on top of this process's own."""
        self._port = ports.find_free(_ADDRESS, 1)[0]
        self._command = [sys.executable, "-P", str(_PROGRAM), str(checkpoint), str(self._port), device]
        self._environment = {**os.environ, **(environment or {})}
        self._start_timeout = start_timeout
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            log = stack.enter_context(tempfile.TemporaryFile())
            process = TetheredProcess(self._command, environment=self._environment, output=log.fileno())
            stack.callback(process.stop, _END_TIMEOUT)
            self._wait_until_ready(process, log)
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://{authority(_ADDRESS, self._port)}"

    def _wait_until_ready(self, process: TetheredProcess, log: IO[bytes]) -> None:
        """Wait for its first answer: it listens only once the model is loaded and warm."""
        deadline = time.monotonic() + self._start_timeout
        # The machine's own addresses are never behind a web proxy, whatever the environment says.
        with httpx.Client(base_url=self.url, timeout=POLL_TIMEOUT, trust_env=False) as client:
            while not _answers(client):
                if process.wait(_POLL_INTERVAL):
                    how = describe_exit(process.exit_status)
                    raise StartFailed(f"upstream's server ended while it was starting, {how}:\n{_last_words(log)}")
                if time.monotonic() > deadline:
                    late = f"upstream's server was not ready within {self._start_timeout:.0f} s"
                    raise StartFailed(f"{late}:\n{_last_words(log)}")


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/openapi.json").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _last_words(log: IO[bytes]) -> str:
    # With a position of its own, as the server writes at that of the file.
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace").strip()
