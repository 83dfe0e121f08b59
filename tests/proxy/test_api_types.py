"""Fields are read leniently where there is no doubt what is meant."""

import httpx
import pytest

from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn

NUMBERS = {
    "speed": "1.0",
    "sample_rate": "24000",
    "seed": "-5",
    "temperature": "0.5",
    "top_p": ".9",
    "top_k": "20",
    "repetition_penalty": "1.2",
    "retries": "2",
}


def speak(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post("/v1/audio/speech", json={"input": "Hello.", **fields})


@pytest.mark.parametrize(("field", "value"), NUMBERS.items())
def test_a_number_may_be_a_string(http: httpx.Client, field: str, value: str) -> None:
    assert speak(http, **{field: value}).status_code == 200


def test_the_strings_have_the_effect_of_the_numbers(http: httpx.Client, engine: StandIn) -> None:
    read = {name: float(value) for name, value in NUMBERS.items()}
    speak(http, **NUMBERS)
    speak(http, **read | {name: int(read[name]) for name in ("sample_rate", "seed", "top_k", "retries")})
    first, second = (vars(asked) | {"request_id": ""} for asked in engine.asked)
    assert first == second
    assert (first["seed"], first["temperature"], first["top_k"]) == (-5, 0.5, 20)


@pytest.mark.parametrize("value", ["fast", "", "1.0x", "1,0", "nan", "inf", "1e999", "9" * 5000, "0.1", "true"])
@pytest.mark.parametrize("field", ["speed", "retries"])
def test_another_string_is_a_clear_error(http: httpx.Client, field: str, value: str) -> None:
    response = speak(http, **{field: value})
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_value", field)
    assert error["message"].startswith(f"Invalid '{field}': Input should be ")


@pytest.mark.parametrize(("value", "streamed"), [("true", True), ("True", True), ("false", False), ("FALSE", False)])
def test_a_boolean_may_be_a_string(http: httpx.Client, engine: StandIn, value: str, streamed: bool) -> None:
    engine.delays = {5: 0.3}  # a short clip that is complete at once also states its length
    response = speak(http, stream=value)
    assert response.status_code == 200
    assert ("content-length" in response.headers) is not streamed


@pytest.mark.parametrize("value", ["yes", "1", "", "none"])
@pytest.mark.parametrize("field", ["stream", "timestamps"])
def test_another_word_for_a_boolean_is_a_clear_error(http: httpx.Client, field: str, value: str) -> None:
    response = speak(http, **{field: value})
    assert response.status_code == 400
    assert response.json()["error"]["message"] == f"Invalid '{field}': Input should be a valid boolean."


@pytest.mark.parametrize("fields", [{}, {"model": ""}, {"model": None}])
def test_a_request_without_a_model_has_the_servers_own(http: httpx.Client, fields: dict[str, object]) -> None:
    assert speak(http, **fields).status_code == 200


@pytest.mark.parametrize("voice", ["", None, {"id": ""}])
def test_an_empty_voice_is_the_servers_own(http: httpx.Client, voice: object) -> None:
    assert speak(http, voice=voice).status_code == 200


def test_voices_of_other_servers_are_spoken_if_a_setting_names_them(serve: Serve) -> None:
    http = serve(voice_aliases=frozenset({"af_heart", "21m00Tcm4TlvDq8ikWAM"}))
    for voice in ("af_heart", "21m00Tcm4TlvDq8ikWAM", "alloy", "soprano"):
        assert speak(http, voice=voice).status_code == 200
    response = speak(http, voice="default")
    assert response.status_code == 400
    assert "21m00Tcm4TlvDq8ikWAM" in response.json()["error"]["message"]


@pytest.mark.parametrize("voice", ["default", "EXAVITQu4vr4xnSDxMaL", "af_bella+af_sky", "*"])
def test_every_voice_is_spoken_if_the_setting_has_an_asterisk(serve: Serve, voice: str) -> None:
    http = serve(voice_aliases=frozenset({"*"}))
    assert speak(http, voice=voice).status_code == 200
    assert speak(http, voice={"id": voice}).status_code == 200
    assert speak(http, voice=5).status_code == 400


def test_an_unknown_voice_is_told_what_helps(http: httpx.Client) -> None:
    response = speak(http, voice="af_heart")
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_value", "voice")
    assert "'af_heart'" in error["message"]
    assert "soprano, alloy, ash" in error["message"]
    assert "SOPRANO_VOICE_ALIASES" in error["message"]
