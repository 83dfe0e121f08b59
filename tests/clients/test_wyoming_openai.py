"""wyoming_openai: detects the kind of server, then streams WAV through AsyncOpenAI and removes the header."""

import asyncio
import io
import wave
from collections.abc import Iterator

import httpx
import pytest
from openai import AsyncOpenAI

from tests.clients.decoded_audio import decode
from tests.clients.serving import KEY, Server
from tests.clients.texts import TEXT

CHUNK_BYTES = 2048
VOICES = ["alloy", "ash", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"]
"""The voices that it offers for servers of an unknown kind."""


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, headers={"authorization": f"Bearer {KEY}"}) as client:
        yield client


def test_it_does_not_take_the_server_for_localai(http: httpx.Client) -> None:
    assert http.get("/readyz").status_code == 404


def test_it_does_not_take_the_server_for_kokoro(http: httpx.Client) -> None:
    assert http.get("/test").status_code == 404


def test_it_does_not_take_the_server_for_speaches(http: httpx.Client) -> None:
    answer = http.get("../../health")
    assert answer.url.path == "/health"
    assert answer.text != "OK"


def test_its_voices_and_models_are_the_servers(http: httpx.Client) -> None:
    assert {voice["id"] for voice in http.get("/audio/voices").json()["voices"]} >= set(VOICES)
    assert {model["id"] for model in http.get("/models").json()["data"]} >= {"tts-1", "gpt-4o-mini-tts"}


def test_the_first_chunk_holds_the_wav_header(server: Server, seconds: float) -> None:
    async def speak() -> list[bytes]:
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
            client.audio.speech.with_streaming_response.create(
                model="tts-1", voice="nova", input=TEXT, response_format="wav"
            ) as response,
        ):
            return [chunk async for chunk in response.iter_bytes(chunk_size=CHUNK_BYTES)]

    chunks = asyncio.run(speak())
    first = io.BytesIO(chunks[0])
    with wave.open(first) as header:
        assert (header.getframerate(), header.getnchannels(), header.getsampwidth()) == (32000, 1, 2)
        start = first.tell()
    pcm = b"".join(chunks)[start:]
    # Everything after the header is played, so it must be samples only.
    assert len(pcm) / 2 / 32000 == pytest.approx(seconds, abs=0.001)
    assert decode(b"".join(chunks)).peak > 0.05
