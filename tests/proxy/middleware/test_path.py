"""Every route answers at whatever clients make of its path, and below a path prefix."""

from collections.abc import Callable

import httpx
import pytest

from proxy.settings import Settings
from tests.proxy.conftest import Serve
from tests.proxy.live.client import speech_client
from tests.proxy.stand_in import StandIn

SPEECH = {"input": "Hello.", "response_format": "pcm"}
ROOT = "/speech/v2"

GETS = [
    "/v1/models",
    "/models",
    "/v1/models/soprano",
    "/v1/audio/models",
    "/v1/audio/voices",
    "/v1/voices",
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/page/style.css",
    "/static-offline-docs/swagger-ui.css",
]
SPELLINGS: dict[str, Callable[[str], str]] = {
    "trailing": lambda path: f"{path}/",
    "two trailing": lambda path: f"{path}//",
    "doubled": lambda path: f"/{path}",
    "doubled within": lambda path: "/" + path[1:].replace("/", "//"),
}
VERSIONS: dict[str, Callable[[str], str]] = {
    "again": lambda path: f"/v1{path}",
    "and again": lambda path: f"/v1/v1{path}",
    "with two slashes": lambda path: f"//v1/{path}/",
}


def asked(http: httpx.Client, path: str, method: str = "GET", **content: object) -> httpx.Response:
    """The response to a path that is sent as it stands."""
    url = http.base_url.copy_with(raw_path=path.encode())
    return http.request(method, url, follow_redirects=False, **content)  # type: ignore[arg-type]


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize("path", GETS)
def test_slashes_too_many_do_not_matter(http: httpx.Client, path: str, spell: Callable[[str], str]) -> None:
    assert asked(http, spell(path)).status_code == 200


@pytest.mark.parametrize("spell", VERSIONS.values(), ids=VERSIONS.keys())
@pytest.mark.parametrize("path", [path for path in GETS if path.startswith("/v1")])
def test_a_second_version_does_not_matter(http: httpx.Client, path: str, spell: Callable[[str], str]) -> None:
    assert asked(http, spell(path)).json() == asked(http, path).json()


@pytest.mark.parametrize("spell", [*SPELLINGS.values(), *VERSIONS.values()], ids=[*SPELLINGS, *VERSIONS])
def test_a_post_keeps_its_body(http: httpx.Client, engine: StandIn, spell: Callable[[str], str]) -> None:
    assert asked(http, spell("/v1/audio/speech"), "POST", json=SPEECH).status_code == 200
    assert engine.asked[0].text == "Hello."


@pytest.mark.parametrize("spell", [*SPELLINGS.values(), *VERSIONS.values()], ids=[*SPELLINGS, *VERSIONS])
def test_a_websocket_is_opened_as_well(url: str, spell: Callable[[str], str]) -> None:
    with speech_client(url, spell("/v1/audio/speech/ws")) as client:
        client.start()
        client.say("Hello.")
        assert client.hear()["type"] == "response.done"


@pytest.mark.parametrize("path", ["//", "/?x=1", "//?x=//"])
def test_the_page_has_no_other_name(http: httpx.Client, path: str) -> None:
    assert asked(http, path).text == asked(http, "/").text


@pytest.mark.parametrize(
    "path",
    [
        *("/v1", "/v1/", "/v1/v1", "/v12/models", "/v1/v1models", "/v1/nothing", "/v1/models/%2F"),
        *("/v1/readyz", "/v1/readyz/", "/v1/v1/readyz", "/v1/test", "//v1/test", "/speech/v1/models"),
    ],
)
def test_what_does_not_exist_is_not_found(http: httpx.Client, path: str) -> None:
    response = asked(http, path)
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_the_query_is_kept(http: httpx.Client) -> None:
    assert "soprano" in asked(http, "//v1/audio/voices/?legacy=true").json()["voices"]


@pytest.fixture
def below(serve: Serve) -> httpx.Client:
    """A client of a server with a path prefix."""
    return serve(root_path=ROOT)


@pytest.mark.parametrize("prefix", [ROOT, "", f"/{ROOT}/"], ids=["kept", "stripped", "kept with slashes"])
def test_every_route_answers_below_a_prefix_stripped_or_not(below: httpx.Client, prefix: str) -> None:
    for path in GETS:
        assert asked(below, prefix + path).status_code == 200, path
    assert asked(below, f"{prefix}/v1/audio/speech", "POST", json=SPEECH).status_code == 200
    assert asked(below, f"{prefix}/v1/v1/audio/speech/", "POST", json=SPEECH).status_code == 200
    assert asked(below, f"{prefix}/").headers["content-type"].startswith("text/html")
    assert asked(below, f"{prefix}/v1/nothing").status_code == 404
    with speech_client(str(below.base_url).rstrip("/"), f"{prefix}/v1/audio/speech/ws") as client:
        assert client.wait_for("session.created")


@pytest.mark.parametrize("path", ["/speech/v1/models", "/speech/v2x/v1/models", "/other/v1/models"])
def test_another_prefix_is_not_found(below: httpx.Client, path: str) -> None:
    assert asked(below, path).status_code == 404


def test_the_page_is_opened_where_its_relative_addresses_lead_somewhere(below: httpx.Client) -> None:
    for method in ("GET", "HEAD"):
        response = asked(below, ROOT, method)
        assert (response.status_code, response.headers["location"]) == (307, f"{ROOT}/")
        assert response.headers["x-request-id"]
    assert asked(below, ROOT, "POST").status_code == 405


@pytest.mark.parametrize(
    ("given", "read"), [("/speech", "/speech"), ("/speech/", "/speech"), ("/a/b", "/a/b"), ("/", ""), ("", "")]
)
def test_a_prefix_begins_with_a_slash_and_ends_without(given: str, read: str) -> None:
    assert Settings(root_path=given).root_path == read


@pytest.mark.parametrize("given", ["speech", "//speech", "/a//b", "/a b", "/a?b", "http://host/speech", "/a%20b"])
def test_something_else_is_no_prefix(given: str) -> None:
    with pytest.raises(ValueError, match="root_path"):
        Settings(root_path=given)
