"""The page marks the current sentence in the user's own text."""

import pytest
from playwright.sync_api import expect

from proxy.synthesis.interface import SentenceStart
from tests.proxy.stand_in import CHUNK_SAMPLES
from tests.waiting import wait_until
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser

# Emoji are one code point and two of JavaScript's units.
TEXT = "🎵🎵 It cost £3. Dr. Who paid!\nAll of it."
STARTS = [TEXT.index("🎵"), TEXT.index("Dr."), TEXT.index("All")]
ENDS = [TEXT.index(" Dr."), TEXT.index("\n"), len(TEXT)]
WRITTEN = [TEXT[start:end] for start, end in zip(STARTS, ENDS, strict=True)]

SPOKEN = ["it cost three pounds.", "doctor who paid!", "all of it."]


@pytest.fixture
def engine() -> PausedEngine:
    sentences = [SentenceStart(n, 5 * n * CHUNK_SAMPLES, STARTS[n], ENDS[n], SPOKEN[n]) for n in range(3)]
    return PausedEngine(chunks=15, sentences={5 * n: (sentence,) for n, sentence in enumerate(sentences)})


@pytest.mark.parametrize("name", ["mp3", "pcm"])
def test_each_sentence_is_marked_in_turn(visitor: Visitor, name: str) -> None:
    visitor.say(TEXT, format=name)
    visitor.wait_for("Done.")
    assert visitor.marked() == WRITTEN
    expect(visitor.transcript.locator("[aria-current]")).to_have_count(0)
    assert visitor.transcript.text_content() == TEXT


def test_what_is_not_known_yet_is_not_marked(visitor: Visitor, engine: PausedEngine) -> None:
    engine.paused_at = 11
    visitor.say(TEXT, format="pcm")
    wait_until(lambda: visitor.marked() == WRITTEN[:2])
    expect(visitor.transcript.locator(".unspoken")).to_have_text("All of it.")
    engine.resumed.set()
    visitor.wait_for("Done.")
    expect(visitor.transcript.locator(".unspoken")).to_be_empty()


def test_duration_is_the_servers(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.say(TEXT, format="mp3")
    visitor.wait_for("Done.")
    expect(visitor.figure("Duration")).to_have_text(f"{engine.seconds:.2f} s")


def test_the_picture_grows_as_audio_comes(visitor: Visitor, engine: PausedEngine) -> None:
    """The clip's clock shows how much of it is drawn."""
    engine.paused_at = 5
    visitor.say(TEXT, format="mp3")
    clock = visitor.page.locator("#clock")
    expect(clock).to_have_text("0:00.9 of 0:00.9")
    engine.resumed.set()
    visitor.wait_for("Done.")
    expect(clock).to_have_text("0:02.9 of 0:02.9")


def test_what_is_said_is_shown_when_it_is_asked_for(visitor: Visitor) -> None:
    visitor.say(TEXT, format="mp3")
    visitor.wait_for("Done.")
    sentences = visitor.page.locator("#spoken li")
    expect(sentences.first).to_be_hidden()
    visitor.page.get_by_text("What is said").click()
    expect(sentences).to_have_text(SPOKEN)
