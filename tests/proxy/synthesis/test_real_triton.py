"""The whole path: HTTP request, proxy, a real tritonserver with a small model, audio."""

import base64
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import numpy as np
import pytest

from launch.triton.server import TritonServer
from proxy.audio.formats import AUDIO_FORMATS, FormatName
from proxy.settings import Settings
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.http import HttpSynthesizer
from proxy.synthesis.interface import Synthesizer
from tests.model_repository.clients import metric
from tests.proxy.listening import Heard, read_g711, read_samples, read_with_ffmpeg
from tests.proxy.live_server import live_server
from tests.waiting import wait_until

READERS: dict[FormatName, Callable[[bytes], Heard]] = {
    "mp3": partial(read_with_ffmpeg, demuxer="mp3", rate=32000),
    "opus": partial(read_with_ffmpeg, demuxer="ogg", rate=32000),
    "aac": partial(read_with_ffmpeg, demuxer="aac", rate=32000),
    "flac": partial(read_with_ffmpeg, demuxer="flac", rate=32000),
    "wav": partial(read_with_ffmpeg, demuxer="wav", rate=32000),
    "pcm": partial(read_samples, rate=24000),
    "pcmu": partial(read_g711, subtype="ULAW"),
    "pcma": partial(read_g711, subtype="ALAW"),
}
TEXT = "Hello there. This is the second sentence, and it is a little longer than the first one."


def synthesizer(transport: str, triton: TritonServer) -> Synthesizer:
    if transport == "grpc":
        return GrpcSynthesizer(triton.grpc_url)
    return HttpSynthesizer(triton.http_address, timeout=60)


@pytest.fixture(scope="module", params=["grpc", "http"])
def http(request: pytest.FixtureRequest, triton: TritonServer, settings: Settings) -> Iterator[httpx.Client]:
    """A client of a proxy in front of the real Triton; each test runs with both transports."""
    settings = settings.model_copy(update={"first_audio_deadline": 60.0, "stall_deadline": 60.0})
    with (
        live_server(settings, lambda: synthesizer(request.param, triton)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def speak(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post("/v1/audio/speech", json={"model": "tts-1", "input": TEXT, **fields})


def test_ready(http: httpx.Client) -> None:
    assert http.get("/health/ready").status_code == 200


def test_the_checkpoint_is_named(http: httpx.Client) -> None:
    assert speak(http).headers["x-soprano-checkpoint"] == "synthetic"
    assert http.get("/v1/models/soprano").json()["checkpoint"] == "synthetic"


@pytest.mark.parametrize("name", list(AUDIO_FORMATS))
def test_every_format_is_spoken(http: httpx.Client, name: FormatName) -> None:
    response = speak(http, response_format=name)
    assert response.status_code == 200, response.text
    assert len(response.content) > 1000


def differ_by_rounding(first: bytes, second: bytes) -> bool:
    """Whether two clips of 16-bit samples differ by at most a few steps, since the decoder's batches depend on time."""
    if len(first) != len(second):
        return False
    samples = [np.frombuffer(clip, dtype="<i2").astype(np.int32) for clip in (first, second)]
    return int(np.abs(samples[0] - samples[1]).max()) <= 2


def test_streamed_and_whole_are_the_same_audio(http: httpx.Client) -> None:
    streamed = speak(http, response_format="pcm").content
    assert differ_by_rounding(streamed, speak(http, response_format="pcm", stream=False).content)
    assert read_samples(streamed, 24000).seconds > 1


def test_seed_decides(http: httpx.Client) -> None:
    drawn = [speak(http, response_format="pcm", temperature=1.0, seed=seed).content for seed in (1, 1, 2)]
    assert differ_by_rounding(drawn[0], drawn[1])
    assert not differ_by_rounding(drawn[0], drawn[2])


def test_every_parameter_is_taken(http: httpx.Client) -> None:
    response = speak(http, temperature=0.5, top_p=0.9, top_k=20, repetition_penalty=1.1, retries=0, seed=-(2**63))
    assert response.status_code == 200, response.text


def test_the_text_may_be_taken_as_it_stands(http: httpx.Client) -> None:
    usual = speak(http, response_format="pcm").content
    for mode in ("auto", "on", "off"):
        assert differ_by_rounding(usual, speak(http, response_format="pcm", apply_text_normalization=mode).content)


def test_sentences_tell_what_is_spoken(http: httpx.Client) -> None:
    answer = speak(http, input="It cost 3 pounds, and so on.", stream=False, timestamps=True).json()
    assert [each["spoken"] for each in answer["sentences"]] == ["it cost three pounds, and so on."]


def test_a_lexicon_replaces_words(http: httpx.Client) -> None:
    lexicon = {"nginx": "engine x", "Zürich": "tsoorik"}
    text = "We run NGINX in Zürich, and so on."
    answer = speak(http, input=text, stream=False, timestamps=True, lexicon=lexicon).json()
    assert [each["spoken"] for each in answer["sentences"]] == ["we run engine x in tsoorik, and so on."]
    answer = speak(
        http, input=text, stream=False, timestamps=True, lexicon=lexicon, apply_text_normalization="off"
    ).json()
    assert [each["spoken"] for each in answer["sentences"]] == ["we run nginx in zurich, and so on."]


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", list(AUDIO_FORMATS))
def test_pauses_last_as_long_in_every_format(http: httpx.Client, name: FormatName, speed: float) -> None:
    first, second = "This is the first sentence, and so on.", "This is the second one, and so on."
    answer = speak(
        http,
        input=f"{first} [pause:2s] {second} [pause:9s]",
        response_format=name,
        speed=speed,
        stream=False,
        timestamps=True,
    ).json()
    one, two = answer["sentences"]
    assert two["start"] - one["end"] == pytest.approx(2 / speed, abs=1e-3)
    assert answer["duration"] - two["end"] == pytest.approx(9 / speed, abs=1e-3)
    streamed = speak(http, input=f"{first} [pause:2s] {second} [pause:9s]", response_format=name, speed=speed).content
    for clip in (base64.b64decode(answer["audio"]), streamed):
        audio = READERS[name](clip)
        assert audio.seconds == pytest.approx(answer["duration"], abs=0.2)
        begin, end = (round(time * audio.rate) for time in (one["end"] + 0.3, two["start"] - 0.3))
        assert np.abs(audio.samples[begin:end]).max(initial=0) < 0.01
        assert np.abs(audio.samples[: round(one["end"] * audio.rate)]).max() > 0.01


@pytest.mark.parametrize("text", ["...", "\U0001f3b5", "()"])
def test_nothing_speakable_is_the_callers_mistake(http: httpx.Client, text: str) -> None:
    response = speak(http, input=text)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_value", "input")


def test_client_that_leaves_frees_the_engine(triton: TritonServer, settings: Settings) -> None:
    text = "This sentence is one of many that nobody will hear to the end. " * 60
    settings = settings.model_copy(update={"max_input_characters": 10_000, "max_body_bytes": 100_000})
    with (
        live_server(settings, lambda: synthesizer("grpc", triton)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        before = metric(triton, "soprano_cancelled_total")
        with client.stream(
            "POST", "/v1/audio/speech", json={"model": "tts-1", "input": text, "response_format": "pcm"}
        ) as response:
            assert next(response.iter_raw())
        wait_until(lambda: metric(triton, "soprano_cancelled_total") == before + 1, timeout=5)
