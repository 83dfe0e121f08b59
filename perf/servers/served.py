"""`soprano serve` in a process of its own, and the processes of which it consists.

with Served("builtin", {"SOPRANO_DTYPE": "float32"}) as served:
    os.kill(served.pid_of(ENGINE), signal.SIGKILL)
"""

import os
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from engine.checkpoint.locate import resolve
from launch.process import ports, process_table
from launch.process.readiness import wait_until_ready
from launch.process.tethered_process import TetheredProcess, describe_exit
from measuring.servers import ADDRESS

ENGINE = "soprano-engine"
STUB = "stub of soprano_stream"
TRITON = "tritonserver"
PROXY = "proxy"
SUPERVISOR = "soprano serve"
TETHER = "tether"

_ROOT = Path(__file__).resolve().parents[2]
_NAMED = {"soprano-engine", "soprano-forks", "soprano-proxy", "soprano-text", "tritonserver"}
_POLL_TIMEOUT = 5.0  # seconds for the first response on a busy machine
_START_SECONDS = 180.0
_STOP_SECONDS = 15.0
_LAST_WORDS = 3000  # characters at the end of its output that are shown
_METRIC = re.compile(r"^([a-z_]+)(\{[^}]*\})? (\S+)$", re.M)


@dataclass(frozen=True)
class ServerProcess:
    """A process of the server. Process ids are used again, so its start time is needed to identify it."""

    name: str = field(compare=False)  # a process may rename itself
    pid: int
    start: int


class Served:
    """`soprano serve` on free ports of 127.0.0.1; a context manager that ends all its processes."""

    def __init__(self, checkpoint: str, environment: Mapping[str, str]) -> None:
        """Start nothing yet. `environment` are settings such as SOPRANO_DTYPE; those of this process are not used."""
        self._checkpoint = checkpoint
        self._settings = environment
        self._directory = tempfile.TemporaryDirectory(prefix="soprano-served-")
        self._process: TetheredProcess | None = None
        self.port = self._http_port = self._grpc_port = self._metrics_port = 0

    @classmethod
    def on(cls, checkpoint: str, *, dtype: str, threads: int) -> Self:
        """Return a server for a directory, a hub id or `builtin`, not started yet. Raises `CheckpointError`."""
        found = checkpoint if checkpoint == "builtin" else str(resolve(checkpoint).resolve())
        return cls(found, {"SOPRANO_DTYPE": dtype, "SOPRANO_THREADS": str(threads)})

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Base URL of the speech API."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def tracebacks(self) -> int:
        """The number of uncaught exceptions in its log."""
        return self._log.read_text(encoding="utf-8", errors="replace").count("Traceback (most recent call last)")

    @property
    def running(self) -> bool:
        """Whether the process of `soprano serve` runs, whatever the state of its servers."""
        return self._process is not None and self._process.exit_status is None

    def start(self) -> None:
        """Start it and wait until it is ready. Raises `StartFailed`."""
        self.stop()
        self.port, self._http_port, self._grpc_port, self._metrics_port = ports.find_free(ADDRESS, 4)
        command = [
            *(sys.executable, "-m", "launch.cli", "serve", "--checkpoint", self._checkpoint),
            *("--host", ADDRESS, f"--port={self.port}", f"--triton-http-port={self._http_port}"),
            *(f"--triton-grpc-port={self._grpc_port}", f"--triton-metrics-port={self._metrics_port}"),
        ]
        with self._log.open("ab") as output:
            self._process = TetheredProcess(command, environment=self._environment(), output=output.fileno())
        wait_until_ready(
            self._process,
            "the server",
            self.url,
            ["/health/ready"],
            timeout=_START_SECONDS,
            poll_timeout=_POLL_TIMEOUT,
            explain=lambda problem, _: f"{problem}:\n{self.last_words()}",
        )

    def stop(self) -> None:
        """End it, in order if possible. Safe to call more than once."""
        if self._process is not None:
            self._process.stop(_STOP_SECONDS)
            self._process = None

    def close(self) -> None:
        """End it and remove its files."""
        self.stop()
        self._directory.cleanup()

    def last_words(self) -> str:
        """Return the end of its output."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:].strip()

    def processes(self) -> list[ServerProcess]:
        """Return all its processes, including `soprano serve` itself."""
        if self._process is None:
            return []
        children = defaultdict(list)
        for pid in process_table.process_ids():
            children[process_table.parent_of(pid)].append(pid)
        found: list[ServerProcess] = []
        pids = [self._process.pid]
        while pids:
            pid = pids.pop()
            pids += children[pid]
            name, start = _name(pid, is_root=pid == self._process.pid), process_table.start_time(pid)
            if start is not None:
                found.append(ServerProcess(name, pid, start))
        return found

    def pid_of(self, name: str) -> int | None:
        """Return the id of the process with this name; None if there is none at the moment."""
        return next((process.pid for process in self.processes() if process.name == name), None)

    def metrics(self) -> dict[str, float]:
        """Return the metrics of Triton and the proxy, summed over their labels. Raises `httpx.HTTPError`."""
        figures: dict[str, float] = defaultdict(float)
        with httpx.Client(timeout=10.0, trust_env=False) as client:
            for url in (f"http://{ADDRESS}:{self._metrics_port}/metrics", f"{self.url}/metrics"):
                for name, _, value in _METRIC.findall(client.get(url).raise_for_status().text):
                    figures[name] += float(value)
        return figures

    @property
    def _log(self) -> Path:
        return Path(self._directory.name) / "serve.log"

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SOPRANO_")}
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        return {**inherited, **self._settings, "PYTHONPATH": path, "XDG_STATE_HOME": self._directory.name}

    def describe_end(self) -> str:
        """Describe how it ended by itself."""
        how = describe_exit(self._process.exit_status if self._process else None)
        return (
            f"the server ended by itself, {how}, and its last line was: {''.join(self.last_words().splitlines()[-1:])}"
        )


def _name(pid: int, *, is_root: bool) -> str:
    """Name a process by its role."""
    if is_root:
        return SUPERVISOR
    try:
        own = Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    arguments = process_table.arguments(pid)
    return own if own in _NAMED else name_by_arguments(arguments) or own


def name_by_arguments(arguments: list[str]) -> str:
    """Name a process by its command line; empty if it does not show the role."""
    programs = [Path(argument).name for argument in arguments]
    if "tether.py" in programs:
        return TETHER
    if programs[:1] == ["triton_python_backend_stub"]:
        return f"stub of {Path(arguments[1]).parent.parent.name}"
    return PROXY if arguments[-2:] == ["-m", "proxy"] else ""
