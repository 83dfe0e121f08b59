"""`python -m proxy` with two workers."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from launch.process import process_table
from tests.launch.processes import ProcessSnapshot, descendants, wait_until_gone
from tests.proxy.stand_in import CHUNK_SAMPLES
from tests.proxy.synthesis.stand_in_triton import StandInTriton, serve
from tests.proxy.test_serving import proxy
from tests.waiting import wait_until

SPEECH = "/v1/audio/speech"
WHOLE_CLIP = 10 * CHUNK_SAMPLES * 3 // 4 * 2


def body(pause: float) -> dict[str, str]:
    return {"input": f"chunks=10 pause={pause}", "response_format": "pcm"}


class Workers:
    """A proxy with its workers."""

    def __init__(self, process: subprocess.Popen[str], client: httpx.Client) -> None:
        self.process = process
        self.url = str(client.base_url)

    def now(self) -> list[ProcessSnapshot]:
        return descendants(self.process.pid)

    def until_both_serve(self) -> list[ProcessSnapshot]:
        wait_until(lambda: self.metric("process_start_time_seconds", count=True) == 2)
        return self.now()

    def ask(self, pause: float = 0.0, **headers: str) -> httpx.Response:
        """Ask over a connection of its own, which any worker may accept."""
        return httpx.post(f"{self.url}{SPEECH}", json=body(pause), headers=headers, timeout=30)

    def metric(self, name: str, *, count: bool = False, **labels: str) -> float:
        families = text_string_to_metric_families(httpx.get(f"{self.url}/metrics", timeout=30).text)
        found = [each for family in families for each in family.samples if each.name == name]
        chosen = [each.value for each in found if labels.items() <= each.labels.items()]
        return len(chosen) if count else sum(chosen)


@contextmanager
def workers(**environment: str) -> Iterator[Workers]:
    with (
        serve(StandInTriton()) as triton,
        proxy(SOPRANO_TRITON_URL=triton, SOPRANO_PROXY_WORKERS="2", **environment) as running,
    ):
        yield Workers(*running)


class Stream:
    """A clip that is being received, and the worker that sends it."""

    def __init__(self, stack: ExitStack, running: Workers) -> None:
        client = stack.enter_context(httpx.Client(base_url=running.url, timeout=30))
        response = stack.enter_context(client.stream("POST", SPEECH, json=body(pause=0.3)))
        self._pieces = response.iter_raw()
        self._received = len(next(self._pieces))
        port = response.extensions["network_stream"].get_extra_info("client_addr")[1]
        (self.worker,) = [each.pid for each in running.now() if port in peers_of(each.pid)]

    def rest(self) -> int:
        """Read to the end, and return the size of the clip."""
        return self._received + sum(map(len, self._pieces))


def peers_of(pid: int) -> set[int]:
    """The remote ports of a process's TCP connections over IPv4."""
    files = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir() if file.is_symlink()]
    lines = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {int(line[2].partition(":")[2], 16) for line in lines if f"socket:[{line[9]}]" in files}


def refuses(url: str) -> bool:
    """Whether nothing listens there any more."""
    try:
        httpx.get(f"{url}/health/live", timeout=0.5)
    except httpx.ConnectError:
        return True
    except httpx.TransportError:
        return False
    return False


def streams_of_both(stack: ExitStack, running: Workers) -> dict[int, Stream]:
    """One stream for each worker, by its process id."""
    running.until_both_serve()
    streams: dict[int, Stream] = {}

    def begin() -> bool:
        stream = Stream(stack, running)
        streams.setdefault(stream.worker, stream)
        return len(streams) == 2

    wait_until(begin)
    return streams


def test_they_share_the_port_and_their_metrics_add_up() -> None:
    with workers() as running, ExitStack() as stack:
        streams = streams_of_both(stack, running)
        assert {stream.rest() for stream in streams.values()} == {WHOLE_CLIP}
        wait_until(lambda: running.metric("soprano_proxy_in_flight") == 0)
        asked = int(running.metric("soprano_proxy_requests_total", route="/audio/speech"))
        with ThreadPoolExecutor(8) as pool:
            assert {response.status_code for response in pool.map(lambda _: running.ask(), range(20))} == {200}
        for _ in range(10):  # whoever answers
            assert running.metric("soprano_proxy_requests_total", route="/audio/speech", status="200") == asked + 20
            assert running.metric("soprano_proxy_first_audio_seconds_count") == asked + 20
        assert running.metric("process_resident_memory_bytes") > 0


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({"SOPRANO_MAX_IN_FLIGHT": "3"}, 3),
        ({"SOPRANO_MAX_IN_FLIGHT": "2", "SOPRANO_API_KEYS": "one,two"}, 1),
    ],
    ids=["all", "one key"],
)
def test_a_limit_is_that_of_all_together(environment: dict[str, str], spoken: int) -> None:
    with workers(**environment) as running:
        running.until_both_serve()
        with ThreadPoolExecutor(12) as pool:
            responses = list(pool.map(lambda _: running.ask(0.2, authorization="Bearer one"), range(12)))
        assert sorted(response.status_code for response in responses) == [200] * spoken + [429] * (12 - spoken)
        assert all(1 <= int(each.headers["retry-after"]) <= 60 for each in responses if each.status_code == 429)
        assert running.ask(authorization="Bearer one").status_code == 200


def test_a_killed_worker_is_replaced_and_its_permits_are_free() -> None:
    with workers(SOPRANO_MAX_IN_FLIGHT="2") as running, ExitStack() as stack:
        running.until_both_serve()
        streams = [Stream(stack, running), Stream(stack, running)]
        assert running.ask().status_code == 429
        killed = streams[0].worker
        os.kill(killed, signal.SIGKILL)
        for stream in streams:
            if stream.worker == killed:
                with pytest.raises(httpx.TransportError):
                    stream.rest()
            else:
                assert stream.rest() == WHOLE_CLIP
        wait_until(lambda: running.metric("soprano_proxy_in_flight") == 0)
        assert {running.ask().status_code for _ in range(4)} == {200}
        assert killed not in {each.pid for each in running.until_both_serve()}


def test_the_others_go_on_when_one_is_killed() -> None:
    with workers() as running, ExitStack() as stack:
        streams = streams_of_both(stack, running)
        killed, other = streams
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            streams[killed].rest()
        assert streams[other].rest() == WHOLE_CLIP


def test_nothing_outlives_a_supervisor_that_is_killed() -> None:
    with workers() as running, ExitStack() as stack:
        streams = streams_of_both(stack, running)
        below = running.now()
        running.process.kill()
        for stream in streams.values():
            with pytest.raises(httpx.TransportError):
                stream.rest()
        wait_until_gone(below, 20)
        assert refuses(running.url)


def test_sigterm_lets_the_streams_of_all_finish() -> None:
    with workers() as running, ExitStack() as stack:
        streams = streams_of_both(stack, running)
        running.process.terminate()
        wait_until(lambda: refuses(running.url))
        assert running.now(), "the streams had ended before"
        assert {stream.rest() for stream in streams.values()} == {WHOLE_CLIP}
        assert running.process.wait(20) == 0


def test_one_is_no_supervisor() -> None:
    with serve(StandInTriton()) as triton, proxy(SOPRANO_TRITON_URL=triton, SOPRANO_PROXY_WORKERS="1") as (process, _):
        assert process_table.children(process.pid) == []
