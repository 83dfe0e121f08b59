"""The official client; only its base URL is changed."""

import io
from collections.abc import Iterator
from typing import Literal

import openai
import pytest
from openai import OpenAI

from proxy.errors import QueueFull, ServerError
from tests.proxy.listening import read_samples, read_with_libsndfile
from tests.proxy.stand_in import FREQUENCY, StandIn


@pytest.fixture
def client(url: str, engine: StandIn) -> Iterator[OpenAI]:  # noqa: ARG001 (the server needs an engine)
    with OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_create(client: OpenAI, name: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]) -> None:
    speech = client.audio.speech.create(
        model="gpt-4o-mini-tts",
        voice="coral",
        input="Hello.",
        response_format=name,
        instructions="Speak cheerfully.",
        speed=1.0,
    )
    assert len(speech.content) > 1000


def test_default_format_is_readable_mp3(client: OpenAI) -> None:
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
    assert read_with_libsndfile(speech.read()).frequency() == pytest.approx(FREQUENCY, abs=0.5)


def test_voice_object_and_extra_body(client: OpenAI, engine: StandIn) -> None:
    client.audio.speech.create(
        model="tts-1", voice={"id": "alloy"}, input="Hello.", extra_body={"seed": 5, "stream": False}
    )
    assert engine.asked[0].seed == 5


def test_streaming_response_gives_audio_before_the_end(client: OpenAI, engine: StandIn) -> None:
    engine.delays = {5: 0.3}
    audio = io.BytesIO()
    create = client.audio.speech.with_streaming_response.create
    with create(model="tts-1", voice="alloy", input="Hello.", response_format="pcm") as response:
        for piece in response.iter_bytes(1024):
            if not audio.tell():
                assert engine.finished == 0
            audio.write(piece)
    assert read_samples(audio.getvalue(), 24000).seconds == pytest.approx(engine.seconds, abs=0.001)


def test_error_classes_with_code_and_param(client: OpenAI, engine: StandIn) -> None:
    with pytest.raises(openai.BadRequestError) as bad_voice:
        client.audio.speech.create(model="tts-1", voice="nobody", input="Hello.")
    assert (bad_voice.value.code, bad_voice.value.param) == ("invalid_value", "voice")
    assert bad_voice.value.type == "invalid_request_error"
    assert bad_voice.value.request_id
    with pytest.raises(openai.NotFoundError) as bad_model:
        client.audio.speech.create(model="whisper-1", voice="alloy", input="Hello.")
    assert (bad_model.value.code, bad_model.value.param) == ("model_not_found", "model")
    engine.error = QueueFull("full")
    with pytest.raises(openai.RateLimitError) as full:
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
    assert full.value.code == "queue_full"
    engine.error = ServerError("broken")
    with pytest.raises(openai.InternalServerError):
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")


def test_client_retries_a_full_queue_and_not_a_mistake(client: OpenAI, engine: StandIn) -> None:
    patient = client.with_options(max_retries=1)
    engine.error = QueueFull("full")
    with pytest.raises(openai.RateLimitError):
        patient.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
    assert len(engine.asked) == 2
    with pytest.raises(openai.BadRequestError):
        patient.audio.speech.create(model="tts-1", voice="nobody", input="Hello.")
    assert len(engine.asked) == 2


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()][:2] == ["soprano", "soprano-80m"]
    assert client.models.retrieve("tts-1").id == "tts-1"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("whisper-1")
