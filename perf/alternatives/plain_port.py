"""The plain port of upstream's `SopranoTTS` to Triton, running.

with plain_triton(checkpoint, directory) as server:
    httpx.post(server.http_url + "/v2/models/soprano_plain/infer", …)
"""

from collections.abc import Mapping
from pathlib import Path

from launch.triton.server import TritonServer
from launch.triton.settings import TritonSettings
from perf.alternatives.model_variants import UNCHANGED, Batching, write_model

MODEL = "soprano_plain"
"""Takes `text` (BYTES [1, 1]); returns `audio` (INT16 [1, n]) and `sample_rate` (INT32 [1, 1])."""

_SOURCE = Path(__file__).parent / "plain_triton" / MODEL


def plain_repository(directory: Path, *, batching: bool) -> Path:
    """Copy the model repository to `directory`, with dynamic batching or with requests one by one, and return it.

    Raises `FileExistsError` if the model is there already.
    """
    write_model(_SOURCE, directory, UNCHANGED if batching else Batching(dynamic=False))
    return directory


def plain_triton(
    checkpoint: Path, directory: Path, *, batching: bool = True, environment: Mapping[str, str] | None = None
) -> TritonServer:
    """Return a server on free ports, to be started. Its model repository and its log are put into `directory`.

    `environment` are more variables for the model, such as OMP_NUM_THREADS; by default PyTorch decides by itself.
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
