from pathlib import Path

import httpx
import pytest

from launch.errors import StartFailed
from launch.triton.server import TritonServer
from perf.servers.alternatives import UpstreamServer
from tests.model_repository.clients import whole_clip

TEXT = "The quick brown fox jumps over the lazy dog, and so on."
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
WAV_HEADER = 44


def speak(url: str, text: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/audio/speech", json={"input": text}, timeout=60)


def test_speaks_on_our_checkpoint_and_is_gone_after_the_block(small_checkpoint: Path, triton: TritonServer) -> None:
    with UpstreamServer(small_checkpoint, environment=ONE_THREAD) as upstream:
        answer = speak(upstream.url, TEXT)
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.content.startswith(b"RIFF")
        samples = (len(answer.content) - WAV_HEADER) // 2
        assert samples == pytest.approx(len(whole_clip(triton, TEXT)), rel=0.1)
        assert speak(upstream.url, "").status_code == 400
    with pytest.raises(httpx.ConnectError):
        httpx.get(upstream.url)


def test_start_that_fails_is_explained(tmp_path: Path) -> None:
    with pytest.raises(
        StartFailed, match=f"ended while it was starting, with status 1:\n{tmp_path} is not a checkpoint"
    ):
        UpstreamServer(tmp_path, environment=ONE_THREAD).__enter__()


def test_start_that_takes_too_long_is_given_up(small_checkpoint: Path) -> None:
    upstream = UpstreamServer(small_checkpoint, environment=ONE_THREAD, start_timeout=0.1)
    with pytest.raises(StartFailed, match="not ready within 0 s"):
        upstream.__enter__()
