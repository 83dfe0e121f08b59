from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tritonclient.http as http_client
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

from engine.speech import SAMPLE_RATE
from launch.triton.server import TritonServer
from perf.servers.alternatives import MODEL, plain_repository, plain_triton
from tests.model_repository.clients import http, inputs, whole_clip

TEXTS = [
    "Hello you.",
    "The quick brown fox jumps over the lazy dog, and so on.",
    "A sentence in between, of medium length.",
]


@pytest.fixture(scope="module")
def plain(small_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    directory = tmp_path_factory.mktemp("plain")
    with plain_triton(small_checkpoint, directory, environment={"OMP_NUM_THREADS": "1"}) as server:
        yield server


def together(server: TritonServer, texts: Sequence[str | bytes]) -> list[NDArray[np.int16] | str]:
    """Send all texts at once; return each clip, or the message of its error."""
    with http(server, concurrency=len(texts)) as client:
        pending = [client.async_infer(MODEL, inputs(http_client, text)) for text in texts]
        return [result(request) for request in pending]


def result(request: Any) -> NDArray[np.int16] | str:
    try:
        answer = request.get_result()
    except InferenceServerException as error:
        return str(error)
    clip: NDArray[np.int16] = answer.as_numpy("audio")[0]
    return clip


def executions(server: TritonServer) -> int:
    statistics = httpx.get(f"{server.http_url}/v2/models/{MODEL}/stats").json()
    return int(statistics["model_stats"][0]["execution_count"])


def test_requests_at_once_share_batches_and_get_their_own_clips(plain: TritonServer, triton: TritonServer) -> None:
    before = executions(plain)
    # The first request may be executed alone; some of the later ones wait for the same execution.
    clips = together(plain, 4 * TEXTS)
    assert executions(plain) - before < len(clips)
    lengths = [len(whole_clip(triton, text)) for text in TEXTS]
    assert [len(clip) for clip in clips] == pytest.approx(4 * lengths, rel=0.1)


@pytest.mark.parametrize("bad", ["", "...", "\N{GRINNING FACE}", b"\xff"])
def test_text_without_words_harms_only_itself(plain: TritonServer, bad: str | bytes) -> None:
    first, error, last = together(plain, [TEXTS[0], bad, TEXTS[0]])
    assert isinstance(error, str)
    assert "the text cannot be spoken: " in error
    assert len(first) == len(last) > SAMPLE_RATE // 10


@pytest.mark.parametrize("batching", [True, False])
def test_batching_can_be_turned_off(tmp_path: Path, batching: bool) -> None:
    config = (plain_repository(tmp_path, batching=batching) / MODEL / "config.pbtxt").read_text()
    assert ("dynamic_batching" in config) == batching
    assert "max_batch_size: 16" in config
