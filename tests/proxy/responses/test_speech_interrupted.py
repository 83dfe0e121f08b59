"""Streams that end too early: the client can tell, and the engine is told."""

import time

import httpx
import pytest

from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.errors import EngineLost, ServerError
from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

each_format = pytest.mark.parametrize("name", list(AUDIO_FORMATS))


def body(name: FormatName = "pcm", *, stream: bool = True) -> dict[str, object]:
    return {"model": "tts-1", "input": "Hello.", "response_format": name, "stream": stream}


@each_format
def test_failure_after_audio_cuts_the_body(http: httpx.Client, engine: StandIn, name: FormatName) -> None:
    # Late enough that the response no longer waits for the size in the WAV header.
    engine.delays, engine.error, engine.fails_at = {3: 0.1}, ServerError("broken"), 5
    with http.stream("POST", "/v1/audio/speech", json=body(name)) as response:
        assert response.status_code == 200
        pieces = response.iter_raw()
        assert next(pieces)
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            list(pieces)


def test_unforeseen_failure_after_audio_cuts_the_body_too(http: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at = RuntimeError("a bug"), 5
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/audio/speech", json=body())


def test_stall_after_audio_cuts_the_body(serve: Serve, engine: StandIn) -> None:
    engine.delays = {3: 30}
    with pytest.raises(httpx.RemoteProtocolError):
        serve(stall_deadline=0.5).post("/v1/audio/speech", json=body())
    assert engine.cancelled.wait(1)


@each_format
def test_failure_of_an_unstreamed_clip_is_a_real_status(http: httpx.Client, engine: StandIn, name: FormatName) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    assert http.post("/v1/audio/speech", json=body(name, stream=False)).status_code == 500


def test_failure_while_a_wav_header_waits_is_a_real_status(http: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    assert http.post("/v1/audio/speech", json=body("wav")).status_code == 500


@each_format
def test_an_engine_lost_before_anything_was_sent_only_delays_the_clip(
    http: httpx.Client, engine: StandIn, name: FormatName
) -> None:
    expected = http.post("/v1/audio/speech", json=body(name, stream=False)).content
    engine.error, engine.fails_at, engine.failures = EngineLost("it died"), 5, 2
    again = http.post("/v1/audio/speech", json=body(name, stream=False)).content
    assert len(again) == len(expected)  # Ogg has a random serial number
    assert len(engine.asked) == 3
    assert engine.asked[1] == engine.asked[2]


def test_a_wav_header_that_waits_does_not_count_as_sent(http: httpx.Client, engine: StandIn) -> None:
    expected = http.post("/v1/audio/speech", json=body("wav")).content
    engine.error, engine.fails_at, engine.failures = EngineLost("it died"), 5, 2
    assert http.post("/v1/audio/speech", json=body("wav")).content == expected


@pytest.mark.parametrize(("fails_at", "tries"), [(5, 2), (0, 1)])
def test_a_clip_that_was_begun_is_retried_once(http: httpx.Client, engine: StandIn, fails_at: int, tries: int) -> None:
    engine.error, engine.fails_at = EngineLost("it died"), fails_at
    response = http.post("/v1/audio/speech", json=body(stream=False))
    assert response.status_code == 503
    assert len(engine.asked) == tries


def test_a_clip_that_was_partly_sent_is_not_retried(http: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at, engine.failures = EngineLost("it died"), 5, 1
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v1/audio/speech", json=body())
    assert len(engine.asked) == 1


@pytest.mark.parametrize(("stream", "waits_at"), [(True, 0), (False, 0), (False, 3)])
def test_client_that_leaves_before_the_first_byte_cancels(
    url: str, engine: StandIn, stream: bool, waits_at: int
) -> None:
    engine.delays = {waits_at: 0.9}
    with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=url, timeout=0.2) as client:
        client.post("/v1/audio/speech", json=body(stream=stream))
    assert engine.cancelled.wait(0.5)
    assert engine.finished == 0


@each_format
def test_client_that_leaves_in_the_middle_cancels(url: str, engine: StandIn, name: FormatName) -> None:
    engine.delays = dict.fromkeys(range(1, 10), 0.9)
    with (
        httpx.Client(base_url=url) as client,
        client.stream("POST", "/v1/audio/speech", json=body(name)) as response,
    ):
        assert next(response.iter_raw())
    assert engine.cancelled.wait(0.5)
    assert engine.finished == 0


def test_client_that_leaves_while_a_wav_header_waits_cancels(
    url: str, engine: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.responses.audio.HEADER_HOLD_SECONDS", 5.0)
    engine.delays = {1: 0.9}
    with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=url, timeout=0.2) as client:
        client.post("/v1/audio/speech", json=body("wav"))
    assert engine.cancelled.wait(0.5)


def test_slow_reader_does_not_slow_down_the_engine(http: httpx.Client, engine: StandIn) -> None:
    engine.chunks = 1000
    with http.stream("POST", "/v1/audio/speech", json=body()) as response:
        wait_until(lambda: engine.finished == 1, 10)
        assert sum(len(piece) for piece in response.iter_raw()) == pytest.approx(engine.seconds * 48000, abs=4)


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
def test_reader_that_stops_reading_is_cut_off(serve: Serve, engine: StandIn, stream_format: str) -> None:
    client = serve(reader_deadline=0.3)
    engine.chunks, engine.delays = 2000, {1000: 30.0}
    with client.stream("POST", "/v1/audio/speech", json={**body(), "stream_format": stream_format}) as response:
        assert engine.cancelled.wait(5)
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
    assert engine.finished == 0


def test_reader_that_is_only_slow_is_not_cut_off(serve: Serve, engine: StandIn) -> None:
    client = serve(reader_deadline=0.5)
    engine.chunks = 200
    with client.stream("POST", "/v1/audio/speech", json=body()) as response:
        received = 0
        for piece in response.iter_raw():
            received += len(piece)
            if received % 7 == 0:
                time.sleep(0.05)
    assert received == pytest.approx(engine.seconds * 48000, abs=4)


def test_a_clip_that_takes_too_long_is_refused_before_audio(serve: Serve, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.3)
    response = serve(clip_deadline=0.5).post("/v1/audio/speech", json=body(stream=False))
    assert response.status_code == 504
    assert response.json()["error"]["code"] == "timeout"
    assert engine.cancelled.wait(1)


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
def test_a_clip_that_takes_too_long_is_cut_after_audio(serve: Serve, engine: StandIn, stream_format: str) -> None:
    engine.delays = dict.fromkeys(range(10), 0.3)
    client = serve(clip_deadline=0.8)
    with (
        client.stream("POST", "/v1/audio/speech", json={**body(), "stream_format": stream_format}) as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        response.read()
    assert engine.cancelled.wait(1)


def test_a_clip_that_is_spoken_slowly_may_take_longer(serve: Serve, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.1)
    response = serve(clip_deadline=0.7).post("/v1/audio/speech", json={**body(), "speed": 0.5})
    assert len(response.content) == pytest.approx(2 * engine.seconds * 48000, abs=200)
