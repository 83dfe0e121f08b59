"""The page shows errors with the server's own message."""

import base64
import json

import pytest
from playwright.sync_api import expect

from proxy.errors import QueueFull, ServerError, ServiceUnavailable
from proxy.settings import Settings
from tests.proxy.listening import read_samples
from tests.proxy.stand_in import sine
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser


def test_a_refused_request(visitor: Visitor, settings: Settings) -> None:
    visitor.say("x" * (settings.max_input_characters + 1))
    expect(visitor.error).to_have_text("Invalid 'input': at most 4096 characters are allowed, got 4097.")
    expect(visitor.stop).to_be_disabled()


def test_nothing_to_say(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.say("  ")
    expect(visitor.error).to_have_text("Type something to speak first.")
    expect(visitor.text).to_be_focused()
    assert not engine.asked


def test_a_full_queue_says_when_to_come_back(visitor: Visitor, engine: PausedEngine) -> None:
    engine.error = QueueFull("Too many requests are open.")
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("Too many requests are open. Try again in 1 second.")


def test_a_failure_after_some_audio(visitor: Visitor) -> None:
    delta = {"type": "speech.audio.delta", "audio": base64.b64encode(sine(24000).tobytes()).decode()}
    failure = {"type": "speech.audio.error", "error": {"message": "The engine broke."}}
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in (delta, failure))
    visitor.page.route("**/v1/audio/speech", lambda route: route.fulfill(body=body))
    visitor.say("Hello there.", format="pcm")
    expect(visitor.error).to_have_text("The engine broke.")
    visitor.wait_for("Cut off.")
    expect(visitor.figure("Duration")).to_have_text("1.00 s")


def test_what_came_before_a_failure_is_heard_and_kept(visitor: Visitor, engine: PausedEngine) -> None:
    engine.error, engine.fails_at, engine.delays = ServerError("The engine broke."), 5, {5: 0.5}
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for_sound()
    visitor.wait_for("Cut off.")
    expect(visitor.error).to_have_text("The engine broke.")
    _, data = visitor.downloaded()
    assert read_samples(data, 24000).seconds == pytest.approx(0.96, abs=0.02)


def test_the_next_clip_takes_the_message_away(visitor: Visitor, engine: PausedEngine) -> None:
    engine.error = QueueFull("Too many requests are open.")
    visitor.say("Hello there.")
    expect(visitor.error).not_to_be_empty()
    engine.error = None
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    expect(visitor.error).to_be_empty()


def test_a_connection_that_fails(visitor: Visitor) -> None:
    visitor.page.route("**/v1/audio/speech", lambda route: route.abort())
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("The connection to the server failed.")


def test_an_answer_that_is_not_the_servers(visitor: Visitor) -> None:
    visitor.page.route("**/v1/audio/speech", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("The server answered with status 502.")


def test_a_stream_that_ends_too_early(visitor: Visitor) -> None:
    visitor.page.route("**/v1/audio/speech", lambda route: route.fulfill(status=200, body=""))
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("The connection ended before the speech was complete.")


def test_the_page_warns_until_speech_can_be_made(visitor: Visitor, engine: PausedEngine) -> None:
    expect(visitor.notice).to_be_hidden()
    engine.ready = False
    visitor.page.reload()
    expect(visitor.notice).to_contain_text("Speech cannot be made yet. The stand-in is not ready.")
    engine.ready = True
    expect(visitor.notice).to_be_hidden(timeout=20_000)


def test_a_server_that_is_no_longer_ready_is_looked_at_again(visitor: Visitor, engine: PausedEngine) -> None:
    engine.error, engine.ready = ServiceUnavailable("Triton is down."), False
    visitor.say("Hello there.")
    expect(visitor.error).to_have_text("Triton is down. Try again in 5 seconds.")
    expect(visitor.notice).to_contain_text("Speech cannot be made yet.")
