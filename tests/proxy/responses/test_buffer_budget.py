"""Unsent audio for slow clients has one limit, and clients that keep up are not affected."""

import random

import httpx
import pytest
from prometheus_client import Gauge

from proxy.errors import QueueFull
from proxy.responses.buffer_budget import BufferAccount, BufferBudget
from tests.proxy.conftest import Serve
from tests.proxy.routers.test_metrics import value
from tests.proxy.slow_reader import ask_for_speech
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

SPEECH = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
BUFFERED = "soprano_proxy_buffered_bytes"
CHUNK_BYTES = 9216


@pytest.fixture
def gauge() -> Gauge:
    return Gauge("buffered", "", registry=None)


def ignore() -> None:
    pass


def test_the_sum_never_exceeds_the_limit(gauge: Gauge) -> None:
    budget = BufferBudget(1000, gauge)
    random.seed(0)
    accounts: list[BufferAccount] = []
    for _ in range(5000):
        if not accounts or random.random() < 0.1:
            accounts.append(budget.open(ignore))
        account = random.choice(accounts)
        if random.random() < 0.2:
            account.close()
            accounts.remove(account)
        else:
            account.add(random.randint(-account.bytes, 400))
        used = sum(each.bytes for each in accounts)
        assert used <= 1000
        assert gauge._value.get() == used


def test_the_largest_is_cut(gauge: Gauge) -> None:
    budget = BufferBudget(1000, gauge)
    cut: list[str] = []
    small, large = budget.open(lambda: cut.append("small")), budget.open(lambda: cut.append("large"))
    large.add(600)
    small.hold(300)
    small.hold(450)
    assert cut == ["large"]
    assert (small.bytes, large.bytes) == (450, 0)
    large.add(600)
    assert (cut, large.bytes) == (["large"], 0)


def test_near_the_limit_no_further_clip_begins(gauge: Gauge) -> None:
    budget = BufferBudget(1000, gauge)
    account = budget.open(ignore)
    account.add(875)
    budget.require_room()
    account.add(1)
    with pytest.raises(QueueFull):
        budget.require_room()


def test_buffered_bytes_are_exported_and_freed_with_their_reader(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 200
    client = serve()
    with ask_for_speech(client):
        wait_until(lambda: value(client, BUFFERED) > 150 * CHUNK_BYTES, 5)
    wait_until(lambda: value(client, BUFFERED) == 0, 5)


def test_a_clip_that_is_read_leaves_nothing(serve: Serve) -> None:
    client = serve()
    for stream in (True, False):
        assert client.post("/v1/audio/speech", json={**SPEECH, "stream": stream}).status_code == 200
    wait_until(lambda: value(client, BUFFERED) == 0, 5)


def test_near_the_limit_clips_are_refused_until_there_is_room(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 1000
    client = serve(buffer_bytes=1010 * CHUNK_BYTES)
    with ask_for_speech(client):
        wait_until(lambda: value(client, BUFFERED) > 950 * CHUNK_BYTES)
        refused = client.post("/v1/audio/speech", json=SPEECH)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "queue_full"
        assert int(refused.headers["retry-after"]) >= 1
    wait_until(lambda: value(client, BUFFERED) == 0)
    engine.chunks = 10
    assert client.post("/v1/audio/speech", json=SPEECH).status_code == 200


def test_the_clip_with_the_most_unsent_audio_is_cut_and_the_others_are_not(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 1000
    client = serve(buffer_bytes=500 * CHUNK_BYTES)
    with client.stream("POST", "/v1/audio/speech", json=SPEECH) as response:
        pieces = response.iter_raw()
        received = len(next(pieces))
        with ask_for_speech(client):
            received += sum(map(len, pieces))
            wait_until(lambda: value(client, "soprano_proxy_cancelled_total", reason="stalled") == 1)
    assert received == pytest.approx(engine.seconds * 48000, abs=4)
    assert value(client, BUFFERED) == 0


@pytest.mark.parametrize("name", ["pcm", "mp3"])
def test_a_whole_clip_that_finds_no_room_is_refused(serve: Serve, engine: StandIn, name: str) -> None:
    engine.chunks = 1000
    client = serve(buffer_bytes=100 * CHUNK_BYTES)
    refused = client.post("/v1/audio/speech", json={**SPEECH, "response_format": name, "stream": False})
    assert refused.status_code == 429
    assert engine.cancelled.is_set()
    assert value(client, BUFFERED) == 0


def test_samples_that_are_being_encoded_need_room_too(serve: Serve, engine: StandIn) -> None:
    engine.chunks, engine.chunk_samples = 1, 2_000_000
    body = {**SPEECH, "response_format": "opus"}  # 0.5 MB of it, from 4 MB
    assert serve(buffer_bytes=2_000_000).post("/v1/audio/speech", json=body).status_code == 429
    assert serve(buffer_bytes=8_000_000).post("/v1/audio/speech", json=body).status_code == 200


def test_refusals_for_lack_of_memory_release_their_permits(serve: Serve, engine: StandIn) -> None:
    engine.chunks = 1000
    client: httpx.Client = serve(buffer_bytes=100 * CHUNK_BYTES, max_in_flight=1)
    for _ in range(3):
        assert client.post("/v1/audio/speech", json={**SPEECH, "stream": False}).status_code == 429
    engine.chunks = 10
    assert client.post("/v1/audio/speech", json=SPEECH).status_code == 200
