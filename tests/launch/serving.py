"""The real `soprano`, run as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from launch.process import ports
from tests.launch.processes import ProcessSnapshot, descendants
from tests.waiting import wait_until

SOPRANO = str(Path(sys.executable).with_name("soprano"))
START_TIMEOUT = 60.0

WITH_BUILTIN = """
import sys
from pathlib import Path
from engine.checkpoint import files as checkpoint_files
from launch.cli import main

checkpoint_files.BUILTIN_DIRECTORY = Path(sys.argv.pop(1))
main()
"""


def soprano(*arguments: str, builtin: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `soprano` to its end, with `builtin` as the built-in voice if given."""
    return subprocess.run(
        [*program(builtin), *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


def program(builtin: Path | None = None) -> list[str]:
    """The command line of `soprano`, with `builtin` as the built-in voice if given."""
    return [SOPRANO] if builtin is None else [sys.executable, "-c", WITH_BUILTIN, str(builtin)]


def assert_one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a command failed with status 1 and one line on standard error that contains `words`."""
    assert result.returncode == 1, result
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.startswith("soprano: ")
    for word in words:
        assert word in result.stderr


class Serve:
    """`soprano serve` on free ports; its output goes to a file, so that it never waits for a reader."""

    def __init__(self, output: Path, *arguments: str, builtin: Path | None = None) -> None:
        self.port, self.http_port, self.grpc_port, self.metrics_port = ports.find_free("127.0.0.1", 4)
        self._program = program(builtin)
        self._arguments = [
            f"--port={self.port}",
            f"--triton-http-port={self.http_port}",
            f"--triton-grpc-port={self.grpc_port}",
            f"--triton-metrics-port={self.metrics_port}",
            *arguments,
        ]
        self._processes: list[subprocess.Popen[bytes]] = []
        self._output = output

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def triton_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self._processes[-1]

    def start(self, *arguments: str) -> "Serve":
        """Start it in its own session, as a terminal does, without waiting."""
        with self._output.open("wb") as output:
            self._processes.append(
                subprocess.Popen(
                    [*self._program, "serve", *self._arguments, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        return self

    def until_ready(self) -> "Serve":
        self.until_it_says("Listening on")
        return self

    def until_it_says(self, text: str) -> None:
        wait_until(lambda: text in self.output() or self.process.poll() is not None, START_TIMEOUT)
        assert text in self.output(), self.output()

    def output(self) -> str:
        return self._output.read_text()

    def tree(self) -> list[ProcessSnapshot]:
        """The processes below it: Triton and the proxy with their stubs and tethers."""
        return descendants(self.process.pid)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_status(self, timeout: float) -> int:
        return self.process.wait(timeout)

    def infer(self, timeout: float = 10) -> httpx.Response:
        """Speak one word through Triton's HTTP API."""
        text = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["Hi."]}
        body = json.dumps({"inputs": [text]})
        return httpx.post(f"{self.triton_url}/v2/models/soprano/infer", content=body, timeout=timeout)

    def end(self) -> None:
        """Kill the processes that a failed test has left; the tethers kill their children."""
        for process in self._processes:
            process.kill()
            process.wait()
