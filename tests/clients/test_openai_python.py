"""openai-python as its users call it: `create`, `with_streaming_response`, events, the player, sync and async."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.helpers import LocalAudioPlayer

from tests.clients import sound_card
from tests.clients.decoded_audio import assert_whole, decode_pcm
from tests.clients.serving import KEY, Server
from tests.clients.texts import TEXT
from tests.proxy.responses.events import audio_of, events

FormatName = Literal["mp3", "opus", "aac", "flac", "wav"]
FORMATS: list[FormatName] = ["mp3", "opus", "aac", "flac", "wav"]
ASKED: dict[str, Any] = {"model": "gpt-4o-mini-tts", "voice": "coral", "input": TEXT}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key=KEY) as client:
        yield client


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> type[sound_card.OutputStream]:
    monkeypatch.setitem(sys.modules, "sounddevice", sound_card)
    monkeypatch.setattr(sound_card.OutputStream, "played", [])
    return sound_card.OutputStream


@pytest.mark.parametrize("name", FORMATS)
def test_create_gives_a_whole_file(client: OpenAI, name: FormatName, seconds: float) -> None:
    assert_whole(client.audio.speech.create(**ASKED, response_format=name).content, name, seconds)


def test_the_default_is_mp3(client: OpenAI, seconds: float) -> None:
    assert_whole(client.audio.speech.create(**ASKED).read(), "mp3", seconds)


@pytest.mark.parametrize("name", FORMATS)
def test_stream_to_file(client: OpenAI, name: FormatName, seconds: float, tmp_path: Path) -> None:
    with client.audio.speech.with_streaming_response.create(**ASKED, response_format=name) as response:
        response.stream_to_file(tmp_path / "speech")
    assert_whole((tmp_path / "speech").read_bytes(), name, seconds)


def test_async_stream_to_file(server: Server, seconds: float, tmp_path: Path) -> None:
    async def speak() -> None:
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
            client.audio.speech.with_streaming_response.create(**ASKED) as response,
        ):
            await response.stream_to_file(tmp_path / "speech.mp3")

    asyncio.run(speak())
    assert_whole((tmp_path / "speech.mp3").read_bytes(), "mp3", seconds)


@pytest.mark.parametrize("size", [1, 1023, 1024, 4096])
def test_iter_bytes_of_pcm_adds_up_to_whole_samples(client: OpenAI, size: int, seconds: float) -> None:
    with client.audio.speech.with_streaming_response.create(**ASKED, response_format="pcm") as response:
        pieces = list(response.iter_bytes(size))
    assert {len(piece) for piece in pieces[:-1]} == {size}
    body = b"".join(pieces)
    assert len(body) % 2 == 0
    assert decode_pcm(body).seconds == pytest.approx(seconds, abs=0.001)


def test_events_are_lines_of_data(client: OpenAI, seconds: float) -> None:
    create = client.audio.speech.with_streaming_response.create
    with create(**ASKED, stream_format="sse", response_format="pcm") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        read = list(events(response.iter_lines()))
    assert {event["type"] for event in read[:-1]} == {"speech.audio.delta"}
    assert read[-1]["type"] == "speech.audio.done"
    usage = read[-1]["usage"]
    assert 0 < usage["input_tokens"] < usage["output_tokens"] < usage["total_tokens"]
    assert decode_pcm(audio_of(read)).seconds == pytest.approx(seconds, abs=0.001)


def test_events_hold_the_default_mp3(server: Server, seconds: float) -> None:
    async def speak() -> bytes:
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
            client.audio.speech.with_streaming_response.create(**ASKED, stream_format="sse") as response,
        ):
            return audio_of(events([line async for line in response.iter_lines()]))

    assert_whole(asyncio.run(speak()), "mp3", seconds)


def test_local_audio_player(client: OpenAI, card: type[sound_card.OutputStream], seconds: float) -> None:
    asyncio.run(LocalAudioPlayer().play(client.audio.speech.create(**ASKED, response_format="pcm")))
    _assert_played(card, seconds)


def test_local_audio_player_of_a_stream(server: Server, card: type[sound_card.OutputStream], seconds: float) -> None:
    async def play() -> None:
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
            client.audio.speech.with_streaming_response.create(**ASKED, response_format="pcm") as response,
        ):
            await LocalAudioPlayer().play(response)

    asyncio.run(play())
    _assert_played(card, seconds)


def test_speed_and_instructions_and_a_voice_object(client: OpenAI, seconds: float) -> None:
    body = client.audio.speech.create(
        model="gpt-4o-mini-tts",
        voice={"id": "marin"},
        input=TEXT,
        instructions="Speak slowly.",
        speed=2.0,
        response_format="pcm",
    ).content
    assert decode_pcm(body).seconds == pytest.approx(seconds / 2, abs=0.1)


def test_the_callers_request_id_comes_back(client: OpenAI) -> None:
    create = client.audio.speech.with_streaming_response.create
    with create(**ASKED, extra_headers={"x-request-id": "order-66"}) as response:
        assert response.request_id == "order-66"


def test_models_can_be_listed_and_spoken_with(client: OpenAI) -> None:
    for model in client.models.list():
        assert client.models.retrieve(model.id).id == model.id
        assert client.audio.speech.create(model=model.id, voice="alloy", input="Hi.").content


def _assert_played(card: type[sound_card.OutputStream], seconds: float) -> None:
    (stream,) = card.played
    assert (stream.rate, stream.channels) == (24000, 1)
    # Its last block is filled up with silence.
    played = len(stream.samples()) / stream.rate
    assert seconds - 0.001 <= played <= seconds + 0.001 + sound_card.BLOCK / stream.rate
