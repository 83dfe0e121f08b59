"""Open WebUI: lists models and voices without a key, then requests an audio file, and shows errors."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.clients.decoded_audio import assert_whole
from tests.clients.serving import KEY, Server
from tests.clients.texts import TEXT


def get(server: Server, path: str) -> Any:
    """Read a listing as Open WebUI does, without an Authorization header."""

    async def run() -> Any:
        async with aiohttp.ClientSession() as session, session.get(f"{server.base_url}{path}") as answer:
            answer.raise_for_status()
            return await answer.json()

    return asyncio.run(run())


def post(server: Server, key: str = KEY, **changes: Any) -> tuple[int, str, bytes]:
    """Request speech; return status, content type and body."""
    payload = {"input": TEXT, "voice": "alloy", "model": "tts-1"} | changes
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    async def run() -> tuple[int, str, bytes]:
        url = f"{server.base_url}/audio/speech"
        async with aiohttp.ClientSession() as session, session.post(url, json=payload, headers=headers) as answer:
            return answer.status, answer.headers["content-type"], await answer.read()

    return asyncio.run(run())


def test_the_models_that_it_offers(server: Server) -> None:
    # It requests /models only if /audio/models fails, and reads only the field `models`.
    assert {"tts-1", "gpt-4o-mini-tts"} <= {model["id"] for model in get(server, "/audio/models")["models"]}


def test_the_models_that_it_falls_back_to(server: Server) -> None:
    assert {"tts-1", "gpt-4o-mini-tts"} <= {model["id"] for model in get(server, "/models")["data"]}


def test_the_voices_that_it_offers(server: Server) -> None:
    voices = {voice["id"]: voice["name"] for voice in get(server, "/audio/voices")["voices"]}
    assert voices["alloy"] == "Alloy"
    assert len(voices) > 13


def test_a_file(server: Server, seconds: float) -> None:
    status, content_type, body = post(server)
    assert (status, content_type) == (200, "audio/mpeg")
    assert_whole(body, "mp3", seconds)


@pytest.mark.parametrize(
    ("name", "content_type"), [("wav", "audio/wav"), ("flac", "audio/flac"), ("opus", "audio/ogg")]
)
def test_the_operators_parameters(server: Server, name: str, content_type: str, seconds: float) -> None:
    status, given, body = post(server, response_format=name, speed=1.0, lang_code="e")
    assert (status, given) == (200, content_type)
    assert_whole(body, name, seconds)


def test_what_it_shows_of_an_error(server: Server) -> None:
    status, _, body = post(server, voice="nobody")
    assert status == 400
    assert "nobody" in json.loads(body)["error"]["message"]
