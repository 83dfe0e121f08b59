"""`soprano triton` and `soprano check`, the commands of a container."""

import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from launch.process import ports
from launch.triton import shared_memory
from tests.launch.serving import SOPRANO, assert_one_sentence, soprano
from tests.waiting import wait_until

SPEAK = {"inputs": [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["Hi."]}]}


class Container:
    """`soprano triton`, started like the first process of a container."""

    def __init__(self, repository: Path, checkpoint: Path, log: Path) -> None:
        http, grpc, metrics = ports.find_free("127.0.0.1", 3)
        self.url = f"http://127.0.0.1:{http}"
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self.log = log
        command = [
            *(SOPRANO, "triton", "--triton-address=127.0.0.1", f"--model-repository={repository}"),
            *(f"--triton-http-port={http}", f"--triton-grpc-port={grpc}", f"--triton-metrics-port={metrics}"),
            *(f"--checkpoint={checkpoint}", "--exit-timeout=5"),
        ]
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v2/health/ready").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def container(repository: Path, checkpoint: Path, tmp_path: Path) -> Iterator[Container]:
    container = Container(repository, checkpoint, tmp_path / "container.log")
    try:
        wait_until(container.ready, 60)
        yield container
    finally:
        container.process.kill()
        container.process.wait()
        shared_memory.remove_orphans()


def test_triton_takes_the_place_of_the_process(container: Container) -> None:
    command = Path(f"/proc/{container.process.pid}/cmdline").read_text().split("\0")
    assert command[0].endswith("/tritonserver")
    assert "--grpc-max-connection-age=60000" in command
    assert soprano("check", f"--url={container.url}").returncode == 0


def test_it_ends_in_order(container: Container) -> None:
    container.process.send_signal(signal.SIGTERM)
    assert container.process.wait(15) == 0


def test_a_silent_triton_fails_the_check(container: Container, fault: Path) -> None:
    fault.write_text("silent")
    assert_one_sentence(soprano("check", f"--url={container.url}", "--deadline=0.5"), "does not speak", "within 0.5 s")


def test_a_full_triton_passes_the_check_as_long_as_it_speaks(container: Container, fault: Path) -> None:
    requests = Path(f"{fault}.requests")
    fault.write_text("overloaded")
    addresses = (f"--url={container.url}", f"--metrics-url={container.metrics_url}")
    with ThreadPoolExecutor(1) as executor:
        check = executor.submit(soprano, "check", *addresses, "--deadline=20")
        wait_until(lambda: requests.exists() and requests.stat().st_size, 20)
        while not check.done():
            assert httpx.post(f"{container.url}/v2/models/soprano/infer", json=SPEAK).status_code == 503
            time.sleep(0.2)
    assert check.result().returncode == 0, check.result()
    fault.write_text("stuck")
    assert_one_sentence(soprano("check", *addresses, "--deadline=0.5"), "does not speak", "no audio was made")


def test_a_missing_triton_fails_the_check() -> None:
    (port,) = ports.find_free("127.0.0.1", 1)
    assert_one_sentence(soprano("check", f"--url=http://127.0.0.1:{port}"), "does not speak", "connection broke")


def test_without_weights_it_does_not_start(repository: Path) -> None:
    result = soprano("triton", f"--model-repository={repository}", "--checkpoint=./nowhere")
    assert_one_sentence(result, "no checkpoint directory './nowhere'")
