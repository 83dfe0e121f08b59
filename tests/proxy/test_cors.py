"""Web pages of other origins may call the API only if a setting allows it."""

import httpx
import pytest

from tests.proxy.conftest import Serve

PAGE = "https://page.example"
SPEECH = {"model": "tts-1", "input": "Hello."}
PREFLIGHT = {
    "origin": PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


def test_by_default_no_other_origin_may_call(http: httpx.Client) -> None:
    response = http.post("/v1/audio/speech", json=SPEECH, headers={"origin": PAGE})
    assert "access-control-allow-origin" not in response.headers
    assert http.options("/v1/audio/speech", headers=PREFLIGHT).status_code == 405


@pytest.mark.parametrize("origins", [{PAGE}, {"*"}])
def test_configured_origins_may_call(serve: Serve, origins: set[str]) -> None:
    client = serve(cors_origins=frozenset(origins), api_keys=frozenset({"key"}))
    preflight = client.options("/v1/audio/speech", headers=PREFLIGHT)
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    headers = {"origin": PAGE, "authorization": "Bearer key"}
    response = client.post("/v1/audio/speech", json=SPEECH, headers=headers)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] in {PAGE, "*"}
    assert "x-request-id" in response.headers["access-control-expose-headers"]
    assert "x-soprano-checkpoint" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origins", [{PAGE}, {"*"}])
def test_configured_origins_may_call_from_a_public_network(serve: Serve, origins: set[str]) -> None:
    client = serve(cors_origins=frozenset(origins))
    headers = PREFLIGHT | {"access-control-request-private-network": "true"}
    preflight = client.options("/v1/audio/speech", headers=headers)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-private-network"] == "true"
    assert "access-control-allow-private-network" not in client.options("/v1/audio/speech", headers=PREFLIGHT).headers
    stranger = client.options("/v1/audio/speech", headers=headers | {"origin": "https://another.example"})
    assert stranger.is_success is ("*" in origins)


def test_other_origins_still_may_not_call(serve: Serve) -> None:
    client = serve(cors_origins=frozenset({"https://another.example"}))
    response = client.post("/v1/audio/speech", json=SPEECH, headers={"origin": PAGE})
    assert "access-control-allow-origin" not in response.headers
