"""Settings from the environment."""

import pytest
from pydantic import ValidationError

from proxy.settings import Settings


def settings_from(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize(("transport", "url"), [("grpc", "127.0.0.1:8001"), ("http", "127.0.0.1:8000")])
def test_url_follows_the_transport(monkeypatch: pytest.MonkeyPatch, transport: str, url: str) -> None:
    monkeypatch.delenv("SOPRANO_TRITON_URL", raising=False)
    assert settings_from(monkeypatch, SOPRANO_TRANSPORT=transport).triton_url == url


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(
        monkeypatch,
        SOPRANO_TRITON_URL="triton.svc:9001",
        SOPRANO_PORT="9999",
        SOPRANO_MODEL_ALIASES="piper, kokoro,",
        SOPRANO_VOICE_ALIASES="af_heart, *",
        SOPRANO_FIRST_AUDIO_DEADLINE="2.5",
    )
    assert settings.triton_url == "triton.svc:9001"
    assert settings.port == 9999
    assert settings.model_aliases == {"piper", "kokoro"}
    assert settings.voice_aliases == {"af_heart", "*"}
    assert settings.first_audio_deadline == 2.5


def test_empty_settings_and_those_of_other_parts_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_from(monkeypatch, SOPRANO_SLOTS="64", SOPRANO_PORT="").port == 8080


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOPRANO_TRITON_URL", "http://127.0.0.1:8000"),
        ("SOPRANO_TRITON_URL", "127.0.0.1"),
        ("SOPRANO_TRITON_URL", "127.0.0.1:8001,"),
        ("SOPRANO_TRITON_URL", "first:8001,second:8001"),
        ("SOPRANO_TRITON_URL", "127.0.0.1:8001,[::1]:8001"),
        ("SOPRANO_TRANSPORT", "carrier pigeon"),
        ("SOPRANO_PORT", "65536"),
        ("SOPRANO_ROOT_PATH", "speech"),
        ("SOPRANO_WYOMING_PORT", "0"),
        ("SOPRANO_MAX_INPUT_CHARACTERS", "0"),
        ("SOPRANO_FIRST_AUDIO_DEADLINE", "-1"),
    ],
)
def test_wrong_settings_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError) as error:
        settings_from(monkeypatch, **{name: value})
    assert error.value.errors()[0]["loc"] == (name.removeprefix("SOPRANO_").lower(),)


@pytest.mark.parametrize("url", ["127.0.0.1:8001,127.0.0.2:8001", "[::1]:8001,[::2]:8001"])
def test_several_tritons_may_share_the_work_over_grpc(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert settings_from(monkeypatch, SOPRANO_TRITON_URL=url).triton_url == url
    with pytest.raises(ValidationError, match="SOPRANO_TRANSPORT=grpc"):
        settings_from(monkeypatch, SOPRANO_TRITON_URL=url, SOPRANO_TRANSPORT="http")


def test_wyoming_lets_nobody_in_who_has_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"SOPRANO_WYOMING_PORT": "10200", "SOPRANO_API_KEYS": "sk-1"}
    with pytest.raises(ValidationError, match="speak without a key") as error:
        settings_from(monkeypatch, SOPRANO_HOST="192.0.2.1", **keys)
    assert error.value.errors()[0]["loc"] == ("wyoming_port",)
    assert settings_from(monkeypatch, SOPRANO_HOST="127.0.0.1", **keys).wyoming_port == 10200
    assert settings_from(monkeypatch, SOPRANO_HOST="192.0.2.1", SOPRANO_API_KEYS="").wyoming_port == 10200


@pytest.mark.parametrize(
    ("cores", "environment", "workers"),
    [
        (1, {}, 1),
        (4, {}, 4),
        (64, {}, 8),
        (64, {"SOPRANO_MAX_IN_FLIGHT": "4000"}, 32),
        (64, {"SOPRANO_MAX_IN_FLIGHT": "100"}, 1),
        (2, {"SOPRANO_PROXY_WORKERS": "3"}, 3),
    ],
)
def test_workers_follow_the_cores_and_the_clips(
    monkeypatch: pytest.MonkeyPatch, cores: int, environment: dict[str, str], workers: int
) -> None:
    monkeypatch.setattr("proxy.settings.usable_cores", lambda: cores)
    assert settings_from(monkeypatch, **environment).workers == workers
