"""`GET /`: the page, its files and its headers."""

import re

import httpx
import pytest

from proxy.routers.page import FILES
from tests.proxy.conftest import Serve
from tests.proxy.stand_in import StandIn

MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
PATHS = ["/", *(f"/page/{name}" for name in sorted(FILES))]
each_path = pytest.mark.parametrize("path", PATHS)


def test_the_page(http: httpx.Client) -> None:
    response = http.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Soprano speech</title>" in response.text


def test_asking_for_it_makes_no_speech(http: httpx.Client, engine: StandIn) -> None:
    http.get("/")
    assert engine.asked == []


@each_path
def test_every_file_has_its_type(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.status_code == 200
    extension = path.rpartition(".")[2] if path != "/" else "html"
    assert response.headers["content-type"].startswith(MEDIA_TYPES[extension])


@each_path
def test_nothing_comes_from_elsewhere(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    policy = dict(directive.split(" ", 1) for directive in headers["content-security-policy"].split("; "))
    assert policy.pop("media-src") == "'self' blob:"
    assert policy.pop("img-src") == "'self' data:"
    for directive in ("script-src", "style-src", "connect-src"):
        assert policy.pop(directive) == "'self'"
    assert policy == dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@each_path
def test_an_upgrade_shows_at_once(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    assert headers["cache-control"] == "no-cache"
    assert headers["etag"]


def test_head_is_answered(http: httpx.Client) -> None:
    response = http.head("/")
    assert (response.status_code, response.content) == (200, b"")


def test_it_refers_only_to_files_that_are_there(http: httpx.Client) -> None:
    """The URLs are relative, so that the page works below a path prefix."""
    for path in PATHS:
        text = http.get(path).text
        for target in re.findall(r"""(?:href|src)="([^"]+)"|\bfrom "([^"]+)\"""", text):
            url = httpx.URL(f"http://server{path}").join("".join(target))
            assert "".join(target).startswith("./")
            assert http.get(url.path).status_code == 200, url


@pytest.mark.parametrize("path", ["/page/", "/page/other.js", "/page/../settings.py", "/page/%2e%2e%2fsettings.py"])
def test_there_are_no_other_files(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_url"


def test_it_needs_no_key(serve: Serve) -> None:
    guarded = serve(api_keys=frozenset({"key"}), public_listings=False)
    for path in PATHS:
        assert guarded.get(path).status_code == 200


def test_it_is_not_in_the_api_description(http: httpx.Client) -> None:
    assert not {"/", "/page/{name}"} & set(http.get("/openapi.json").json()["paths"])
