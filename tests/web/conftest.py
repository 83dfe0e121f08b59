from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from proxy.settings import Settings
from tests.proxy.live_server import live_server
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",  # Chromium's needs privileges that containers do not have
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PLAYBACK_RECORDER = Path(__file__).with_name("playback_recorder.js")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"These tests need {CHROMIUM}: install it with `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def settings() -> Settings:
    """The settings of the server; a test module may override them."""
    return Settings(triton_url="127.0.0.1:8001")


@pytest.fixture
def engine() -> PausedEngine:
    """The speech engine behind the server: a stand-in that the test configures."""
    return PausedEngine()


@pytest.fixture
def url(settings: Settings, engine: PausedEngine) -> Iterator[str]:
    """The URL of a running server that is ready."""
    with live_server(settings, lambda: engine) as url:
        assert httpx.get(f"{url}/health/ready").status_code == 200
        engine.asked.clear()
        engine.finished = 0
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """An empty browser page; the test fails on errors in it and on requests to other servers."""
    context = browser.new_context(base_url=url)
    context.set_default_timeout(20_000)
    context.add_init_script(path=PLAYBACK_RECORDER)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.extend(_complaint(message)))
    page.on("request", lambda request: wrong.extend([] if _stays(request.url, url) else [request.url]))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def visitor(page: Page) -> Visitor:
    """A visitor who has just opened the page."""
    page.goto("/")
    return Visitor(page)


def _complaint(message: ConsoleMessage) -> list[str]:
    """An error on the console, such as a violation of the policy; failed requests are left to the tests."""
    about_request = message.text.startswith(("Failed to load resource: ", "WebSocket connection to "))
    return [message.text] if message.type in {"error", "warning"} and not about_request else []


def _stays(target: str, url: str) -> bool:
    return target.startswith((f"{url}/", "data:", f"blob:{url}/"))
