"""openai-python with a server that is full."""

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

from tests.clients.calls import Calls, RecordedResponse
from tests.clients.occupation import Occupation
from tests.clients.serving import Server

ASKED: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hi."}


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def client(small_server: Server, calls: Calls) -> Iterator[OpenAI]:
    """A client that tries twice."""
    http_client = DefaultHttpxClient(event_hooks=calls.hooks)
    with OpenAI(base_url=small_server.base_url, api_key="none", max_retries=1, http_client=http_client) as client:
        yield client


@pytest.mark.usefixtures("occupation")
def test_it_comes_back_when_the_server_says_and_then_gives_up(client: OpenAI, calls: Calls) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        client.audio.speech.create(**ASKED)
    error = raised.value
    assert (error.type, error.code, error.param) == ("rate_limit_error", "queue_full", None)
    assert [response.status for response in calls.responses] == [429, 429]
    _assert_waited(calls)


def test_it_gets_its_audio_when_there_is_room_again(client: OpenAI, calls: Calls, occupation: Occupation) -> None:
    calls.on_response = lambda response: occupation.end() if response.status == 429 else None
    assert client.audio.speech.create(**ASKED).content
    assert [response.status for response in calls.responses] == [429, 200]
    _assert_waited(calls)


def test_async_clients_do_the_same(small_server: Server, calls: Calls, occupation: Occupation) -> None:
    def make_room(response: RecordedResponse) -> None:
        if response.status == 429:
            occupation.end()

    async def speak() -> bytes:
        http_client = DefaultAsyncHttpxClient(event_hooks=calls.async_hooks)
        async with AsyncOpenAI(base_url=small_server.base_url, api_key="none", http_client=http_client) as client:
            return (await client.audio.speech.create(**ASKED)).content

    calls.on_response = make_room
    assert asyncio.run(speak())
    assert [response.status for response in calls.responses] == [429, 200]
    _assert_waited(calls)


def _assert_waited(calls: Calls) -> None:
    """Check that the second request came no earlier than the first response demanded."""
    first = calls.responses[0]
    assert first.retry_after
    assert calls.asked[1] - first.at >= int(first.retry_after)
