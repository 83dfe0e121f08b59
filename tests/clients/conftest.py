"""Servers for the clients: the real proxy with a real tritonserver."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.clients.decoded_audio import decode
from tests.clients.occupation import Occupation
from tests.clients.serving import BUILTIN, KEY, Server, write_checkpoint
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
    """A server that requires a key."""
    with Server(checkpoint, tmp_path_factory.mktemp("server"), SOPRANO_API_KEYS=f"sk-of-another,{KEY}") as server:
        yield server


@pytest.fixture(scope="session")
def speaking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the built-in voice, whose speech can be understood; it requires a key."""
    folder = tmp_path_factory.mktemp("speaking")
    with Server(Path(BUILTIN), folder, SOPRANO_API_KEYS=KEY, XDG_CACHE_HOME=str(folder / "cache")) as server:
        yield server


@pytest.fixture(scope="session")
def small_server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that needs no key and makes one clip at a time."""
    with Server(checkpoint, tmp_path_factory.mktemp("small"), SOPRANO_MAX_IN_FLIGHT="1") as server:
        yield server


@pytest.fixture
def occupation(small_server: Server) -> Iterator[Occupation]:
    """Occupies the small server, which makes only one clip at a time."""
    with Occupation(small_server) as occupation:
        yield occupation


@pytest.fixture
def doomed_server(checkpoint: Path, tmp_path: Path) -> Iterator[Server]:
    """A server for one test, which may kill its engine; streams are then cut soon."""
    with Server(checkpoint, tmp_path, SOPRANO_API_KEYS=KEY, SOPRANO_STALL_DEADLINE="2") as server:
        yield server


@pytest.fixture(scope="session")
def seconds(server: Server) -> float:
    """The duration of `TEXT` as speech, from a WAV file that states its rate and size."""
    request = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "wav", "stream": False}
    answer = httpx.post(
        f"{server.base_url}/audio/speech", json=request, headers={"authorization": f"Bearer {KEY}"}, timeout=120
    )
    answer.raise_for_status()
    return decode(answer.content).seconds
