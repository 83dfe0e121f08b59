"""Builds and runs both images: they start, speak, are healthy, and stop.

The base images are stand-ins (`stand_in_base`), because the real ones must be downloaded: they have Triton 24.10,
Python 3.11 and no CUDA.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from launch.process import ports
from tests.images.buildah import PROJECT, Buildah
from tests.images.container import Container, running
from tests.proxy.listening import read_with_libsndfile
from tests.waiting import wait_until

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]

SPEECH = {"model": "soprano", "voice": "soprano", "input": "Hello from a container.", "response_format": "wav"}
USER = 10001


@dataclass
class Service:
    """Both images, running as if on two machines."""

    triton: Container
    triton_url: str
    proxy: Container
    proxy_url: str


@pytest.fixture(scope="session")
def triton_image(buildah: Buildah, triton_base: str) -> str:
    buildah.build("Dockerfile.triton", "soprano-triton", BASE=triton_base)
    return "localhost/soprano-triton"


@pytest.fixture(scope="session")
def proxy_image(buildah: Buildah, python_base: str) -> str:
    buildah.build("Dockerfile.proxy", "soprano-proxy", BASE=python_base)
    return "localhost/soprano-proxy"


@pytest.fixture
def service(
    buildah: Buildah, triton_image: str, proxy_image: str, checkpoint: Path, tmp_path: Path
) -> Iterator[Service]:
    http, grpc, metrics, port = ports.find_free("127.0.0.1", 4)
    triton_url, proxy_url = f"http://127.0.0.1:{http}", f"http://127.0.0.1:{port}"
    for_triton = {
        "SOPRANO_CHECKPOINT": "/weights",
        "SOPRANO_TRITON_ADDRESS": "127.0.0.1",
        "SOPRANO_TRITON_HTTP_PORT": str(http),
        "SOPRANO_TRITON_GRPC_PORT": str(grpc),
        "SOPRANO_TRITON_METRICS_PORT": str(metrics),
        "SOPRANO_CHECK_URL": triton_url,
        "SOPRANO_CHECK_METRICS_URL": f"http://127.0.0.1:{metrics}/metrics",
    }
    for_proxy = {
        "SOPRANO_HOST": "127.0.0.1",
        "SOPRANO_PORT": str(port),
        "SOPRANO_TRITON_URL": f"127.0.0.1:{grpc}",
    }
    logs = [tmp_path / "triton.log", tmp_path / "proxy.log"]
    with (
        running(buildah, triton_image, logs[0], for_triton, {checkpoint: "/weights:ro"}) as triton,
        running(buildah, proxy_image, logs[1], for_proxy) as proxy,
    ):
        wait_until(lambda: triton.is_running() and answers(f"{proxy_url}/health/ready"), 120)
        yield Service(triton, triton_url, proxy, proxy_url)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def test_the_service_speaks_is_healthy_and_stops(service: Service) -> None:
    response = httpx.post(f"{service.proxy_url}/v1/audio/speech", json=SPEECH, timeout=60)
    assert response.status_code == 200, response.text
    assert read_with_libsndfile(response.content).samples.size > 16_000
    for container in (service.triton, service.proxy):
        assert container.healthy(), container.log
        assert container.user() == USER
        assert container.written() == set()
    service.proxy.stop()  # uvicorn shuts down and then ends by the signal itself
    assert "Application shutdown complete" in service.proxy.log
    assert not service.proxy.healthy()
    assert service.triton.stop() == 0, service.triton.log
    assert not service.triton.healthy()


def test_no_layer_holds_what_serving_does_not_need(buildah: Buildah, triton_image: str, proxy_image: str) -> None:
    assert not {"gradio", "pytest", "fastapi"} & buildah.packages(triton_image)
    assert not {"torch", "pytest", "typer"} & buildah.packages(proxy_image)


@pytest.mark.usefixtures("triton_image", "proxy_image")
@pytest.mark.parametrize("dockerfile", ["Dockerfile.triton", "Dockerfile.proxy"])
def test_a_change_of_the_code_does_not_install_packages_again(
    buildah: Buildah, triton_base: str, python_base: str, dockerfile: str, tmp_path: Path
) -> None:
    context = tmp_path / "project"
    shutil.copytree(PROJECT, context, ignore=shutil.ignore_patterns(".*", "perf", "tests", "node_modules"))
    for package in ("engine", "proxy"):
        with (context / package / "__init__.py").open("a") as file:
            file.write("# changed\n")
    base = triton_base if dockerfile == "Dockerfile.triton" else python_base
    said = buildah.build(dockerfile, "changed", context, BASE=base)
    assert said.count("Using cache") >= 5
    assert "Successfully installed" not in said


def test_sizes(buildah: Buildah, triton_image: str, proxy_image: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sizes are printed and not checked: PyTorch and the base image are most of them."""
    with capsys.disabled():
        for image in (triton_image, proxy_image):
            layers = buildah.layers(image)
            print(f"\n{image}: {sum(layer.size for layer in layers) / 1e6:.0f} MB")  # noqa: T201
            for layer in layers:
                print(f"{layer.size / 1e6:8.1f} MB  {layer.instruction[:100]}")  # noqa: T201
