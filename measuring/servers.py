"""This project's servers, running for a measurement."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from launch.process import ports
from launch.proxy_server import ProxyServer, ProxySettings
from launch.triton.fleet import uses_gpu
from launch.triton.server import TritonServer
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings

ADDRESS = "127.0.0.1"
_STOP_SECONDS = 5.0
_ONE_WORKER = {} if uses_gpu(None) else {"SOPRANO_PROXY_WORKERS": "1"}  # as `soprano serve` decides


@contextmanager
def our_triton(
    checkpoint: Path, engine: Mapping[str, str] = MappingProxyType({}), repository: Path = MODEL_REPOSITORY
) -> Iterator[TritonServer]:
    """Run Triton on free ports; `engine` are environment variables such as SOPRANO_SLOTS."""
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
        environment={"SOPRANO_LOG_LEVEL": "warning", **_ONE_WORKER, **proxy},
    )
    server = ProxyServer(settings)
    server.start(threading.Event())
    try:
        yield server.url
    finally:
        server.stop(_STOP_SECONDS)
