"""Many concurrent requests, some cancelled or late: nothing hangs, crashes or stays open."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tritonclient.http as http_client
from tritonclient.utils import InferenceServerException

from launch.triton.server import TritonServer
from tests.conftest import server_with
from tests.model_repository.clients import Stream, http, inputs, metric, whole_clip
from tests.waiting import wait_until

TEXTS = ["Hello you.", "A few words.", "Some more of them."]
LONG_TEXT = " ".join(f"This is sentence number {index} of a very long text." for index in range(80))
CONCURRENT = 64

pytestmark = pytest.mark.timeout(400)  # for 64 concurrent clients on a busy machine


def streamed(server: TritonServer, index: int, expected: dict[str, int]) -> str:
    """Stream one text; every third request is cancelled after its first chunk."""
    text = TEXTS[index % len(TEXTS)]
    stream = Stream(server, text)
    if index % 3 == 0:
        next(iter(stream))
        stream.close(cancel=True)
        return "cancelled"
    with stream:
        assert len(stream.samples()) == expected[text]
    return "finished"


def fetched(server: TritonServer, index: int, expected: dict[str, int]) -> str:
    """Fetch one clip."""
    text = TEXTS[index % len(TEXTS)]
    assert len(whole_clip(server, text)) == expected[text]
    return "fetched"


@pytest.mark.parametrize("round_number", range(3))
def test_clips_streams_and_cancellations_together(triton: TritonServer, round_number: int) -> None:
    expected = {text: len(whole_clip(triton, text, retries=0)) for text in TEXTS}
    with ThreadPoolExecutor(2 * CONCURRENT) as pool:
        futures = [pool.submit(streamed, triton, index + round_number, expected) for index in range(CONCURRENT)]
        futures += [pool.submit(fetched, triton, index, expected) for index in range(CONCURRENT)]
        outcomes = Counter(future.result(timeout=120) for future in futures)
    assert outcomes["fetched"] == CONCURRENT
    assert outcomes["cancelled"] + outcomes["finished"] == CONCURRENT
    assert outcomes["cancelled"] >= CONCURRENT // 3
    wait_until(lambda: metric(triton, "soprano_open_requests") == 0)
    wait_until(lambda: metric(triton, "soprano_active_slots") == 0)
    os.kill(triton.pid, 0)  # alive
    assert metric(triton, "soprano_failed_total") == 0


def test_a_full_engine_refuses_some_requests_and_serves_the_others(small_triton: TritonServer) -> None:
    """With a limit of two open requests, some of many requests are refused with 503 and the others get their clips."""
    before = metric(small_triton, "soprano_rejected_total")
    with http(small_triton, concurrency=16) as client:
        pending = [client.async_infer("soprano", inputs(http_client, "Hello you.")) for _ in range(16)]
        clips, refusals = [], []
        for request in pending:
            try:
                clips.append(request.get_result().as_numpy("audio"))
            except InferenceServerException as error:
                refusals.append(error)
    assert clips
    assert all(np.abs(clip.astype(int) - clips[0]).max() <= 1 for clip in clips)  # a rounding of 16 bits
    assert refusals
    assert all("overloaded: " in str(error) and error.status() == "503" for error in refusals)
    assert metric(small_triton, "soprano_rejected_total") - before == len(refusals)


def test_a_full_engine_refuses_streams_too(small_triton: TritonServer) -> None:
    held = [Stream(small_triton, LONG_TEXT) for _ in range(2)]
    wait_until(lambda: metric(small_triton, "soprano_open_requests") == 2)
    with (
        Stream(small_triton, "Hello you.", errors_with_status=True) as refused,
        pytest.raises(InferenceServerException, match="overloaded: the limit of 2 open requests") as raised,
    ):
        list(refused)
    assert raised.value.status() == "StatusCode.UNAVAILABLE"
    for stream in held:
        stream.close(cancel=True)


@pytest.fixture
def impatient_triton(tiny_checkpoint: Path, tmp_path: Path) -> Iterator[TritonServer]:
    """A real tritonserver with one slot and a short deadline for the first audio."""
    settings = {"SOPRANO_SLOTS": "1", "SOPRANO_FIRST_AUDIO_DEADLINE": "3"}
    with server_with(tiny_checkpoint, tmp_path, **settings) as server:
        yield server


def test_a_request_without_a_slot_before_its_deadline_ends_with_timeout(impatient_triton: TritonServer) -> None:
    held = Stream(impatient_triton, LONG_TEXT)
    next(iter(held))
    with http(impatient_triton) as client, Stream(impatient_triton, "Hello you.", errors_with_status=True) as stream:
        pending = client.async_infer("soprano", inputs(http_client, "Hello you."))
        with pytest.raises(InferenceServerException, match="timeout: no audio was made within 3 s") as raised:
            list(stream)
        assert raised.value.status() == "StatusCode.UNAVAILABLE"
        with pytest.raises(InferenceServerException, match="timeout: no audio was made within 3 s") as raised:
            pending.get_result()
        assert raised.value.status() == "503"
    wait_until(lambda: metric(impatient_triton, "soprano_timed_out_total") == 2)
    assert metric(impatient_triton, "soprano_failed_total") == 0
    assert metric(impatient_triton, "soprano_open_requests") == 1
    held.close(cancel=True)
    wait_until(lambda: metric(impatient_triton, "soprano_active_slots") == 0)
    assert len(whole_clip(impatient_triton, "Hello you."))
