"""A tritonserver process: its start, its state and its end."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ipc.stop_signal import Cancellation
from launch.authority import authority
from launch.directories import state_directory
from launch.errors import ServerDied
from launch.process import ports, process_table
from launch.process.readiness import wait_until_ready
from launch.process.tethered_process import TetheredProcess, describe_exit
from launch.triton import shared_memory
from launch.triton.command import command_line, process_environment
from launch.triton.installation import STUB, find_installation
from launch.triton.log import TritonLog
from launch.triton.settings import TritonSettings

_DEATH_TIMEOUT = 0.5  # seconds that a Triton may take to end after its stubs


class TritonServer:
    """One tritonserver process with its models; a context manager whose server is ready inside the block.

        with TritonServer(TritonSettings(environment={"SOPRANO_CHECKPOINT": "..."})) as triton:
            httpx.get(triton.http_url + "/v2/models/soprano")

    It can be started again after it was stopped. Raises the errors of `find_installation`; `start` raises `PortTaken`,
    `StartFailed` or `CannotWrite`.
    """

    def __init__(self, settings: TritonSettings, on_log_line: Callable[[str], None] | None = None) -> None:
        """Start nothing yet. `on_log_line` is called with each line of the log, in another thread."""
        self.settings = _with_ports_chosen(settings)
        self.log_path = settings.log_path or _default_log_path(self.settings)
        self._installation = find_installation()
        self._log = TritonLog(self.log_path, on_log_line)
        self._prefix = shared_memory.new_prefix()
        self._process: TetheredProcess | None = None
        self._stubs: tuple[_Stub, ...] = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def http_url(self) -> str:
        """Base URL of the HTTP API."""
        return f"http://{self.http_address}"

    @property
    def http_address(self) -> str:
        """Host and port of the HTTP API, without a scheme, as tritonclient and perf_analyzer take it."""
        return authority(self.settings.address, self.settings.http_port)

    @property
    def grpc_url(self) -> str:
        """Host and port of the gRPC API, without a scheme, as tritonclient takes it."""
        return authority(self.settings.address, self.settings.grpc_port)

    @property
    def metrics_url(self) -> str:
        """URL of the Prometheus metrics."""
        return f"http://{authority(self.settings.address, self.settings.metrics_port)}/metrics"

    @property
    def pid(self) -> int:
        """Process id of tritonserver. Raises `ServerDied` if it was not started."""
        if self._process is None:
            raise ServerDied("Triton is not running: start it first")
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """The exit status if the server ended unexpectedly; None while it runs and before it is started."""
        return self._process.exit_status if self._process else None

    def start(self, cancellation: Cancellation | None = None) -> None:
        """Start the server and wait until its models are ready and its metrics can be read.

        Raises `PortTaken`, `StartFailed` with an explanation from the log, or `StartCancelled` if `cancellation` asks
        for it; the server is stopped then.
        """
        shared_memory.remove_orphans()
        for option, port in self.settings.ports.items():
            ports.require_free(self.settings.address, port, option=option)
        self._process = process = TetheredProcess(
            command_line(self.settings, self._installation, self._prefix),
            environment=process_environment(self.settings, self._installation),
            output=subprocess.PIPE,
        )
        try:
            self._log.follow(process.output)
            self._wait_until_ready(process, cancellation)
            self._stubs = _stubs_of(process.pid)
        except BaseException:
            self.stop(timeout=0)
            raise

    def stop(self, timeout: float | None = None) -> None:
        """Let open requests finish, stop the server and its stubs, and remove their shared memory.

        After `timeout` seconds, by default 2 more than the exit timeout, all processes that still run are killed.
        """
        if self._process is None:
            return
        self._process.stop(self.settings.exit_timeout + 2 if timeout is None else timeout)
        self._process = None
        self._stubs = ()
        shared_memory.remove(self._prefix)
        self._log.close()

    def terminate(self) -> None:
        """Ask the server to end, and do not wait for it; `stop` must be called afterwards."""
        if self._process:
            self._process.terminate()

    def find_death(self) -> ServerDied | None:
        """The error that tells how the server or the process of a model ended; None while all of them run.

        Triton does not notice that a model's process has ended: it stays ready and does not restart the process.
        """
        if self.exit_status is not None:
            return self.death()
        for stub in self._stubs:
            if process_table.start_time(stub.pid) != stub.started:
                # When Triton dies, its stubs die too, and their end may be noticed before Triton's.
                if self._process and self._process.wait(_DEATH_TIMEOUT):
                    return self.death()
                return ServerDied(self._explained(f"the process of Triton's model {stub.model} ended by itself"))
        return None

    def death(self) -> ServerDied:
        """The error for a server that ended unexpectedly, with an explanation from its log."""
        return ServerDied(self._explained(f"Triton ended by itself, {describe_exit(self.exit_status)}"))

    def _wait_until_ready(self, process: TetheredProcess, cancellation: Cancellation | None) -> None:
        def explain(what: str, _: str) -> str:
            # Only a server that has ended has written the last line of its log.
            process.kill()
            self._log.close()
            return self._explained(what)

        models = [f"/v2/models/{model}/ready" for model in self.settings.models]
        wait_until_ready(
            process,
            "Triton",
            self.http_url,
            # The port of the metrics opens last.
            ["/v2/health/ready", *models, self.metrics_url],
            timeout=self.settings.start_timeout,
            explain=explain,
            cancellation=cancellation,
        )

    def _explained(self, what: str) -> str:
        """Add the explanation from the log to a sentence."""
        problems = "".join(f"\n  {problem}" for problem in self._log.problems())
        return f"{what}; its whole log is in {self.log_path}{':' if problems else ''}{problems}"


@dataclass(frozen=True)
class _Stub:
    """A process that Triton has started for a Python model."""

    model: str
    pid: int
    started: int | None


def _stubs_of(tritonserver: int) -> tuple[_Stub, ...]:
    commands = {pid: process_table.arguments(pid) for pid in process_table.children(tritonserver)}
    return tuple(
        # The first argument is the path REPOSITORY/MODEL/VERSION/model.py.
        _Stub(Path(arguments[1]).parent.parent.name, pid, process_table.start_time(pid))
        for pid, arguments in commands.items()
        if len(arguments) > 1 and Path(arguments[0]).name == STUB
    )


def _with_ports_chosen(settings: TritonSettings) -> TritonSettings:
    """Replace each port that is 0 by a free one."""
    chosen = iter(ports.find_free(settings.address, 3))
    return replace(
        settings,
        http_port=settings.http_port or next(chosen),
        grpc_port=settings.grpc_port or next(chosen),
        metrics_port=settings.metrics_port or next(chosen),
    )


def _default_log_path(settings: TritonSettings) -> Path:
    return state_directory() / f"triton-{settings.http_port}.log"
