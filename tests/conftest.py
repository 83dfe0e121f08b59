"""Checkpoints and servers that many tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from launch.triton.server import TritonServer
from launch.triton.settings import TritonSettings
from tests.interruption import heed_interruptions

# Triton reads it when it is imported: kernels are run by its interpreter, on a CPU's tensors.
os.environ["TRITON_INTERPRET"] = "1"
pytest_plugins = ["tests.sharing"]


def pytest_configure() -> None:
    heed_interruptions()


def synthetic(folders: pytest.TempPathFactory, size: Literal["tiny", "small", "full"]) -> Path:
    """Write a synthetic checkpoint and return its path."""
    # It imports PyTorch, which takes seconds and which many tests can do without.
    from engine.checkpoint.synthetic import write_synthetic

    path = folders.mktemp("checkpoints") / size
    write_synthetic(path, size)
    return path


@pytest.fixture(autouse=True)
def no_failed_callbacks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test in which an event loop logged an exception that nothing caught."""
    yield
    logged = [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"]
    # gRPC serves all loops of a process by one queue, and a server has one loop: other tests close theirs.
    assert [message for message in logged if "PollerCompletionQueue" not in message] == []


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest checkpoint, which makes noise; upstream's code cannot load it."""
    return synthetic(tmp_path_factory, "tiny")


@pytest.fixture(scope="session")
def small_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with a small language model and a decoder of the published size."""
    return synthetic(tmp_path_factory, "small")


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    """The files of a built-in voice that code looks at without speaking."""
    path = tmp_path / "box" / "builtin"
    path.mkdir(parents=True)
    (path / "config.json").write_text('{"soprano_builtin": true}')
    return path


@pytest.fixture(scope="session", params=["small", pytest.param("full", marks=pytest.mark.full)])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoints that upstream's code loads; the full one only in `make test-full`."""
    if request.param == "small":
        return request.getfixturevalue("small_checkpoint")  # type: ignore[no-any-return]
    return synthetic(tmp_path_factory, "full")


def server_with(checkpoint: Path, log_path: Path, **environment: str) -> TritonServer:
    """Return a server with both models, on free ports; it leaves a core to the test's clients.

    It refuses no stream for the wait: how many a busy machine keeps ahead of their listeners is not for tests to say.
    """
    small = {
        "SOPRANO_CHECKPOINT": str(checkpoint),
        "SOPRANO_DTYPE": "float32",
        "SOPRANO_THREADS": "1",
        "SOPRANO_MAX_WAIT": "600",
    }
    return TritonServer(
        TritonSettings(
            environment=small | environment,
            http_port=0,
            grpc_port=0,
            metrics_port=0,
            log_path=log_path / "triton.log",
        )
    )


@pytest.fixture(scope="session")
def triton(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A real tritonserver."""
    with server_with(tiny_checkpoint, tmp_path_factory.mktemp("triton")) as server:
        yield server


@pytest.fixture(scope="session")
def small_triton(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A real tritonserver whose engine takes two requests at a time."""
    log_path = tmp_path_factory.mktemp("small-triton")
    with server_with(tiny_checkpoint, log_path, SOPRANO_MAX_REQUESTS="2", SOPRANO_SLOTS="2") as server:
        yield server
