"""The listings name exactly what a speech request accepts."""

import httpx
import pytest

from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_every_listed_model_can_be_retrieved_and_spoken_with(http: httpx.Client, prefix: str) -> None:
    listing = http.get(f"{prefix}/models").json()
    assert listing["object"] == "list"
    names = [model["id"] for model in listing["data"]]
    assert {"soprano", "soprano-80m", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "my-voice"} == set(names)
    for model in listing["data"]:
        assert http.get(f"{prefix}/models/{model['id']}").json() == model
    for model in listing["data"]:
        body = {"model": model["id"], "input": "Hello."}
        assert http.post(f"{prefix}/audio/speech", json=body).status_code == 200


def test_dated_variant_can_be_retrieved(http: httpx.Client) -> None:
    assert http.get("/v1/models/gpt-4o-mini-tts-2025-12-15").json()["id"] == "gpt-4o-mini-tts-2025-12-15"


def test_unknown_model_is_not_found(http: httpx.Client) -> None:
    response = http.get("/v1/models/whisper-1")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_audio_models_are_the_models(http: httpx.Client, prefix: str) -> None:
    models, audio = (http.get(f"{prefix}{path}").json() for path in ("/models", "/audio/models"))
    assert audio == {**models, "models": models["data"]}


def test_listings_name_the_checkpoint_once_it_has_spoken(serve: Serve, engine: StandIn) -> None:
    def named() -> set[str | None]:
        rows = [*http.get("/v1/models").json()["data"], http.get("/v1/models/tts-1").json()]
        return {row["checkpoint"] for row in rows}

    http = serve()
    assert named() == {None}
    assert http.get("/health/ready").status_code == 200
    assert named() == {"stand-in"}
    engine.checkpoint = "another"
    http.post("/v1/audio/speech", json={"model": "tts-1", "input": "Hello."})
    assert named() == {"another"}


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_every_listed_voice_can_be_spoken_with(http: httpx.Client, prefix: str) -> None:
    listing = http.get(f"{prefix}/audio/voices").json()
    assert listing["object"] == "list"
    assert listing["voices"] == listing["data"]
    assert len(listing["voices"]) == 14
    for voice in listing["voices"]:
        assert voice["name"]
        for named in (voice["id"], {"id": voice["id"]}):
            body = {"model": "tts-1", "input": "Hello.", "voice": named}
            assert http.post(f"{prefix}/audio/speech", json=body).status_code == 200


@pytest.mark.parametrize("path", ["/voices", "/v1/voices", "/v1/audio/speech/voices", "/audio/speech/voices"])
def test_voices_are_listed_wherever_clients_look_for_them(http: httpx.Client, path: str) -> None:
    assert http.get(path).json() == http.get("/v1/audio/voices").json()
    assert http.get(path, params={"legacy": "true"}).json() == http.get("/v1/audio/voices?legacy=true").json()
    assert path not in http.get("/openapi.json").json()["paths"]


def test_aliases_of_the_voice_are_listed_by_name(serve: Serve) -> None:
    http = serve(voice_aliases=frozenset({"af_heart", "21m00Tcm4TlvDq8ikWAM", "alloy", "*"}))
    names = http.get("/v1/audio/voices", params={"legacy": "true"}).json()["voices"]
    assert names[-2:] == ["21m00Tcm4TlvDq8ikWAM", "af_heart"]
    assert len(names) == 16
    listed = http.get("/v1/audio/voices").json()["voices"]
    assert [voice["id"] for voice in listed] == names
    assert [voice["name"] for voice in listed[-2:]] == ["21m00Tcm4TlvDq8ikWAM", "Af_heart"]


def test_older_clients_get_voices_as_strings(http: httpx.Client) -> None:
    voices = [voice["id"] for voice in http.get("/v1/audio/voices").json()["voices"]]
    assert http.get("/v1/audio/voices", params={"legacy": "true"}).json() == {"voices": voices}


def test_a_wrong_query_is_an_error_in_shape(http: httpx.Client) -> None:
    response = http.get("/v1/audio/voices", params={"legacy": "perhaps"})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "legacy"
