"""`GET /docs`: the API reference, which loads nothing from other hosts."""

import re

import httpx
import pytest

from tests.proxy.conftest import Serve


def test_everything_that_it_loads_is_served_here(http: httpx.Client) -> None:
    page = http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    for url in loaded:
        assert url.startswith("/")
        assert http.get(url).status_code == 200


@pytest.mark.parametrize("given", ["/speech", ""], ids=["kept", "stripped"])
def test_it_works_below_a_path_prefix(serve: Serve, given: str) -> None:
    """Its addresses have the prefix, as a browser must send it; the reverse proxy may strip it."""
    http = serve(root_path="/speech")
    page = http.get(f"{given}/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"|url: \'([^\']+)\'', page)
    assert len(addresses) >= 4
    for address in map("".join, addresses):
        assert address.startswith("/speech/")
        assert http.get(address).status_code == 200
        assert http.get(address.removeprefix("/speech")).status_code == 200
    assert http.get(f"{given}/openapi.json").json()["servers"] == [{"url": "/speech"}]


def test_it_describes_speech_with_everything_that_is_referred_to(http: httpx.Client) -> None:
    (url,) = re.findall(r"url: '([^']+)'", http.get("/docs").text)
    description = http.get(url)
    assert "/v1/audio/speech" in description.json()["paths"]
    references = re.findall(r'"\$ref":"#/components/schemas/(\w+)"', description.text)
    assert {"AudioDelta", "AudioDone", "TimedSentence", "ErrorBody"} <= set(references)
    assert set(references) <= set(description.json()["components"]["schemas"])
    assert description.text.count('"$ref"') == len(references)


def test_it_describes_only_statuses_that_can_occur(http: httpx.Client) -> None:
    for path in http.get("/openapi.json").json()["paths"].values():
        assert all("422" not in operation["responses"] for operation in path.values())


def test_a_file_that_it_does_not_have_is_answered_in_shape(http: httpx.Client) -> None:
    response = http.get("/static-offline-docs/nothing.js")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_url"
