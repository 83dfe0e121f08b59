"""Stop ends the sound and the server's work."""

import pytest
from playwright.sync_api import expect

from tests.proxy.listening import read_samples
from tests.waiting import wait_until
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "pcm"])
def test_stop_cancels_the_synthesis(visitor: Visitor, engine: PausedEngine, name: str) -> None:
    engine.paused_at = 9
    visitor.say("Hello there.", format=name)
    visitor.wait_for_sound()
    visitor.stop.click()
    assert engine.cancelled.wait(5)
    visitor.wait_for("Stopped.")
    wait_until(lambda: visitor.page.evaluate("playback.loudness() === 0"))


def test_stop_works_before_the_first_sound(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 0
    visitor.say("Hello there.")
    wait_until(lambda: engine.asked)
    visitor.stop.click()
    assert engine.cancelled.wait(5)
    visitor.wait_for("Stopped.")


def test_escape_stops(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 5
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for_sound()
    visitor.page.keyboard.press("Escape")
    assert engine.cancelled.wait(5)


def test_audio_from_before_the_stop_is_kept(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 5
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for_sound()
    visitor.stop.click()
    visitor.wait_for("Stopped.")
    _, data = visitor.downloaded()
    assert 0.1 < read_samples(data, 24000).seconds < 1.0


def test_speaking_again_cancels_the_first_clip(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 5
    visitor.say("The first.", format="pcm")
    visitor.wait_for_sound()
    engine.resumed.set()
    engine.paused_at = None
    engine.chunks = 3
    visitor.say("The second.", format="pcm")
    visitor.wait_for("Done.")
    expect(visitor.transcript).to_have_text("The second.")
    _, data = visitor.downloaded()
    assert read_samples(data, 24000).seconds == pytest.approx(engine.seconds, abs=0.001)


def test_stop_is_disabled_unless_something_plays(visitor: Visitor) -> None:
    expect(visitor.stop).to_be_disabled()
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    expect(visitor.stop).to_be_disabled()
