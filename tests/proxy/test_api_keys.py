"""Requests with and without an API key."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from proxy.settings import Settings
from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn

SPEECH = {"model": "tts-1", "input": "Hello."}
LISTINGS = ["/v1/models", "/models", "/v1/models/tts-1", "/v1/audio/models", "/v1/audio/voices", "/audio/voices"]


@pytest.fixture
def guarded(serve: Serve) -> httpx.Client:
    return serve(api_keys=frozenset({"first key", "zweiter-schlüssel"}))


def bearer(key: str) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {key}".strip().encode()}


@pytest.mark.parametrize("key", ["first key", "zweiter-schlüssel"])
def test_every_key_is_accepted(guarded: httpx.Client, key: str) -> None:
    assert guarded.post("/v1/audio/speech", json=SPEECH, headers=bearer(key)).status_code == 200


@pytest.mark.parametrize("path", ["/v1/audio/speech", "/audio/speech"])
@pytest.mark.parametrize(
    "headers",
    [{}, bearer("wrong"), bearer(""), bearer("first"), {b"authorization": b"Basic Zmlyc3Qga2V5"}, bearer("\xff")],
    ids=["none", "wrong", "empty", "shorter", "another scheme", "not ASCII"],
)
def test_others_are_not(guarded: httpx.Client, engine: StandIn, path: str, headers: dict[bytes, bytes]) -> None:
    response = guarded.post(path, json=SPEECH, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["x-should-retry"] == "false"
    error = response.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "invalid_api_key", None)
    assert not engine.asked


def test_the_key_is_checked_before_anything_else(guarded: httpx.Client) -> None:
    assert guarded.post("/v1/audio/speech", content=b"x" * 20_000).status_code == 401


@pytest.mark.parametrize("path", LISTINGS)
def test_listings_are_public_unless_a_setting_says_otherwise(guarded: httpx.Client, serve: Serve, path: str) -> None:
    assert guarded.get(path).status_code == 200
    private = serve(api_keys=frozenset({"key"}), public_listings=False)
    assert private.get(path).status_code == 401
    assert private.get(path, headers=bearer("key")).status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health", "/metrics"])
def test_health_and_metrics_need_no_key(guarded: httpx.Client, path: str) -> None:
    assert guarded.get(path).status_code == 200


@pytest.mark.parametrize("headers", [{}, bearer(""), bearer("anything")])
def test_without_keys_every_request_is_accepted(http: httpx.Client, headers: dict[bytes, bytes]) -> None:
    assert http.post("/v1/audio/speech", json=SPEECH, headers=headers).status_code == 200


def test_keys_come_from_the_environment_and_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text("# the kitchen\n in-file-1 \n\nin-file-2\n")
    monkeypatch.setenv("SOPRANO_API_KEYS", "env-1, env-2,")
    monkeypatch.setenv("SOPRANO_API_KEYS_FILE", str(file))
    settings = Settings()
    assert settings.accepted_keys == {"env-1", "env-2", "in-file-1", "in-file-2"}
    assert "env-1" not in repr(settings)


@pytest.mark.parametrize("value", [",", " ", " , ,"])
def test_a_setting_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOPRANO_API_KEYS", value)
    with pytest.raises(ValidationError, match="holds no key: put one in, or unset this"):
        Settings()


def test_an_empty_string_counts_as_unset_as_compose_files_pass_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPRANO_API_KEYS", "")
    monkeypatch.setenv("SOPRANO_API_KEYS_FILE", "")
    assert Settings().accepted_keys == frozenset()


@pytest.mark.parametrize("text", ["", "# none yet\n", "\ufeff# none yet\n"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SOPRANO_API_KEYS_FILE", str(file))
    with pytest.raises(ValidationError, match="holds no key"):
        Settings()


def test_a_file_that_was_emptied_after_the_start_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text("key\n")
    monkeypatch.setenv("SOPRANO_API_KEYS_FILE", str(file))
    settings = Settings()
    file.write_text("")
    with pytest.raises(ValueError, match="holds no key"):
        _ = settings.accepted_keys


@pytest.mark.parametrize(
    ("host", "keys", "is_open"),
    [
        ("0.0.0.0", frozenset(), True),  # noqa: S104
        ("::", frozenset(), True),
        ("speech.example", frozenset(), True),
        ("0.0.0.0", frozenset({"key"}), False),  # noqa: S104
        ("127.0.0.1", frozenset(), False),
        ("::1", frozenset(), False),
        ("localhost", frozenset(), False),
    ],
)
def test_a_server_that_others_reach_without_a_key_is_open_to_strangers(
    host: str, keys: frozenset[str], is_open: bool
) -> None:
    assert Settings(host=host, api_keys=keys).is_open_to_strangers is is_open
