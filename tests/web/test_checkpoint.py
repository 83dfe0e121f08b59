"""The page says which checkpoint speaks."""

import pytest
from playwright.sync_api import expect

from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Soprano-1.1-80M", "You hear Soprano-1.1-80M."),
        ("builtin", "You hear builtin, the small built-in voice; the weights of Soprano sound better."),
        ("synthetic", "The weights are synthetic: they make noise, not speech."),
    ],
)
def test_it_is_named(engine: PausedEngine, visitor: Visitor, name: str, words: str) -> None:
    engine.checkpoint = name
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    visitor.page.reload()
    expect(visitor.checkpoint).to_have_text(words)


def test_it_is_named_once_the_server_can_speak(engine: PausedEngine, visitor: Visitor) -> None:
    engine.checkpoint = ""
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    engine.ready = False
    visitor.page.reload()
    expect(visitor.notice).to_contain_text("Speech cannot be made yet.")
    expect(visitor.checkpoint).to_be_hidden()
    engine.checkpoint, engine.ready = "builtin", True
    expect(visitor.checkpoint).to_contain_text("You hear builtin", timeout=20_000)
