"""The file that the page offers for download has the received bytes."""

import io
import wave

import pytest
from playwright.sync_api import expect

from proxy.audio.formats import FormatName
from tests.proxy.responses.events import audio_of, events
from tests.proxy.responses.test_speech import CONTENT_TYPES, READERS
from tests.proxy.stand_in import FREQUENCY
from tests.web.paused_engine import PausedEngine
from tests.web.visitor import FORMATS, Visitor

pytestmark = pytest.mark.browser

each_format = pytest.mark.parametrize("name", FORMATS)


@each_format
def test_it_has_the_bytes_that_came(visitor: Visitor, engine: PausedEngine, name: FormatName) -> None:
    visitor.page.evaluate(
        """() => {
            const fetched = window.fetch;
            window.fetch = async (...request) => {
                const response = await fetched(...request);
                window.received = response.clone().text();
                return response;
            };
        }"""
    )
    visitor.say("Hello there.", format=name)
    visitor.wait_for("Done.")
    file, data = visitor.downloaded()
    assert file == f"speech.{name}"
    received = audio_of(events(visitor.page.evaluate("received").splitlines()))
    header = 44 if name == "wav" else 0
    assert data[header:] == received[header:]
    heard = READERS[name](data)
    assert heard.seconds == pytest.approx(engine.seconds, abs=0.1)
    assert heard.frequency() == pytest.approx(FREQUENCY, abs=0.5)


@each_format
def test_it_has_the_media_type_of_the_format(visitor: Visitor, name: FormatName) -> None:
    visitor.page.evaluate(
        """() => {
            const make = URL.createObjectURL;
            URL.createObjectURL = (file) => make(window.offered = file);
        }"""
    )
    visitor.say("Hello there.", format=name)
    visitor.wait_for("Done.")
    assert visitor.page.evaluate("offered.type") == CONTENT_TYPES[name]


def test_sizes_in_the_wav_header_are_completed(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.say("Hello there.", format="wav")
    visitor.wait_for("Done.")
    _, data = visitor.downloaded()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() == engine.samples


def test_it_is_offered_as_soon_as_all_has_come(visitor: Visitor, engine: PausedEngine) -> None:
    engine.chunks = 100
    visitor.say("Hello there.", format="pcm")
    expect(visitor.download).to_be_visible()
    assert visitor.stop.is_enabled()


def test_a_clip_can_be_heard_again_without_the_server(visitor: Visitor, engine: PausedEngine) -> None:
    visitor.say("Hello there.", format="pcm")
    visitor.wait_for("Done.")
    visitor.again.click()
    visitor.wait_for("Playing again…")
    visitor.wait_for_sound(clip=2)
    visitor.wait_for("Done.")
    assert len(engine.asked) == 1
