"""Copies of model repositories in which Triton batches otherwise: what a sweep of its settings runs on."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import text_format  # type: ignore[import-untyped]
from tritonclient.grpc.model_config_pb2 import ModelConfig

from launch.triton.settings import MODEL_REPOSITORY

_CONFIG = "config.pbtxt"


@dataclass(frozen=True)
class Batching:
    """Changes to how Triton gathers a model's requests; what is not given stays as it is. Raises `ValueError`."""

    dynamic: bool = True
    """False takes the dynamic batcher away: the model gets its requests one by one."""
    max_batch_size: int | None = None
    max_queue_delay_microseconds: int | None = None
    """How long a request may wait for others to join it."""
    preferred_batch_size: tuple[int, ...] | None = None
    """Sizes at which Triton does not wait any longer."""

    def __post_init__(self) -> None:
        """Check what Triton would not, or would explain less well."""
        delay, preferred = self.max_queue_delay_microseconds, self.preferred_batch_size
        if not self.dynamic and (delay is not None or preferred is not None):
            raise ValueError("a delay and preferred sizes are the dynamic batcher's: leave them out where it is off")
        if self.max_batch_size is not None and self.max_batch_size < 1:
            raise ValueError(
                f"max_batch_size is at least 1, not {self.max_batch_size}: with 0 the tensors would have other shapes; "
                "dynamic=False turns batching off"
            )


UNCHANGED = Batching()


def our_repository(directory: Path, *, soprano: Batching = UNCHANGED, soprano_stream: Batching = UNCHANGED) -> Path:
    """Copy this project's model repository to `directory`, with other batching, and return it.

    Raises `FileExistsError` if its models are there already.
    """
    write_model(MODEL_REPOSITORY / "soprano", directory, soprano)
    write_model(MODEL_REPOSITORY / "soprano_stream", directory, soprano_stream)
    return directory


def write_model(model: Path, repository: Path, batching: Batching) -> None:
    """Copy the folder of a model into `repository`, with other batching. Raises `FileExistsError`."""
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
    if batching.preferred_batch_size is not None:
        config.dynamic_batching.preferred_batch_size[:] = batching.preferred_batch_size
