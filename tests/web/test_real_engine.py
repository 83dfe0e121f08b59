"""The whole path: the page, the proxy, a real tritonserver with a small model, sound."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from launch.triton.server import TritonServer
from proxy.settings import Settings
from proxy.synthesis.grpc import GrpcSynthesizer
from tests.model_repository.clients import metric
from tests.proxy.listening import read_samples
from tests.proxy.live_server import live_server
from tests.waiting import wait_until
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

TEXT = "Hello there. This is the second sentence, and it is a little longer than the first one."


@pytest.fixture
def url(triton: TritonServer, settings: Settings) -> Iterator[str]:
    with live_server(settings, lambda: GrpcSynthesizer(triton.grpc_url)) as url:
        yield url


def test_a_text_is_heard(visitor: Visitor) -> None:
    visitor.say(TEXT, format="pcm")
    visitor.wait_for_sound()
    visitor.wait_for("Done.", timeout=120)
    name, data = visitor.downloaded()
    assert name == "speech.pcm"
    seconds = read_samples(data, 24000).seconds
    expect(visitor.figure("Duration")).to_have_text(f"{seconds:.2f} s")
    assert visitor.transcript.text_content() == TEXT
    expect(visitor.transcript.locator(".unspoken")).to_be_empty()


def test_stop_frees_the_engine(visitor: Visitor, triton: TritonServer) -> None:
    before = metric(triton, "soprano_cancelled_total")
    visitor.say("This sentence is one of many that nobody will hear to the end. " * 60, format="pcm")
    visitor.wait_for_sound()
    visitor.stop.click()
    wait_until(lambda: metric(triton, "soprano_cancelled_total") == before + 1, timeout=5)


def test_what_is_typed_is_heard(visitor: Visitor) -> None:
    visitor.live.check()
    visitor.type(TEXT[:60])
    visitor.wait_for_sound()
    visitor.type(TEXT[60:])
    visitor.text.press("Enter")
    visitor.live.uncheck()
    visitor.wait_for("Done.", timeout=120)
    assert visitor.transcript.text_content() == f"{TEXT}\n"
    expect(visitor.transcript.locator(".unspoken")).to_have_text("\n")
