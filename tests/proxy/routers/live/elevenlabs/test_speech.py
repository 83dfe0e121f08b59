"""`POST /v1/text-to-speech/{voice}`, with and without `/stream`."""

import httpx
import pytest

from tests.proxy.listening import read_samples, read_with_libsndfile
from tests.proxy.stand_in import FREQUENCY, StandIn

TEXT = {"text": "Hello there.", "model_id": "eleven_turbo_v2_5", "voice_settings": None}
PATH = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/stream"])
def test_a_text_is_spoken(http: httpx.Client, engine: StandIn, path: str) -> None:
    response = http.post(f"{path}?output_format=pcm_16000&enable_logging=true", json=TEXT)
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/pcm"
    heard = read_samples(response.content, 16000)
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.001)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=1)


def test_a_clip_in_one_piece_has_a_length(http: httpx.Client) -> None:
    assert "content-length" in http.post(PATH, json=TEXT).headers
    assert "content-length" not in http.post(f"{PATH}/stream", json=TEXT).headers


@pytest.mark.parametrize(("name", "rate"), [("", 44100), ("mp3_22050_32", 22050), ("opus_48000_64", 48000)])
def test_the_format_is_the_one_that_was_asked_for(http: httpx.Client, name: str, rate: int) -> None:
    response = http.post(PATH, params={"output_format": name} if name else {}, json=TEXT)
    heard = read_with_libsndfile(response.content)
    assert heard.rate == rate
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=1)


def test_the_parameters_are_heeded(http: httpx.Client, engine: StandIn) -> None:
    body = {"text": "$5", "seed": 7, "apply_text_normalization": "off", "voice_settings": {"speed": 0.8}}
    response = http.post(f"{PATH}?output_format=pcm_8000", json=body)
    assert (engine.asked[0].seed, engine.asked[0].plain) == (7, True)
    assert len(response.content) / 2 / 8000 == pytest.approx(engine.seconds / 0.8, rel=0.05)


@pytest.mark.parametrize(
    ("query", "body", "param"),
    [
        ("?output_format=ogg", TEXT, "output_format"),
        ("", {"text": "  "}, "text"),
        ("", {}, "text"),
        ("", {"text": "a" * 101}, "input"),
        ("", {"text": "Hallo.", "language_code": "de"}, "language_code"),
    ],
)
def test_a_mistake_is_a_400(http: httpx.Client, query: str, body: dict[str, object], param: str) -> None:
    response = http.post(f"{PATH}{query}", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
