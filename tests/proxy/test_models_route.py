"""`GET /v1/models`: what it lists is what can be spoken with."""

import httpx
import pytest


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_every_listed_model_can_be_retrieved_and_spoken_with(http: httpx.Client, prefix: str) -> None:
    listing = http.get(f"{prefix}/models").json()
    assert listing["object"] == "list"
    names = [model["id"] for model in listing["data"]]
    assert {"soprano", "soprano-80m", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "my-voice"} == set(names)
    for model in listing["data"]:
        assert http.get(f"{prefix}/models/{model['id']}").json() == model
        body = {"model": model["id"], "input": "Hello."}
        assert http.post(f"{prefix}/audio/speech", json=body).status_code == 200


def test_dated_variant_can_be_retrieved(http: httpx.Client) -> None:
    assert http.get("/v1/models/gpt-4o-mini-tts-2025-12-15").json()["id"] == "gpt-4o-mini-tts-2025-12-15"


def test_unknown_model_is_not_found(http: httpx.Client) -> None:
    response = http.get("/v1/models/whisper-1")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"
