"""This project's servers, running for a measurement, and how to wait until any server is ready."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx

from launch.errors import StartFailed
from launch.process import ports
from launch.process.tethered_process import TetheredProcess, describe_exit
from launch.proxy_server import ProxyServer, ProxySettings
from launch.triton.server import TritonServer
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings

ADDRESS = "127.0.0.1"
_POLL_SECONDS = 0.1
_POLL_TIMEOUT = 5.0
_STOP_SECONDS = 5.0


@contextmanager
def our_triton(
    checkpoint: Path, engine: Mapping[str, str] = MappingProxyType({}), repository: Path = MODEL_REPOSITORY
) -> Iterator[TritonServer]:
    """Run Triton on free ports; `engine` are variables such as SOPRANO_SLOTS."""
    with tempfile.TemporaryDirectory(prefix="soprano-load-") as directory:
        settings = TritonSettings(
            model_repository=repository,
            environment={**engine, "SOPRANO_CHECKPOINT": str(checkpoint)},
            http_port=0,
            grpc_port=0,
            metrics_port=0,
            log_path=Path(directory) / "triton.log",
        )
        with TritonServer(settings) as server:
            yield server


@contextmanager
def our_proxy(triton_grpc_url: str, proxy: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Run the proxy on a free port, and yield its URL once it is ready; `proxy` are variables for it."""
    settings = ProxySettings(
        triton_url=triton_grpc_url,
        port=ports.find_free(ADDRESS, 1)[0],
        environment={"SOPRANO_LOG_LEVEL": "warning", **proxy},
    )
    server = ProxyServer(settings)
    server.start(threading.Event())
    try:
        yield server.url
    finally:
        server.stop(_STOP_SECONDS)


def wait_until_ready(
    name: str, url: str, process: TetheredProcess, seconds: float, last_words: Callable[[], str]
) -> None:
    """Wait until `url` answers with the status 200.

    Raises `StartFailed`, with the server's last words, if it ends before that or takes more than `seconds`.
    """
    deadline = time.monotonic() + seconds
    # The machine's own addresses are never behind a web proxy, whatever the environment says.
    with httpx.Client(timeout=_POLL_TIMEOUT, trust_env=False) as client:
        while not _is_ready(client, url):
            if process.wait(_POLL_SECONDS):
                how = describe_exit(process.exit_status)
                raise StartFailed(f"{name} ended while it was starting, {how}:\n{last_words()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{name} was not ready within {seconds:.0f} s:\n{last_words()}")


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
