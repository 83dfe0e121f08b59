"""Text is spoken while it is typed."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from proxy.errors import ServerError
from tests.proxy.listening import read_with_libsndfile
from tests.waiting import wait_until
from tests.web.paused_engine import PausedEngine
from tests.web.test_access import CONTROLS, NOT_EMPTY
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

# Shorter ones that come together are spoken together.
FIRST, SECOND = "The first sentence is longer than it has to be.", "And the second one comes right after it."


@pytest.fixture
def typist(visitor: Visitor) -> Visitor:
    """A visitor who hears what they type."""
    visitor.live.check()
    return visitor


def test_a_sentence_is_heard_and_marked_before_the_next_one_is_complete(typist: Visitor, engine: PausedEngine) -> None:
    typist.type(f"{FIRST} And the")
    typist.wait_for_sound()
    wait_until(lambda: typist.marked() == [FIRST])
    assert engine.spoken == [FIRST.lower()]
    expect(typist.text).to_have_value("And the")
    typist.type(f"{SECOND.removeprefix('And the')} Wh")
    wait_until(lambda: typist.marked() == [FIRST, SECOND])
    assert engine.spoken == [FIRST.lower(), SECOND.lower()]
    expect(typist.transcript).to_have_text(f"{FIRST} {SECOND} ")
    expect(typist.text).to_have_value("Wh")


def test_pasted_text_leaves_its_unfinished_sentence_in_the_box(typist: Visitor, engine: PausedEngine) -> None:
    typist.text.fill("Dr. Who paid $3.50 for it! And there was")
    typist.wait_for_sound()
    assert engine.spoken == ["doctor who paid three dollars, fifty cents for it!"]
    expect(typist.text).to_have_value("And there was")


def test_the_sentence_that_is_being_written_can_be_corrected(typist: Visitor, engine: PausedEngine) -> None:
    typist.type("Helo there")
    typist.text.press("Home")
    for _ in range(3):
        typist.text.press("ArrowRight")
    typist.text.press("l")
    typist.type(", friend. ")
    wait_until(lambda: engine.spoken == ["hello there, friend."])


def test_enter_speaks_what_is_not_complete(typist: Visitor, engine: PausedEngine) -> None:
    typist.type("Hello there")
    typist.text.press("Enter")
    typist.wait_for_sound()
    assert engine.spoken == ["hello there."]
    expect(typist.text).to_have_value("")


def test_the_button_speaks_what_is_not_complete(typist: Visitor, engine: PausedEngine) -> None:
    typist.type("Hello there")
    typist.speak.click()
    typist.wait_for_sound()
    assert engine.spoken == ["hello there."]


def test_a_full_stop_is_enough_when_the_writer_pauses(typist: Visitor, engine: PausedEngine) -> None:
    typist.type("Hello there.")
    typist.wait_for_sound()
    assert engine.spoken == ["hello there."]
    expect(typist.text).to_have_value("")


def test_nothing_to_say(typist: Visitor, engine: PausedEngine) -> None:
    expect(typist.text).to_have_value("")  # the page's own text is not the visitor's
    typist.text.press("Enter")
    expect(typist.error).to_have_text("Type something to speak first.")
    assert not engine.asked


def test_stop_is_silence_at_once_and_drops_what_was_not_heard(typist: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 9
    typist.type(f"{FIRST} {SECOND} Wh")
    typist.wait_for_sound()
    typist.stop.click()
    assert engine.cancelled.wait(5)
    typist.wait_for("Stopped.")
    wait_until(lambda: typist.page.evaluate("playback.loudness() === 0"))
    expect(typist.text).to_have_value("Wh")
    engine.resumed.set()
    engine.asked.clear()
    typist.type("at was that? ")
    typist.wait_for_sound(clip=2)
    assert engine.spoken == ["what was that?"]


def test_the_clip_ends_when_the_mode_does(typist: Visitor, engine: PausedEngine) -> None:
    typist.type(f"{FIRST} {SECOND} ")
    typist.live.uncheck()
    typist.wait_for("Done.")
    assert engine.spoken == [FIRST.lower(), SECOND.lower()]
    expect(typist.figure("Duration")).to_have_text("3.84 s")
    name, data = typist.downloaded()
    assert name == "speech.wav"
    assert read_with_libsndfile(data).seconds == pytest.approx(2 * engine.seconds, abs=0.01)


def test_the_clip_ends_when_nothing_is_typed_for_a_while(page: Page, engine: PausedEngine) -> None:
    page.clock.install()
    page.goto("/")
    visitor = Visitor(page)
    visitor.live.check()
    visitor.type(f"{FIRST} ")
    visitor.wait_for_sound()
    expect(page.locator("#clock")).to_have_text("0:01.9 of 0:01.9")
    visitor.wait_for("Speaking what you type…")
    page.clock.run_for(30_000)
    visitor.wait_for("Done.")
    engine.asked.clear()
    visitor.type(f"{SECOND} ")
    wait_until(lambda: engine.spoken == [SECOND.lower()])
    expect(visitor.transcript).to_have_text(f"{SECOND} ")


def test_a_failure_is_told_and_the_text_that_was_not_spoken_comes_back(typist: Visitor, engine: PausedEngine) -> None:
    engine.error, engine.failures = ServerError("The engine broke."), 1
    typist.type(f"{FIRST} ")
    expect(typist.error).to_have_text("The engine broke.")
    expect(typist.text).to_have_value(f"{FIRST} ")
    typist.type(f"{SECOND} ")  # does not fail again with every key
    expect(typist.text).to_have_value(f"{FIRST} {SECOND} ")
    assert len(engine.asked) == 1
    typist.text.press("Enter")
    expect(typist.error).to_be_empty()
    wait_until(lambda: engine.spoken[1:] == [FIRST.lower(), SECOND.lower()])


def test_a_connection_that_is_lost(visitor: Visitor, engine: PausedEngine) -> None:
    sockets: list[WebSocketRoute] = []

    def relay(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    visitor.page.route_web_socket("**/v1/audio/speech/ws", relay)
    visitor.live.check()
    engine.paused_at = 9
    visitor.type(f"{FIRST} {SECOND} ")
    visitor.wait_for_sound()
    sockets[0].close(code=1012)
    expect(visitor.error).to_have_text("The connection ended before the speech was complete.")
    visitor.wait_for("Cut off.")
    expect(visitor.text).to_have_value(f"{FIRST} {SECOND} ")


def test_a_server_that_cannot_be_reached(visitor: Visitor) -> None:
    visitor.page.context.set_offline(True)
    visitor.live.check()
    visitor.type(f"{FIRST} ")
    expect(visitor.error).to_have_text("The connection to the server failed.")
    expect(visitor.text).to_have_value(f"{FIRST} ")


def test_every_control_has_a_name(typist: Visitor) -> None:
    typist.type(f"{FIRST} ")
    typist.wait_for_sound()
    controls = typist.page.locator(CONTROLS).filter(visible=True).all()
    assert len(controls) == 12
    for control in controls:
        expect(control).to_have_accessible_name(NOT_EMPTY)
    expect(typist.live).to_have_accessible_description(re.compile("leaves the box"))


def test_it_works_below_a_prefix(page: Page, url: str) -> None:
    page.route(f"{url}/tts/**", lambda route: route.continue_(url=route.request.url.replace("/tts/", "/")))
    page.goto("/tts/")
    visitor = Visitor(page)
    visitor.live.check()
    with page.expect_websocket() as socket:
        visitor.type(f"{FIRST} ")
    assert socket.value.url == url.replace("http", "ws") + "/tts/v1/audio/speech/ws"
