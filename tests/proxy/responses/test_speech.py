"""`POST /v1/audio/speech`, from an HTTP client's point of view."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from proxy.audio.formats import AUDIO_FORMATS, FormatName
from tests.proxy.conftest import Serve
from tests.proxy.listening import Heard, read_g711, read_samples, read_with_ffmpeg, read_with_libsndfile
from tests.proxy.stand_in import FREQUENCY, StandIn

READERS: dict[FormatName, Callable[[bytes], Heard]] = {
    "mp3": read_with_libsndfile,
    "opus": read_with_libsndfile,
    "aac": lambda data: read_with_ffmpeg(data, "aac", 32000),
    "flac": lambda data: read_with_ffmpeg(data, "flac", 32000),
    "wav": read_with_libsndfile,
    "pcm": lambda data: read_samples(data, 24000),
    "pcmu": lambda data: read_g711(data, "ULAW"),
    "pcma": lambda data: read_g711(data, "ALAW"),
}
CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "pcmu": "audio/PCMU",
    "pcma": "audio/PCMA",
}
each_format = pytest.mark.parametrize("name", list(AUDIO_FORMATS))


def speak(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post("/v1/audio/speech", json={"model": "tts-1", "input": "Hello.", "voice": "alloy", **fields})


@each_format
@pytest.mark.parametrize("stream", [True, False])
def test_every_format_is_spoken(http: httpx.Client, engine: StandIn, name: FormatName, stream: bool) -> None:
    response = speak(http, response_format=name, stream=stream)
    assert response.status_code == 200
    assert response.headers["content-type"] == CONTENT_TYPES[name]
    heard = READERS[name](response.content)
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.1)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=0.5)


@each_format
def test_unstreamed_body_states_its_length(http: httpx.Client, name: FormatName) -> None:
    response = speak(http, response_format=name, stream=False)
    assert int(response.headers["content-length"]) == len(response.content)
    assert "transfer-encoding" not in response.headers


FORMS: list[dict[str, object]] = [
    {},
    {"stream": False},
    {"stream_format": "sse"},
    {"stream": False, "timestamps": True},
    {"response_format": "wav"},
]


@pytest.mark.parametrize("form", FORMS)
def test_every_response_names_the_checkpoint(http: httpx.Client, engine: StandIn, form: dict[str, object]) -> None:
    engine.checkpoint = "builtin"
    assert speak(http, **form).headers["x-soprano-checkpoint"] == "builtin"


def test_an_engine_that_does_not_name_its_checkpoint_is_accepted(http: httpx.Client, engine: StandIn) -> None:
    engine.checkpoint = ""
    response = speak(http)
    assert response.status_code == 200
    assert "x-soprano-checkpoint" not in response.headers


def test_mp3_is_the_default(http: httpx.Client) -> None:
    assert speak(http).headers["content-type"] == "audio/mpeg"


def test_route_without_version_is_the_same(http: httpx.Client) -> None:
    response = http.post("/audio/speech", json={"model": "tts-1", "input": "Hello."})
    assert response.status_code == 200


def test_parameters_reach_the_engine(http: httpx.Client, engine: StandIn) -> None:
    sent = {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 7,
        "repetition_penalty": 1.1,
        "retries": 0,
        "seed": -(2**63),
    }
    assert speak(http, input="Grüße 🎵", **sent).status_code == 200
    (asked,) = engine.asked
    assert asked.text == "Grüße 🎵"
    assert {name: getattr(asked, name) for name in sent} == sent


@pytest.mark.parametrize(("mode", "plain"), [("auto", None), ("on", False), ("off", True), (None, None)])
def test_the_text_may_be_taken_as_it_stands(
    http: httpx.Client, engine: StandIn, mode: str | None, plain: bool | None
) -> None:
    assert speak(http, apply_text_normalization=mode).status_code == 200
    assert engine.asked[0].plain is plain


@pytest.mark.parametrize(
    "lexicon",
    [
        {"nginx": "engine x"},
        {"a" * 100: "b" * 100, "C#": "see sharp", "日本": "japan", "{x}": "{y}"},
        {f"word{number}": "x" for number in range(500)},
    ],
    ids=["one", "long", "many"],
)
def test_a_lexicon_reaches_the_engine(http: httpx.Client, engine: StandIn, lexicon: dict[str, str]) -> None:
    assert speak(http, lexicon=lexicon).status_code == 200
    assert engine.asked[0].lexicon == lexicon


@pytest.mark.parametrize("lexicon", [{}, None])
def test_an_empty_lexicon_is_none(http: httpx.Client, engine: StandIn, lexicon: object) -> None:
    assert speak(http, lexicon=lexicon).status_code == 200
    assert engine.asked[0].lexicon is None


def test_parameters_that_were_not_sent_are_the_engines_choice(http: httpx.Client, engine: StandIn) -> None:
    assert speak(http, temperature=None).status_code == 200
    (asked,) = engine.asked
    assert (asked.temperature, asked.top_p, asked.top_k, asked.seed) == (None, None, None, None)
    assert (asked.plain, asked.lexicon) == (None, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"voice": {"id": "cedar"}},
        {"voice": "soprano"},
        {"voice": None},
        {"model": "gpt-4o-mini-tts-2025-03-20"},
        {"model": "tts-1-hd-1106"},
        {"model": "my-voice"},
        {"instructions": "None"},
        {"speed": 1},
        {"speed": 1.0, "stream_format": "audio", "response_format": "pcm", "sample_rate": 24000},
        {"some": {"new": ["field"]}},
        {"input": "x" * 100},
        {"input": "🎵" * 100},
    ],
    ids=json.dumps,
)
def test_clients_variants_are_accepted(http: httpx.Client, fields: dict[str, object]) -> None:
    assert speak(http, **fields).status_code == 200


@each_format
def test_audio_is_sent_while_the_rest_is_being_made(http: httpx.Client, engine: StandIn, name: FormatName) -> None:
    engine.delays = {5: 0.9}
    body = {"model": "tts-1", "input": "Hello.", "response_format": name}
    with http.stream("POST", "/v1/audio/speech", json=body) as response:
        pieces = response.iter_raw()
        assert next(pieces)
        assert engine.finished == 0
        assert sum(map(len, pieces))
    assert engine.finished == 1


def test_pcm_writes_hold_whole_samples(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.02)
    body = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
    with http.stream("POST", "/v1/audio/speech", json=body) as response:
        pieces = list(response.iter_raw())
    assert len(pieces) > 1
    assert all(len(piece) % 2 == 0 for piece in pieces)


def test_quick_wav_states_its_sizes(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = {5: 0.02}
    response = speak(http, response_format="wav")
    assert int(response.headers["content-length"]) == 44 + 2 * engine.samples
    assert int.from_bytes(response.content[40:44], "little") == 2 * engine.samples


def test_wav_of_a_long_text_does_not_wait_for_its_sizes(
    serve: Serve, engine: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.responses.audio.HEADER_HOLD_SECONDS", 30.0)
    engine.delays = {3: 0.9}
    client = serve(max_input_characters=200)
    body = {"model": "tts-1", "input": "x" * 101, "response_format": "wav"}
    with client.stream("POST", "/v1/audio/speech", json=body) as response:
        assert len(next(response.iter_raw())) > 44
        assert engine.finished == 0


def test_slow_wav_starts_with_sizes_unknown(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = {3: 0.3}
    response = speak(http, response_format="wav")
    assert "content-length" not in response.headers
    assert response.content[4:8] == response.content[40:44] == b"\xff\xff\xff\xff"
    assert READERS["wav"](response.content).seconds == pytest.approx(engine.seconds)


@pytest.mark.parametrize(("name", "rate"), [("wav", 8000), ("flac", 44100), ("mp3", 48000), ("aac", 22050)])
def test_sample_rate_is_the_callers_choice(http: httpx.Client, engine: StandIn, name: FormatName, rate: int) -> None:
    response = speak(http, response_format=name, sample_rate=rate)
    heard = read_with_ffmpeg(response.content, name, rate)
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.15)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=0.5)


@pytest.mark.parametrize("name", ["pcmu", "pcma"])
def test_telephony_has_one_sample_rate(http: httpx.Client, name: FormatName) -> None:
    assert speak(http, response_format=name, sample_rate=8000).content == speak(http, response_format=name).content
    response = speak(http, response_format=name, sample_rate=16000)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["param"] == "sample_rate"
    assert CONTENT_TYPES[name] in error["message"]
    assert "8000" in error["message"]


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 4.0])
def test_speed_changes_the_duration_and_not_the_pitch(http: httpx.Client, engine: StandIn, speed: float) -> None:
    engine.chunks = 20
    heard = read_samples(speak(http, response_format="pcm", speed=speed).content, 24000)
    assert heard.seconds == pytest.approx(engine.seconds / speed, rel=0.03, abs=0.05)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=2)


def test_request_id_is_echoed(http: httpx.Client, engine: StandIn) -> None:
    response = http.post(
        "/v1/audio/speech", json={"model": "tts-1", "input": "Hello."}, headers={"x-request-id": "mine-1"}
    )
    assert response.headers["x-request-id"] == "mine-1"
    assert engine.asked[0].request_id == "mine-1"


@pytest.mark.parametrize("sent", ["", "x" * 129, "with a space"])
def test_request_without_a_usable_id_gets_one(http: httpx.Client, sent: str) -> None:
    ids = [http.get("/v1/models", headers={"x-request-id": sent}).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", request_id) for request_id in ids)
    assert ids[0] != ids[1]


def test_engine_without_a_chunk_of_audio_is_an_error(http: httpx.Client, engine: StandIn) -> None:
    engine.chunks = 0
    assert speak(http).status_code == 500


def test_many_at_once_do_not_mix(http: httpx.Client, engine: StandIn) -> None:
    engine.delays = dict.fromkeys(range(10), 0.01)
    with ThreadPoolExecutor(12) as pool:
        responses = list(pool.map(lambda name: speak(http, response_format=name), list(AUDIO_FORMATS) * 4))
    for name, response in zip(list(AUDIO_FORMATS) * 4, responses, strict=True):
        assert response.status_code == 200, response.text
        assert READERS[name](response.content).seconds == pytest.approx(engine.seconds, abs=0.1)


def test_openapi_shows_the_binary_response_and_the_body(http: httpx.Client) -> None:
    operation = http.get("/openapi.json").json()["paths"]["/v1/audio/speech"]["post"]
    others = {"audio/opus", "text/event-stream", "application/json"}
    assert set(operation["responses"]["200"]["content"]) == set(CONTENT_TYPES.values()) | others
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["input"]
    assert "$defs" not in schema
