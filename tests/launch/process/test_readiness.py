"""Waiting for a server: it is ready, it ends, it takes too long, or the start is cancelled."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from launch.errors import StartCancelled, StartFailed
from launch.process import ports
from launch.process.readiness import wait_until_ready
from launch.process.tethered_process import TetheredProcess

ADDRESS = "127.0.0.1"


@pytest.fixture
def port() -> int:
    return ports.find_free(ADDRESS, 1)[0]


@contextmanager
def running(*command: str) -> Iterator[TetheredProcess]:
    process = TetheredProcess(command, environment=os.environ)
    try:
        yield process
    finally:
        process.kill()


def wait(
    process: TetheredProcess,
    port: int,
    path: str = "/",
    timeout: float = 60.0,
    cancellation: threading.Event | None = None,
) -> None:
    wait_until_ready(
        process,
        "it",
        f"http://{ADDRESS}:{port}",
        [path],
        timeout=timeout,
        explain=lambda what, answer: f"{what}: {answer}",
        cancellation=cancellation,
    )


def test_a_server_that_answers_is_ready(port: int) -> None:
    with running(sys.executable, "-m", "http.server", str(port), "--bind", ADDRESS) as process:
        wait(process, port)


def test_a_server_that_ends_has_failed(port: int) -> None:
    with (
        running("false") as process,
        pytest.raises(StartFailed, match=r"^it ended while it was starting, with status 1: "),
    ):
        wait(process, port)


def test_a_refusal_until_the_timeout_is_explained_by_the_last_answer(port: int) -> None:
    with (
        running(sys.executable, "-m", "http.server", str(port), "--bind", ADDRESS) as process,
        pytest.raises(StartFailed, match=r"(?s)^it was not ready within 2 s: .*File not found"),
    ):
        wait(process, port, "/absent", timeout=2.0)


def test_a_cancelled_start_is_no_failure_of_the_server(port: int) -> None:
    cancellation = threading.Event()
    cancellation.set()
    with running("sleep", "100") as process, pytest.raises(StartCancelled, match="the start of it was cancelled"):
        wait(process, port, cancellation=cancellation)
