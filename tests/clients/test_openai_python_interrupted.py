"""openai-python, if the engine dies in the middle of a clip: an error, never a shorter clip."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, DefaultHttpxClient, OpenAI

from tests.clients.calls import Calls
from tests.clients.serving import KEY, Server
from tests.clients.texts import LONG_TEXT
from tests.proxy.responses.events import events

ASKED: dict[str, Any] = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": LONG_TEXT}


@pytest.fixture
def client(doomed_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=doomed_server.base_url, api_key=KEY, max_retries=0) as client:
        yield client


def test_create_is_a_connection_error(doomed_server: Server) -> None:
    calls = Calls(on_response=lambda _: doomed_server.engine.kill())
    http_client = DefaultHttpxClient(event_hooks=calls.hooks)
    with (
        OpenAI(base_url=doomed_server.base_url, api_key=KEY, max_retries=0, http_client=http_client) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.audio.speech.create(**ASKED)
    assert [response.status for response in calls.responses] == [200]


@pytest.mark.parametrize("name", ["mp3", "wav"])
def test_stream_to_file_raises(
    client: OpenAI, doomed_server: Server, tmp_path: Path, name: Literal["mp3", "wav"]
) -> None:
    with client.audio.speech.with_streaming_response.create(**ASKED, response_format=name) as response:
        doomed_server.engine.kill()
        with pytest.raises(httpx2.RemoteProtocolError):
            response.stream_to_file(tmp_path / "speech")
    assert (tmp_path / "speech").stat().st_size > 0


def test_async_iter_bytes_raises(doomed_server: Server) -> None:
    async def speak() -> None:
        async with (
            AsyncOpenAI(base_url=doomed_server.base_url, api_key=KEY, max_retries=0) as client,
            client.audio.speech.with_streaming_response.create(**ASKED, response_format="pcm") as response,
        ):
            doomed_server.engine.kill()
            async for _ in response.iter_bytes():
                pass

    with pytest.raises(httpx2.RemoteProtocolError):
        asyncio.run(speak())


def test_events_end_in_an_error(client: OpenAI, doomed_server: Server) -> None:
    create = client.audio.speech.with_streaming_response.create
    read = []
    with create(**ASKED, stream_format="sse") as response:
        doomed_server.engine.kill()
        for event in events(response.iter_lines()):
            read.append(event)
            if event["type"] == "speech.audio.error":
                break
    assert {event["type"] for event in read[:-1]} == {"speech.audio.delta"}
    assert read[-1]["type"] == "speech.audio.error"
    assert read[-1]["error"]["type"] == "server_error"
