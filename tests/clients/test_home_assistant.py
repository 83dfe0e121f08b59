"""Home Assistant's `openai_conversation`: lists the models at set-up, then takes whole clips through AsyncOpenAI."""

import asyncio
from typing import Any, Literal

import pytest
from openai import AsyncOpenAI

from tests.clients.decoded_audio import assert_whole
from tests.clients.serving import KEY, Server
from tests.clients.texts import TEXT

Codec = Literal["mp3", "opus", "aac", "flac", "wav"]
CODECS: list[Codec] = ["mp3", "opus", "aac", "flac", "wav"]


def test_setting_up_lists_the_models(server: Server) -> None:
    async def validate() -> list[str]:
        async with AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client:
            return [model.id async for model in client.with_options(timeout=10.0).models.list()]

    assert "gpt-4o-mini-tts" in asyncio.run(validate())


@pytest.mark.parametrize("codec", CODECS)
def test_a_message_is_a_whole_file(server: Server, codec: Codec, seconds: float) -> None:
    # Without a prompt it sends "None", the text of Python's None, as instructions.
    asked: dict[str, Any] = {"model": "gpt-4o-mini-tts", "voice": "marin", "instructions": str(None), "speed": 1.0}

    async def speak() -> bytes:
        body = bytearray()
        async with (
            AsyncOpenAI(base_url=server.base_url, api_key=KEY) as client,
            client.audio.speech.with_streaming_response.create(**asked, input=TEXT, response_format=codec) as response,
        ):
            async for piece in response.iter_bytes():
                body.extend(piece)
        return bytes(body)

    assert_whole(asyncio.run(speak()), codec, seconds)
