"""A server that makes as many clips as it may."""

import httpx
import pytest
from playwright.sync_api import expect

from proxy.settings import Settings
from tests.proxy.live.client import speech_client
from tests.waiting import wait_until
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> Settings:
    return Settings(triton_url="127.0.0.1:8001", max_in_flight=1)


def test_text_that_is_typed_waits_for_room(visitor: Visitor, url: str) -> None:
    visitor.live.check()
    with speech_client(url) as other:
        other.receive()
        visitor.type("Hello there. ")
        expect(visitor.error).to_contain_text("The limit of 1 clips at once is reached; try again later.")
        expect(visitor.text).to_have_value("Hello there. ")
    wait_until(lambda: "soprano_proxy_in_flight 0.0" in httpx.get(f"{url}/metrics").text)
    visitor.text.press("Enter")
    visitor.wait_for_sound()
    expect(visitor.error).to_be_empty()
