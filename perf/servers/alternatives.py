"""The servers with which this project's are compared: upstream's own, a plain port to Triton, and other batching."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from google.protobuf import text_format  # type: ignore[import-untyped]
from tritonclient.grpc.model_config_pb2 import ModelConfig

from launch.authority import authority
from launch.process import ports
from launch.process.readiness import wait_until_ready
from launch.process.tethered_process import TetheredProcess
from launch.triton.server import TritonServer
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings
from measuring.servers import ADDRESS

_PROGRAM = Path(__file__).with_name("upstream_app.py")
_END_TIMEOUT = 10.0  # seconds to finish the current clip
_LAST_WORDS = 2000  # bytes at the end of its output that are shown if it does not start
MODEL = "soprano_plain"
"""Takes `text` (BYTES [1, 1]); returns `audio` (INT16 [1, n]) and `sample_rate` (INT32 [1, 1])."""

_SOURCE = Path(__file__).parent / "plain_triton" / MODEL
_CONFIG = "config.pbtxt"


@dataclass(frozen=True)
class Batching:
    """Changes to the batching of a model in Triton; values that are not given stay the same. Raises `ValueError`."""

    dynamic: bool = True
    """False removes the dynamic batcher, so that the model gets its requests one by one."""
    max_batch_size: int | None = None
    max_queue_delay_microseconds: int | None = None
    """The time that a request may wait for others in its batch."""

    def __post_init__(self) -> None:
        """Check what Triton does not check, or explains less well."""
        if not self.dynamic and self.max_queue_delay_microseconds is not None:
            raise ValueError("a delay is the dynamic batcher's: leave it out where the batcher is off")
        if self.max_batch_size is not None and self.max_batch_size < 1:
            raise ValueError(
                f"max_batch_size is at least 1, not {self.max_batch_size}: with 0 the tensors would have other shapes; "
                "dynamic=False turns batching off"
            )


UNCHANGED = Batching()


class UpstreamServer:
    """One process of `soprano.server` on a free port of 127.0.0.1; a context manager, whose server is ready inside.

        with UpstreamServer(checkpoint) as upstream:
            httpx.post(upstream.url + "/v1/audio/speech", json={"input": "Hello."})

    Entering raises `StartFailed`, with the end of the server's output.
    """

    def __init__(
        self,
        checkpoint: Path,
        *,
        device: str = "auto",
        environment: Mapping[str, str] | None = None,
        start_timeout: float = 600.0,
    ) -> None:
        """Start nothing yet; `environment` is added to this process's own."""
        self._port = ports.find_free(ADDRESS, 1)[0]
        self._command = [sys.executable, "-P", str(_PROGRAM), str(checkpoint), str(self._port), device]
        self._environment = {**os.environ, **(environment or {})}
        self._start_timeout = start_timeout
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            log = stack.enter_context(tempfile.TemporaryFile())
            process = TetheredProcess(self._command, environment=self._environment, output=log.fileno())
            stack.callback(process.stop, _END_TIMEOUT)
            # It listens only when the model is loaded and warmed up.
            wait_until_ready(
                process,
                "upstream's server",
                self.url,
                ["/openapi.json"],
                timeout=self._start_timeout,
                explain=lambda problem, _: f"{problem}:\n{_last_words(log)}",
            )
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://{authority(ADDRESS, self._port)}"


def _last_words(log: IO[bytes]) -> str:
    # `pread` has a position of its own; the server writes at the position of the file.
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace").strip()


def plain_repository(directory: Path, *, batching: bool) -> Path:
    """Copy the model repository to `directory`, with dynamic batching or without, and return it.

    Raises `FileExistsError` if the model exists there already.
    """
    write_model(_SOURCE, directory, UNCHANGED if batching else Batching(dynamic=False))
    return directory


def plain_triton(
    checkpoint: Path, directory: Path, *, batching: bool = True, environment: Mapping[str, str] | None = None
) -> TritonServer:
    """Return a server on free ports, not started yet. Its model repository and its log are in `directory`.

    `environment` are further variables for the model, such as OMP_NUM_THREADS; by default PyTorch chooses its threads.
    """
    return TritonServer(
        TritonSettings(
            model_repository=plain_repository(directory / "models", batching=batching),
            models=(MODEL,),
            environment={**(environment or {}), "SOPRANO_CHECKPOINT": str(checkpoint)},
            http_port=0,
            grpc_port=0,
            metrics_port=0,
            log_path=directory / "triton.log",
        )
    )


def our_repository(directory: Path, *, soprano: Batching = UNCHANGED, soprano_stream: Batching = UNCHANGED) -> Path:
    """Copy this project's model repository to `directory` with changed batching, and return it.

    Raises `FileExistsError` if its models exist there already.
    """
    write_model(MODEL_REPOSITORY / "soprano", directory, soprano)
    write_model(MODEL_REPOSITORY / "soprano_stream", directory, soprano_stream)
    return directory


def write_model(model: Path, repository: Path, batching: Batching) -> None:
    """Copy the folder of a model into `repository` with changed batching. Raises `FileExistsError`."""
    copy = repository / model.name
    shutil.copytree(model, copy, ignore=shutil.ignore_patterns("__pycache__"))
    config = text_format.Parse((model / _CONFIG).read_text(encoding="utf-8"), ModelConfig())
    _change(config, batching)
    (copy / _CONFIG).write_text(text_format.MessageToString(config), encoding="utf-8")


def _change(config: ModelConfig, batching: Batching) -> None:
    if not batching.dynamic:
        config.ClearField("dynamic_batching")
    if batching.max_batch_size is not None:
        config.max_batch_size = batching.max_batch_size
    if batching.max_queue_delay_microseconds is not None:
        config.dynamic_batching.max_queue_delay_microseconds = batching.max_queue_delay_microseconds
