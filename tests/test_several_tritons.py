"""Two Tritons behind one proxy, under load: one of them is killed, and both are restarted one after the other."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from launch.triton.server import TritonServer
from launch.triton.settings import TritonSettings
from proxy.settings import Settings
from tests.proxy.live_server import live_server
from tests.waiting import wait_until

TEXT = "This is the first sentence of a text that takes a while. " * 3
SPEECH = {"model": "soprano", "voice": "soprano", "input": TEXT, "response_format": "pcm", "seed": 7}
LISTENERS = 2

pytestmark = pytest.mark.timeout(400)


@dataclass
class Crowd:
    """Clients that request the same text again and again until they are told to stop."""

    url: str
    clips: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _leave: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        with httpx.Client(base_url=self.url, timeout=120) as client:
            while not self._leave.is_set():
                self._listen_once(client)

    def _listen_once(self, client: httpx.Client) -> None:
        try:
            response = client.post("/v1/audio/speech", json=SPEECH)
        except httpx.TransportError as error:  # how a clip that was cut looks to every client
            self.problems.append(f"cut: {error}")
        else:
            if response.status_code == 200:
                self.clips.append(response.content)
            else:
                self.problems.append(f"{response.status_code}: {response.text}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.listen, name=f"listener-{index}") for index in range(LISTENERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._leave.set()
            for thread in threads:
                thread.join()

    def wait_for_clips(self, more: int) -> None:
        """Wait until `more` further clips have ended; a clip counts even if it began before this call."""
        enough = len(self.clips) + more
        wait_until(lambda: len(self.clips) >= enough, 120)


@pytest.fixture(scope="module")
def tritons(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[TritonServer]]:
    directory = tmp_path_factory.mktemp("tritons")
    with ExitStack() as stack:
        yield [stack.enter_context(TritonServer(settings(tiny_checkpoint, directory, index))) for index in range(2)]


def settings(checkpoint: Path, directory: Path, index: int) -> TritonSettings:
    return TritonSettings(
        environment={
            "SOPRANO_CHECKPOINT": str(checkpoint),
            "SOPRANO_DTYPE": "float32",  # in which a clip has the same length whatever is spoken beside it
            "SOPRANO_THREADS": "1",
            "SOPRANO_MAX_WAIT": "600",
        },
        http_port=0,
        grpc_port=0,
        metrics_port=0,
        log_path=directory / f"triton-{index}.log",
    )


@pytest.fixture
def crowd(tritons: list[TritonServer]) -> Iterator[Crowd]:
    addresses = ",".join(triton.grpc_url for triton in tritons)
    with live_server(Settings(triton_url=addresses)) as url:
        yield Crowd(url)


def test_one_that_is_killed_takes_only_what_it_was_saying(tritons: list[TritonServer], crowd: Crowd) -> None:
    with crowd.listening():
        crowd.wait_for_clips(LISTENERS)
        tritons[0].stop(timeout=0)
        crowd.wait_for_clips(2 * LISTENERS)
        problems = len(crowd.problems)
        tritons[0].start()
        crowd.wait_for_clips(2 * LISTENERS)
    assert problems <= LISTENERS
    assert len(crowd.problems) == problems
    assert all(problem.startswith("cut: ") for problem in crowd.problems)
    assert len(Counter(map(len, crowd.clips))) == 1  # none is short


def test_restarting_one_after_the_other_is_not_noticed(tritons: list[TritonServer], crowd: Crowd) -> None:
    with crowd.listening():
        crowd.wait_for_clips(LISTENERS)
        for triton in tritons:
            triton.stop()
            triton.start()
            crowd.wait_for_clips(LISTENERS)
    assert crowd.problems == []
    assert len(Counter(map(len, crowd.clips))) == 1
