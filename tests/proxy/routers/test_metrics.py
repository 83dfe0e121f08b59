"""`GET /metrics` counts what happened."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.errors import ServerError
from tests.proxy.conftest import Serve
from tests.proxy.responses.events import events
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

SPEECH = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
URL = "/v1/audio/speech"
ROUTE = "/audio/speech"  # with and without a version, they are counted as one


@pytest.fixture
def client(serve: Serve) -> httpx.Client:
    return serve()


def value(client: httpx.Client, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = (sample for family in families for sample in family.samples)
    return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())


def test_a_clip_is_counted_with_its_times(client: httpx.Client, engine: StandIn) -> None:
    engine.delays = {0: 0.1}
    assert client.post(URL, json=SPEECH).status_code == 200
    assert value(client, "soprano_proxy_requests_total", route=ROUTE, status="200", format="pcm") == 1
    assert value(client, "soprano_proxy_audio_seconds_total", format="pcm") == pytest.approx(engine.seconds)
    assert value(client, "soprano_proxy_first_audio_seconds_count", format="pcm") == 1
    assert value(client, "soprano_proxy_first_audio_seconds_sum") >= 0.1
    assert value(client, "soprano_proxy_real_time_factor_sum") >= 0.1 / engine.seconds


def test_a_clip_is_counted_with_the_time_of_its_first_sound(client: httpx.Client, engine: StandIn) -> None:
    engine.silence = 9600  # 0.3 s, longer than the first chunk
    assert client.post(URL, json=SPEECH).status_code == 200
    first_audio = value(client, "soprano_proxy_first_audio_seconds_sum", format="pcm")
    first_sound = value(client, "soprano_proxy_first_sound_seconds_sum", format="pcm")
    assert first_sound == pytest.approx(first_audio + 0.3, abs=0.006)


def test_a_first_sound_that_comes_late_is_counted_when_it_was_sent(client: httpx.Client, engine: StandIn) -> None:
    engine.silence, engine.delays = engine.chunk_samples, {1: 0.8}  # the silence lasts 0.2 s
    assert client.post(URL, json=SPEECH).status_code == 200
    assert value(client, "soprano_proxy_first_sound_seconds_sum", format="pcm") >= 0.8


def test_a_clip_without_a_sound_has_no_first_sound(client: httpx.Client, engine: StandIn) -> None:
    engine.silence = engine.samples
    assert client.post(URL, json=SPEECH).status_code == 200
    assert value(client, "soprano_proxy_first_audio_seconds_count") == 1
    assert value(client, "soprano_proxy_first_sound_seconds_count") == 0


def test_refusals_are_counted_by_status(client: httpx.Client) -> None:
    client.post(URL, json={**SPEECH, "input": ""})
    client.get("/nothing")
    assert value(client, "soprano_proxy_requests_total", route=ROUTE, status="400") == 1
    assert value(client, "soprano_proxy_requests_total", route="unmatched", status="404") == 1
    assert value(client, "soprano_proxy_first_audio_seconds_count") == 0


@pytest.mark.parametrize(("waits_at", "status"), [(0, "499"), (1, "200")])
def test_clients_that_leave_are_counted_with_the_time_that_it_took(
    client: httpx.Client, engine: StandIn, waits_at: int, status: str
) -> None:
    engine.delays = {waits_at: 30.0}  # the client disconnects earlier
    with pytest.raises(httpx.ReadTimeout):
        client.post(URL, json=SPEECH, timeout=0.2)
    wait_until(lambda: value(client, "soprano_proxy_cancelled_total", reason="left") == 1)
    assert value(client, "soprano_proxy_requests_total", route=ROUTE, status=status) == 1
    assert value(client, "soprano_proxy_cancel_seconds_count") == 1
    assert value(client, "soprano_proxy_cancel_seconds_sum") < 30


def test_cut_clips_are_counted(client: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(URL, json=SPEECH)
    assert value(client, "soprano_proxy_cut_total") == 1


def test_client_that_leaves_because_it_was_told_of_a_failure_did_not_cancel(
    client: httpx.Client, engine: StandIn
) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    with client.stream("POST", URL, json={**SPEECH, "stream_format": "sse"}) as response:
        assert next(event for event in events(response.iter_lines()) if event["type"] == "speech.audio.error")
    wait_until(lambda: value(client, "soprano_proxy_cut_total") == 1)
    assert value(client, "soprano_proxy_cancelled_total") == 0


def test_clips_under_way_are_shown(client: httpx.Client, engine: StandIn) -> None:
    engine.delays = {5: 0.5}
    with client.stream("POST", URL, json=SPEECH) as response:
        pieces = response.iter_raw()
        assert next(pieces)
        assert value(client, "soprano_proxy_in_flight") == 1
        assert list(pieces)
    wait_until(lambda: value(client, "soprano_proxy_in_flight") == 0)


def test_the_process_tells_of_itself(client: httpx.Client) -> None:
    assert value(client, "process_resident_memory_bytes") > 0
