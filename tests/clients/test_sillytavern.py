"""SillyTavern's OpenAI-compatible provider: one request for mp3; without a key, its bearer token is empty."""

import http.client
import json
from typing import Any

from tests.clients.decoded_audio import assert_whole
from tests.clients.serving import KEY, Server
from tests.clients.texts import TEXT


def post(server: Server, key: str, **changes: Any) -> tuple[int, str, bytes]:
    """Send exactly the bytes that SillyTavern sends; return status, content type and body."""
    request = {"input": TEXT, "response_format": "mp3", "voice": "alloy", "speed": 1, "model": "tts-1"} | changes
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("POST", "/v1/audio/speech", json.dumps(request), headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()
    finally:
        connection.close()


def test_an_mp3(server: Server, seconds: float) -> None:
    status, content_type, body = post(server, KEY)
    assert (status, content_type) == (200, "audio/mpeg")
    assert_whole(body, "mp3", seconds)


def test_an_empty_bearer_does_for_a_server_without_keys(small_server: Server, seconds: float) -> None:
    status, _, body = post(small_server, "")
    assert status == 200
    assert_whole(body, "mp3", seconds)


def test_an_empty_bearer_is_no_key(server: Server) -> None:
    status, content_type, body = post(server, "")
    assert (status, content_type) == (401, "application/json")
    assert json.loads(body)["error"]["code"] == "invalid_api_key"


def test_its_slider_of_speeds(server: Server) -> None:
    assert [post(server, KEY, input="Hi.", speed=speed)[0] for speed in (0.25, 1, 1.05, 4)] == [200] * 4
