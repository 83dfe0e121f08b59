"""Servers for the clients: real ones, each with a real tritonserver behind it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.clients.listening import hear
from tests.clients.occupation import Occupation
from tests.clients.serving import KEY, Server, write_checkpoint
from tests.clients.texts import TEXT
from tests.interruption import heed_interruptions


def pytest_configure() -> None:
    heed_interruptions()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoints") / "tiny"
    write_checkpoint(path)
    return path


@pytest.fixture(scope="session")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a key."""
    with Server(checkpoint, tmp_path_factory.mktemp("server"), SOPRANO_API_KEYS=f"sk-of-another,{KEY}") as server:
        yield server


@pytest.fixture(scope="session")
def small_server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes one clip at a time, for everybody."""
    with Server(checkpoint, tmp_path_factory.mktemp("small"), SOPRANO_MAX_IN_FLIGHT="1") as server:
        yield server


@pytest.fixture
def occupation(small_server: Server) -> Iterator[Occupation]:
    """Takes the only place of the small server."""
    with Occupation(small_server) as occupation:
        yield occupation


@pytest.fixture
def doomed_server(checkpoint: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, whose engine it may kill; streams are cut soon after that."""
    with Server(checkpoint, tmp_path, SOPRANO_API_KEYS=KEY, SOPRANO_STALL_DEADLINE="2") as server:
        yield server


@pytest.fixture(scope="session")
def seconds(server: Server) -> float:
    """How long `TEXT` is when it is spoken, by a WAV file of stated rate and size."""
    request = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "wav", "stream": False}
    answer = httpx.post(
        f"{server.base_url}/audio/speech", json=request, headers={"authorization": f"Bearer {KEY}"}, timeout=120
    )
    answer.raise_for_status()
    return hear(answer.content).seconds
