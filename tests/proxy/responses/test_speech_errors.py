"""Errors instead of audio: they have one shape, the right status and the name of the wrong field."""

import json
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest

from proxy.app import create_app
from proxy.errors import (
    ApiError,
    DeadlineExceeded,
    InvalidValue,
    QueueFull,
    ServerError,
    ServiceUnavailable,
)
from proxy.settings import Settings
from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn
from text.errors import InvalidLexicon
from text.lexicon import check_lexicon

VALID = {"model": "tts-1", "input": "Hello.", "voice": "alloy"}


def assert_error(
    response: httpx.Response,
    status: int,
    code: str | None,
    param: str | None = None,
    kind: str = "invalid_request_error",
) -> dict[str, Any]:
    """Check that the response is an error of this kind in OpenAI's shape; return its `error`."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"], error["param"]) == (kind, code, param)
    assert error["message"]
    return error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input", None),
        ("input", ""),
        ("input", " \t\n"),
        ("input", 5),
        ("input", ["Hello."]),
        ("model", 1),
        ("voice", "nobody"),
        ("voice", {"name": "alloy"}),
        ("voice", {"id": 3}),
        ("response_format", "ogg"),
        ("response_format", 3),
        ("stream_format", "json"),
        ("stream", "yes"),
        ("stream", 1),
        ("speed", 0.2),
        ("speed", 4.1),
        ("speed", "fast"),
        ("speed", True),
        ("sample_rate", 7999),
        ("sample_rate", 48001),
        ("sample_rate", 13337),
        ("timestamps", True),
        ("timestamps", "yes"),
        ("sample_rate", 24000.5),
        ("instructions", 1),
        ("seed", 2**63),
        ("seed", 1.5),
        ("temperature", -0.1),
        ("top_p", -0.1),
        ("top_p", 1.1),
        ("top_k", -1),
        ("top_k", 2**31),
        ("repetition_penalty", 0),
        ("retries", -1),
        ("retries", 11),
        ("apply_text_normalization", "none"),
        ("apply_text_normalization", True),
        ("lexicon", "nginx"),
        ("lexicon", [["nginx", "engine x"]]),
        ("lexicon", {"nginx": 5}),
    ],
)
def test_wrong_value_names_its_field(http: httpx.Client, field: str, value: object) -> None:
    response = http.post("/v1/audio/speech", json={**VALID, field: value})
    error = assert_error(response, 400, "invalid_value", field)
    assert field in error["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("field", ["speed", "temperature", "top_p", "repetition_penalty"])
def test_numbers_must_be_finite(http: httpx.Client, field: str, number: str) -> None:
    body = json.dumps(VALID)[:-1] + f', "{field}": {number}}}'
    response = http.post("/v1/audio/speech", content=body, headers={"content-type": "application/json"})
    assert_error(response, 400, "invalid_value", field)


WRONG_LEXICONS: list[tuple[dict[str, object], str]] = [
    ({"": "x"}, "The word '' has 0 characters; 1 to 100 are allowed"),
    ({"a" * 101: "x"}, "has 101 characters"),
    ({"nginx": ""}, "The respelling of 'nginx' has 0 characters"),
    ({"ok": "okay", "nginx": "b" * 101}, "The respelling of 'nginx' has 101 characters"),
    ({"nginx": " "}, "The respelling of 'nginx' is blank"),
    ({"nginx": None}, "The respelling of 'nginx' must be a string"),
    ({"{0}!": {}}, "The respelling of '{0}!' must be a string"),
    ({"!?": "x"}, "The word '!?' has no letter and no digit"),
    ({"a\nb": "x"}, "has a line end"),
    ({"a": "x\u2028y"}, "The respelling of 'a' has a line end"),
    ({f"word{number}": "x" for number in range(501)}, "It has 501 entries; at most 500 are allowed"),
]


@pytest.mark.parametrize(("lexicon", "message"), WRONG_LEXICONS, ids=[message for _, message in WRONG_LEXICONS])
def test_a_wrong_entry_of_a_lexicon_is_named(http: httpx.Client, lexicon: dict[str, object], message: str) -> None:
    response = http.post("/v1/audio/speech", json={**VALID, "lexicon": lexicon})
    assert message in assert_error(response, 400, "invalid_value", "lexicon")["message"]


@pytest.mark.parametrize(
    "lexicon", [lexicon for lexicon, _ in WRONG_LEXICONS], ids=[text for _, text in WRONG_LEXICONS]
)
def test_the_engine_refuses_the_same_lexicons(lexicon: dict[str, object]) -> None:
    with pytest.raises(InvalidLexicon):
        check_lexicon(lexicon)


def test_missing_input(http: httpx.Client) -> None:
    assert_error(http.post("/v1/audio/speech", json={"model": "tts-1"}), 400, "invalid_value", "input")


def test_unknown_voice_is_told_the_valid_ones(http: httpx.Client) -> None:
    error = assert_error(http.post("/v1/audio/speech", json={**VALID, "voice": "x"}), 400, "invalid_value", "voice")
    assert "soprano" in error["message"]
    assert "cedar" in error["message"]


def test_long_input(http: httpx.Client) -> None:
    response = http.post("/v1/audio/speech", json={**VALID, "input": "x" * 101})
    error = assert_error(response, 400, "string_above_max_length", "input")
    assert "100" in error["message"]
    assert "101" in error["message"]


@pytest.mark.parametrize("model", ["whisper-1", "tts-1-", "my-voice-1106", " ", "TTS-1"])
def test_unknown_model(http: httpx.Client, model: str) -> None:
    response = http.post("/v1/audio/speech", json={**VALID, "model": model})
    assert_error(response, 404, "model_not_found", "model")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "hello",
        '{"input": "a" "model": "tts-1"}',
        "[" * 5000,
        b"\xff\xfe",
    ],
    ids=range(6),
)
def test_malformed_json(http: httpx.Client, body: str | bytes) -> None:
    response = http.post("/v1/audio/speech", content=body, headers={"content-type": "application/json"})
    assert_error(response, 400, "invalid_json")


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null"])
def test_json_that_is_no_object(http: httpx.Client, body: str) -> None:
    response = http.post("/v1/audio/speech", content=body, headers={"content-type": "application/json"})
    assert_error(response, 400, "invalid_value")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_wrong_content_type(http: httpx.Client, content_type: str) -> None:
    headers = {"content-type": content_type}
    response = http.post("/v1/audio/speech", content=json.dumps(VALID), headers=headers)
    assert_error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_right_content_type(http: httpx.Client, content_type: str) -> None:
    headers = {"content-type": content_type}
    assert http.post("/v1/audio/speech", content=json.dumps(VALID), headers=headers).status_code == 200


def test_body_too_big(http: httpx.Client) -> None:
    response = http.post("/v1/audio/speech", json={**VALID, "instructions": "x" * 10_000})
    assert_error(response, 413, "body_too_large")


def test_body_too_big_in_chunks(http: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    response = http.post("/v1/audio/speech", content=endless(), headers={"content-type": "application/json"})
    assert_error(response, 413, "body_too_large")


def test_unknown_route_and_wrong_method(http: httpx.Client) -> None:
    assert_error(http.get("/v1/nothing"), 404, "unknown_url")
    response = http.get("/v1/audio/speech")
    assert_error(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/readyz", "/v1/test"])
def test_routes_by_which_clients_recognise_other_servers_do_not_exist(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "code", "kind", "retry_after"),
    [
        (InvalidValue("input", "nothing to say."), 400, "invalid_value", "invalid_request_error", None),
        (QueueFull("full"), 429, "queue_full", "rate_limit_error", None),
        (ServerError("broken"), 500, "internal_error", "server_error", None),
        (ServiceUnavailable("down"), 503, "service_unavailable", "server_error", "5"),
        (DeadlineExceeded("late"), 504, "timeout", "server_error", None),
    ],
)
def test_engine_error_before_the_first_audio_is_a_real_status(
    http: httpx.Client,
    engine: StandIn,
    error: ApiError,
    status: int,
    code: str,
    kind: str,
    retry_after: str | None,
) -> None:
    engine.error = error
    response = http.post("/v1/audio/speech", json=VALID)
    assert_error(response, status, code, error.param, kind)
    if status != 429:  # which depends on how fast others are served
        assert response.headers.get("retry-after") == retry_after
    assert response.headers.get("x-should-retry") == ("false" if status == 400 else None)


def test_no_audio_in_time(serve: Serve, engine: StandIn) -> None:
    engine.delays = {0: 30}
    response = serve(first_audio_deadline=0.5).post("/v1/audio/speech", json=VALID)
    assert_error(response, 504, "timeout", kind="server_error")
    assert engine.cancelled.wait(1)


def test_mp3_that_fails_before_its_first_frame_is_a_real_status(http: httpx.Client, engine: StandIn) -> None:
    engine.chunk_samples = 100  # so short that no frame of MP3 can be made of it
    engine.error, engine.fails_at = ServerError("broken"), 1
    assert_error(http.post("/v1/audio/speech", json=VALID), 500, "internal_error", kind="server_error")


def test_unforeseen_exception_is_still_in_shape(settings: Settings) -> None:
    class Broken(StandIn):
        async def check(self) -> None:
            raise RuntimeError("a bug")

    async def get_health() -> httpx.Response:
        app = create_app(settings, connect=lambda *_: Broken())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://proxy") as client,
        ):
            return await client.get("/health/ready")

    response = anyio.run(get_health)
    error = assert_error(response, 500, "internal_error", kind="server_error")
    assert "a bug" not in error["message"]
