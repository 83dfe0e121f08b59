"""A server that requires a key."""

import pytest
from playwright.sync_api import expect

from proxy.settings import Settings
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> Settings:
    return Settings(triton_url="127.0.0.1:8001", api_keys=frozenset({"secret"}), public_listings=False)


def test_the_key_is_asked_for_and_then_works(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.say("Hello there.", format="pcm")
    expect(visitor.error).to_contain_text("This server wants an API key")
    expect(visitor.key).to_be_focused()
    visitor.page.keyboard.type("secret")
    visitor.page.keyboard.press("Enter")
    visitor.wait_for("Done.")
    assert len(engine.asked) == 1


def test_a_wrong_key(visitor: Visitor) -> None:
    visitor.key.fill("wrong")
    visitor.say("Hello there.")
    expect(visitor.error).to_contain_text("The API key is wrong.")
    expect(visitor.key).to_be_focused()


def test_a_key_that_no_header_can_carry(visitor: Visitor) -> None:
    visitor.key.fill("ключ")
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("An API key has only letters, digits and signs of ASCII.")


def test_it_opens_the_listings(visitor: Visitor) -> None:
    expect(visitor.voice.locator("option")).to_have_count(1)
    visitor.key.fill("secret")
    visitor.key.blur()
    expect(visitor.voice.locator("option")).to_have_count(14)


def test_it_stays_in_the_tab(visitor: Visitor) -> None:
    visitor.key.fill("secret")
    visitor.page.reload()
    expect(visitor.key).to_have_value("secret")
    assert visitor.page.evaluate("localStorage.length") == 0
    assert visitor.page.context.cookies() == []
    other = visitor.page.context.new_page()
    other.goto("/")
    expect(Visitor(other).key).to_have_value("")


def test_it_is_never_shown(visitor: Visitor) -> None:
    visitor.key.fill("secret")
    expect(visitor.key).to_have_attribute("type", "password")
    expect(visitor.curl).to_contain_text("$OPENAI_API_KEY")
    assert "secret" not in visitor.page.locator("body").inner_text()


def test_it_is_asked_for_while_text_is_typed(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.live.check()
    visitor.type("Hello there. ")
    expect(visitor.error).to_contain_text("This server wants an API key")
    expect(visitor.key).to_be_focused()
    expect(visitor.text).to_have_value("Hello there. ")
    visitor.page.keyboard.type("wrong")
    visitor.page.keyboard.press("Enter")
    expect(visitor.error).to_contain_text("The API key is wrong.")
    visitor.key.fill("secret")
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_sound()
    expect(visitor.error).to_be_empty()
    assert engine.spoken == ["hello there."]


@pytest.mark.parametrize("key", ["ключ", "a/b"])
def test_a_key_that_no_browser_can_send_while_text_is_typed(visitor: Visitor, key: str) -> None:
    visitor.key.fill(key)
    visitor.live.check()
    visitor.type("Hello there. ")
    expect(visitor.error).to_contain_text("key has")
    expect(visitor.text).to_have_value("Hello there. ")
