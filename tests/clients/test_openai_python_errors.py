"""openai-python without audio: one request raises one of its exceptions, with the server's message."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import DefaultHttpxClient, OpenAI

from tests.clients.calls import Calls
from tests.clients.serving import KEY, Server

ASKED: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hi."}
MISTAKES: list[tuple[dict[str, Any], type[openai.APIStatusError], str, str]] = [
    ({"input": ""}, openai.BadRequestError, "invalid_value", "input"),
    ({"input": "..."}, openai.BadRequestError, "invalid_value", "input"),
    ({"input": "a" * 4097}, openai.BadRequestError, "string_above_max_length", "input"),
    ({"model": "whisper-1"}, openai.NotFoundError, "model_not_found", "model"),
    ({"voice": "nobody"}, openai.BadRequestError, "invalid_value", "voice"),
    ({"response_format": "ogg"}, openai.BadRequestError, "invalid_value", "response_format"),
    ({"stream_format": "chunks"}, openai.BadRequestError, "invalid_value", "stream_format"),
    ({"speed": 4.5}, openai.BadRequestError, "invalid_value", "speed"),
    ({"extra_body": {"sample_rate": 7999}}, openai.BadRequestError, "invalid_value", "sample_rate"),
]


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def client(server: Server, calls: Calls) -> Iterator[OpenAI]:
    """A client that tries up to three times, as by default."""
    http_client = DefaultHttpxClient(event_hooks=calls.hooks)
    with OpenAI(base_url=server.base_url, api_key=KEY, http_client=http_client) as client:
        yield client


@pytest.mark.parametrize(("mistake", "kind", "code", "param"), MISTAKES)
def test_a_mistake_is_told_once(
    client: OpenAI, calls: Calls, mistake: dict[str, Any], kind: type[openai.APIStatusError], code: str, param: str
) -> None:
    with pytest.raises(kind) as raised:
        client.audio.speech.create(**ASKED | mistake, extra_headers={"x-request-id": "order-66"})
    error = raised.value
    assert (error.type, error.code, error.param) == ("invalid_request_error", code, param)
    assert error.request_id == "order-66"
    assert error.response.headers["x-should-retry"] == "false"
    assert len(calls.responses) == 1


def test_a_mistake_is_told_before_a_stream(client: OpenAI) -> None:
    create = client.audio.speech.with_streaming_response.create
    with pytest.raises(openai.BadRequestError), create(**ASKED | {"input": "...", "stream_format": "sse"}):
        pass


@pytest.mark.parametrize("key", ["sk-wrong", KEY[:-1]])
def test_a_wrong_key_is_an_authentication_error(client: OpenAI, calls: Calls, key: str) -> None:
    with pytest.raises(openai.AuthenticationError) as raised:
        client.with_options(api_key=key).audio.speech.create(**ASKED)
    assert (raised.value.code, raised.value.param) == ("invalid_api_key", None)
    assert raised.value.request_id
    assert len(calls.responses) == 1


def test_an_unknown_model_cannot_be_retrieved(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("whisper-1")
    assert raised.value.code == "model_not_found"


def test_another_route_is_not_found_once(client: OpenAI, calls: Calls) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.embeddings.create(model="tts-1", input="Hi.")
    assert raised.value.code == "unknown_url"
    assert len(calls.responses) == 1


def test_no_server_is_a_connection_error() -> None:
    with (
        OpenAI(base_url="http://127.0.0.1:9/v1", api_key=KEY, max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.audio.speech.create(**ASKED)
