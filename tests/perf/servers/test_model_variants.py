from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf import text_format  # type: ignore[import-untyped]
from tritonclient.grpc.model_config_pb2 import ModelConfig

from engine.speech import SAMPLE_RATE
from launch.triton.server import TritonServer
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings
from perf.servers.alternatives import Batching, our_repository
from tests.model_repository.clients import whole_clip


def config(server: TritonServer, model: str) -> dict[str, Any]:
    return httpx.get(f"{server.http_url}/v2/models/{model}/config").json()  # type: ignore[no-any-return]


def test_triton_takes_a_variant_and_speaks(tiny_checkpoint: Path, tmp_path: Path) -> None:
    repository = our_repository(
        tmp_path / "models",
        soprano=Batching(dynamic=False),
        soprano_stream=Batching(max_batch_size=8, max_queue_delay_microseconds=2000),
    )
    settings = TritonSettings(
        model_repository=repository,
        environment={"SOPRANO_CHECKPOINT": str(tiny_checkpoint), "SOPRANO_THREADS": "1"},
        http_port=0,
        grpc_port=0,
        metrics_port=0,
        log_path=tmp_path / "triton.log",
    )
    with TritonServer(settings) as server:
        assert "dynamic_batching" not in config(server, "soprano")
        assert config(server, "soprano")["max_batch_size"] == 64
        changed = config(server, "soprano_stream")
        assert changed["max_batch_size"] == 8
        assert changed["dynamic_batching"]["max_queue_delay_microseconds"] == 2000
        assert changed["model_transaction_policy"] == {"decoupled": True}
        assert len(whole_clip(server, "Hello you.")) > SAMPLE_RATE // 10


def test_without_changes_it_is_the_same_configuration(tmp_path: Path) -> None:
    our_repository(tmp_path)
    for model in ("soprano", "soprano_stream"):
        copied = text_format.Parse((tmp_path / model / "config.pbtxt").read_text(), ModelConfig())
        original = (MODEL_REPOSITORY / model / "config.pbtxt").read_text()
        assert copied == text_format.Parse(original, ModelConfig())


def test_existing_models_are_not_overwritten(tmp_path: Path) -> None:
    our_repository(tmp_path)
    with pytest.raises(FileExistsError):
        our_repository(tmp_path)


def test_batcher_that_is_off_has_no_delay() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        Batching(dynamic=False, max_queue_delay_microseconds=0)


def test_models_of_no_batch_size_are_refused() -> None:
    with pytest.raises(ValueError, match="dynamic=False turns batching off"):
        Batching(max_batch_size=0)
