"""`stream_format: "sse"`: the same audio, as events."""

from typing import Any

import httpx
import pytest

from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.errors import QueueFull, ServerError
from tests.proxy.responses.events import audio_of, events
from tests.proxy.responses.test_speech import READERS
from tests.proxy.stand_in import StandIn

each_format = pytest.mark.parametrize("name", list(AUDIO_FORMATS))


def body(name: FormatName = "mp3", **fields: object) -> dict[str, object]:
    sse = {"stream_format": "sse", "response_format": name}
    return {"model": "gpt-4o-mini-tts", "input": "Hello.", "voice": "alloy", **sse, **fields}


@each_format
@pytest.mark.parametrize("stream", [True, False])
def test_deltas_are_the_clip_and_done_comes_last(
    http: httpx.Client, engine: StandIn, name: FormatName, stream: bool
) -> None:
    response = http.post("/v1/audio/speech", json=body(name, stream=stream))
    assert response.headers["content-type"].startswith("text/event-stream")
    read = list(events(response.text.splitlines()))
    assert [event["type"] for event in read[-2:]] == ["speech.audio.delta", "speech.audio.done"]
    heard = READERS[name](audio_of(read))
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.1)


@each_format
def test_events_and_bytes_are_the_same_audio(http: httpx.Client, name: FormatName) -> None:
    plain = http.post("/v1/audio/speech", json={**body(name), "stream_format": "audio"}).content
    sent = audio_of(events(http.post("/v1/audio/speech", json=body(name)).text.splitlines()))
    assert (READERS[name](sent).samples == READERS[name](plain).samples).all()


def test_done_tells_the_tokens(http: httpx.Client) -> None:
    *_, done = events(http.post("/v1/audio/speech", json=body()).text.splitlines())
    assert done["usage"] == {"input_tokens": 7, "output_tokens": 30, "total_tokens": 37}


@pytest.mark.parametrize("model", ["tts-1", "tts-1-hd", "soprano", "gpt-4o-mini-tts"])
def test_every_model_sends_events(http: httpx.Client, model: str) -> None:
    response = http.post("/v1/audio/speech", json=body(model=model))
    assert response.headers["content-type"].startswith("text/event-stream")


def test_events_are_sent_while_the_rest_is_being_made(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = {5: 0.9}
    with http.stream("POST", "/v1/audio/speech", json=body("pcm")) as response:
        read = events(response.iter_lines())
        assert next(read)["type"] == "speech.audio.delta"
        assert engine.finished == 0
        assert list(read)[-1]["type"] == "speech.audio.done"


def events_until_cut(http: httpx.Client) -> list[dict[str, Any]]:
    """The events before the connection breaks."""
    read: list[dict[str, Any]] = []
    with http.stream("POST", "/v1/audio/speech", json=body()) as response, pytest.raises(httpx.RemoteProtocolError):
        read.extend(events(response.iter_lines()))
    return read


def test_failure_after_audio_is_an_event_and_there_is_no_done(http: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at = ServerError("broken"), 5
    read = events_until_cut(http)
    assert {event["type"] for event in read[:-1]} == {"speech.audio.delta"}
    error = {"message": "broken", "type": "server_error", "param": None, "code": "internal_error"}
    assert read[-1] == {"type": "speech.audio.error", "error": error}


def test_unforeseen_failure_after_audio_is_an_event_too(http: httpx.Client, engine: StandIn) -> None:
    engine.error, engine.fails_at = RuntimeError("a secret"), 5
    last = events_until_cut(http)[-1]
    assert last["type"] == "speech.audio.error"
    assert "secret" not in last["error"]["message"]


def test_failure_before_audio_is_a_real_status(http: httpx.Client, engine: StandIn) -> None:
    engine.error = QueueFull("full")
    response = http.post("/v1/audio/speech", json=body())
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "queue_full"


def test_client_that_leaves_cancels(url: str, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(1, 10), 0.9)
    with (
        httpx.Client(base_url=url) as client,
        client.stream("POST", "/v1/audio/speech", json=body("pcm")) as response,
    ):
        assert next(response.iter_lines())
    assert engine.cancelled.wait(0.5)
