"""`HEAD`, by which monitors ask whether a server lives."""

import logging

import httpx
import pytest

from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn
from tests.waiting import wait_until

PATHS = [
    "/",
    "/page/style.css",
    "/health",
    "/health/live",
    "/health/ready",
    "/v1/models",
    "/v1/models/soprano",
    "/v1/audio/models",
    "/v1/audio/voices",
    "/voices",
    "/openapi.json",
    "/docs",
]
VARYING = {"date", "x-request-id"}


@pytest.mark.parametrize("path", [*PATHS, "/v1/models/nothing", "/nothing", "/v1/audio/speech"])
def test_it_has_the_status_and_the_headers_of_get_and_no_body(http: httpx.Client, path: str) -> None:
    http.get("/health/ready")
    got, headed = http.get(path), http.head(path)
    assert headed.content == b""
    assert headed.status_code == got.status_code
    assert {name: headed.headers[name] for name in headed.headers if name not in VARYING} == {
        name: got.headers[name] for name in got.headers if name not in VARYING
    }
    assert headed.headers["x-request-id"]


def test_it_tells_that_the_server_is_not_ready(serve: Serve, engine: StandIn) -> None:
    http = serve()
    engine.ready = False
    for path in ("/health", "/health/ready"):
        assert http.head(path).status_code == 503
    assert http.head("/health/live").status_code == 200


def test_it_needs_the_key_that_get_needs(serve: Serve) -> None:
    http = serve(api_keys=frozenset({"key"}), public_listings=False)
    assert http.head("/v1/models").status_code == 401
    assert http.head("/v1/models", headers={"authorization": "Bearer key"}).status_code == 200


def test_the_connection_can_be_used_again(http: httpx.Client) -> None:
    for _ in range(3):
        assert http.head("/v1/models").status_code == 200
        assert http.get("/v1/models").json()["data"]


def test_it_is_logged_and_counted_as_what_it_is(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    http = serve()
    with caplog.at_level(logging.INFO, logger="proxy"):
        http.head("/v1/models")
        wait_until(lambda: "HEAD /v1/models 200" in caplog.text)
    counted = 'soprano_proxy_requests_total{format="",route="/models",status="200"} 1.0'
    assert counted in http.get("/metrics").text
